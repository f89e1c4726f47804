// The rules that every table of every service keeps, checked against a real database.
#ifndef WAYMARK_COMMON_TESTING_SCHEMA_WALK_H_
#define WAYMARK_COMMON_TESTING_SCHEMA_WALK_H_

#include <map>
#include <string>
#include <vector>

#include "common/testing/postgres_cluster.h"

namespace waymark::testing {

// Tables that may break the rules, each with the reason.
using Exempt = std::map<std::string, std::string>;

// The exempt tables that every database has.
Exempt CommonExempt();

// Walks every table outside PostgreSQL's own schemas and returns one sentence for each violation:
// - the column `tenant` leads the primary key and every unique and foreign key, and is not null;
// - no foreign key says ON DELETE SET NULL; there is no trigger;
// - row-level security is enabled and forced, and every policy reads waymark.tenant;
// - the runtime role owns nothing, may create nothing, is no superuser, does not bypass row-level
//   security and is a member of no other role; there is no sequence;
// - an exempt table exists and its reason is not empty.
// EXPECT_THAT(WalkSchema(database), IsEmpty()).
std::vector<std::string> WalkSchema(const TestDatabase& database,
                                    const Exempt& exempt = CommonExempt());

}  // namespace waymark::testing

#endif  // WAYMARK_COMMON_TESTING_SCHEMA_WALK_H_
