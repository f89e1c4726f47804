// Forward-only migrations: files NNNN_verb_noun.sql, numbered from 0001 without a gap, each applied
// in one transaction and remembered with its SHA-256 in schema_migration.
#ifndef WAYMARK_COMMON_DB_MIGRATE_H_
#define WAYMARK_COMMON_DB_MIGRATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/secret.h"
#include "common/db/database.h"

namespace waymark::db {

// A row of migrations that is numbered for itself: "common" for the tables every service has, and
// one per service. `folder` is common/db/migrations in the source tree, or where they are
// installed.
struct MigrationLine {
  std::string name;
  std::string folder;
};

// What a program was built for: it serves a schema from `min_compatible` to `current`.
struct SchemaRange {
  std::string line;
  int current = 0;
  int min_compatible = 0;
};

// The tables of this room and of common/outbox.
inline constexpr absl::string_view kCommonLine = "common";
inline constexpr absl::string_view kCommonFolder = "common/db/migrations";
SchemaRange CommonSchema();

// Applies what is missing, line by line in the given order; several may run at once, one works.
// `owner_dsn` is a direct connection of the role that owns the schema. In a file `${runtime}`
// stands for `runtime_role` ([a-z_][a-z0-9_]*), the role that services log in as; files grant it
// table rights and nothing else. FAILED_PRECONDITION MIGRATION_EDITED: an applied file has changed;
// MIGRATION_UNKNOWN: the database is newer than these files; MIGRATION_MISNAMED: a file name or
// number is wrong; MIGRATION_FAILED: a file was refused, and nothing of it stays. UNAVAILABLE
// DATABASE_UNAVAILABLE.
absl::Status Migrate(const crypto::SecretBytes& owner_dsn, absl::string_view runtime_role,
                     const std::vector<MigrationLine>& lines);

// At start, as the runtime role. FAILED_PRECONDITION SCHEMA_TOO_OLD: migrate first; SCHEMA_TOO_NEW:
// this program is older than the database.
absl::Status CheckSchema(Database& database, absl::Time deadline,
                         const std::vector<SchemaRange>& ranges);

}  // namespace waymark::db

#endif  // WAYMARK_COMMON_DB_MIGRATE_H_
