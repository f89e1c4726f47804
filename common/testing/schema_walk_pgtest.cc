#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/schema_walk.h"

namespace waymark::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(WalkSchemaPgTest, FindsNothingInATableThatKeepsTheRules) {
  const TestDatabase database;
  EXPECT_THAT(WalkSchema(database), IsEmpty());
}

TEST(WalkSchemaPgTest, NamesEveryBrokenRule) {
  const TestDatabase database;
  database.Query(
      "SET ROLE waymark_owner;"
      "CREATE TABLE bare (id uuid);"
      "CREATE TABLE parent (tenant text, id int, PRIMARY KEY (tenant, id));"
      "CREATE TABLE child (tenant text, id bigint GENERATED ALWAYS AS IDENTITY, parent int,"
      " PRIMARY KEY (id), CONSTRAINT child_parent FOREIGN KEY (tenant, parent)"
      " REFERENCES parent ON DELETE SET NULL);"
      "ALTER TABLE parent ENABLE ROW LEVEL SECURITY; ALTER TABLE parent FORCE ROW LEVEL SECURITY;"
      "CREATE POLICY open ON parent USING (true);"
      "RESET ROLE; SELECT 1");
  EXPECT_THAT(WalkSchema(database),
              UnorderedElementsAre(
                  "table bare has row-level security disabled",
                  "table bare does not force row-level security on its owner",
                  "table bare has no column tenant NOT NULL", "table bare has no primary key",
                  "table bare has no policy", "table child has row-level security disabled",
                  "table child does not force row-level security on its owner",
                  "table child has no column tenant NOT NULL", "table child has no policy",
                  "table child: tenant does not lead child_pkey",
                  "table child: child_parent sets columns when its target goes",
                  "table parent: policy open does not compare with waymark.tenant",
                  "sequence child_id_seq exists"));
}

TEST(WalkSchemaPgTest, ExemptTableMustExistAndHaveAReason) {
  const TestDatabase database;
  Exempt exempt = CommonExempt();
  exempt["nowhere"] = "was dropped long ago";
  exempt["tenant"] = "";
  EXPECT_THAT(WalkSchema(database, exempt),
              UnorderedElementsAre("table tenant is exempt without a reason",
                                   "exempt table nowhere does not exist"));
}

TEST(WalkSchemaPgTest, RuntimeRoleMayOwnNothing) {
  const TestDatabase database;
  database.Query(
      "CREATE TABLE mine (tenant text PRIMARY KEY); ALTER TABLE mine OWNER TO waymark_runtime;"
      "ALTER TABLE mine ENABLE ROW LEVEL SECURITY; ALTER TABLE mine FORCE ROW LEVEL SECURITY;"
      "CREATE POLICY mine_of_tenant ON mine"
      " USING (tenant = nullif(current_setting('waymark.tenant', true), ''));"
      "GRANT CREATE ON SCHEMA public TO waymark_runtime; SELECT 1");
  const std::vector<std::string> violations = WalkSchema(database);
  EXPECT_THAT(violations,
              ::testing::IsSupersetOf(
                  {"table mine belongs to waymark_runtime, not to waymark_owner",
                   "role waymark_runtime may create tables", "role waymark_runtime may truncate"}));
}

}  // namespace
}  // namespace waymark::testing
