#include "common/db/migrate.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/transaction>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/crypto.h"
#include "common/db/failure.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace waymark::db {
namespace {

// Any number that is ours: one migration at a time in a database.
constexpr char kLock[] = "SELECT pg_advisory_xact_lock(7281905436)";

constexpr char kCreateLedger[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " line text NOT NULL,"
    " number integer NOT NULL CHECK (number > 0),"
    " sha256 bytea NOT NULL,"
    " applied_at timestamptz NOT NULL,"
    " PRIMARY KEY (line, number))";

constexpr char kLedger[] =
    "SELECT number, encode(sha256, 'hex') FROM schema_migration WHERE line = $1 ORDER BY number";

constexpr char kRemember[] =
    "INSERT INTO schema_migration (line, number, sha256, applied_at)"
    " VALUES ($1, $2, decode($3, 'hex'), now())";

constexpr char kApplied[] =
    "SELECT line, max(number) FROM schema_migration GROUP BY line ORDER BY line";

struct File {
  int number = 0;
  std::string name;
  std::string sql;
  std::string sha256;  // hex
};

absl::Status Misnamed(absl::string_view name, absl::string_view why) {
  return status::FailedPrecondition("MIGRATION_MISNAMED",
                                    absl::StrCat("Migration ", name, ": ", why));
}

bool IsRoleName(absl::string_view role) {
  return !role.empty() && role.size() < 64 && !absl::ascii_isdigit(role[0]) &&
         std::all_of(role.begin(), role.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

absl::StatusOr<std::vector<File>> ReadLine(const MigrationLine& line) {
  std::vector<File> files;
  std::error_code error;
  std::filesystem::directory_iterator folder(line.folder, error);
  if (error) {
    return status::FailedPrecondition(
        "MIGRATION_FOLDER",
        absl::StrCat("Cannot read the migrations in ", line.folder, ": ", error.message()));
  }
  for (const auto& entry : folder) {
    const std::string name = entry.path().filename().string();
    if (!absl::EndsWith(name, ".sql")) continue;
    File file;
    file.name = name;
    if (name.size() < 10 || name[4] != '_' || !absl::SimpleAtoi(name.substr(0, 4), &file.number)) {
      return Misnamed(name, "name it NNNN_verb_noun.sql.");
    }
    std::ifstream stream(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) {
      return status::FailedPrecondition("MIGRATION_FOLDER",
                                        absl::StrCat("Cannot read ", entry.path().string()));
    }
    file.sql = text.str();
    const crypto::Digest digest = crypto::Sha256(file.sql);
    file.sha256 = absl::BytesToHexString(crypto::Bytes(digest));
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.number < b.number; });
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].number != static_cast<int>(i) + 1) {
      return Misnamed(files[i].name, absl::StrCat("expected number ", i + 1, " here."));
    }
  }
  return files;
}

// The first line of what PostgreSQL said about a fault in the SQL itself. Refusals that are about
// data may quote it and are told by their SQLSTATE only.
std::string Explain(const pqxx::sql_error& error) {
  if (!absl::StartsWith(error.sqlstate(), "42")) return absl::StrCat("SQLSTATE ", error.sqlstate());
  const std::string what = error.what();
  return what.substr(0, what.find('\n'));
}

// OK and *done set when every file of the line is applied; otherwise applies the next one.
absl::Status ApplyNext(pqxx::connection& connection, absl::string_view runtime_role,
                       const MigrationLine& line, const std::vector<File>& files, bool* done) {
  std::string at = line.name;
  try {
    pqxx::work transaction(connection);
    transaction.exec(kLock);
    transaction.exec(kCreateLedger);
    transaction.exec(absl::StrCat("GRANT SELECT ON schema_migration TO ", runtime_role));
    const pqxx::result applied = transaction.exec_params(kLedger, line.name);
    for (size_t i = 0; i < applied.size(); ++i) {
      const int64_t number = Int(applied[i][0]);
      if (i >= files.size()) {
        return status::FailedPrecondition(
            "MIGRATION_UNKNOWN",
            absl::StrCat("The database has migration ", number, " of line ", line.name,
                         ", which this release does not know. Use the newer release."));
      }
      if (number != files[i].number || Text(applied[i][1]) != files[i].sha256) {
        return status::FailedPrecondition(
            "MIGRATION_EDITED",
            absl::StrCat(files[i].name, " of line ", line.name,
                         " has changed since it was applied. Restore it and add a new file."));
      }
    }
    if (applied.size() == files.size()) {
      transaction.commit();
      *done = true;
      return absl::OkStatus();
    }
    const File& file = files[applied.size()];
    at = absl::StrCat(line.name, "/", file.name);
    transaction.exec(absl::StrReplaceAll(file.sql, {{"${runtime}", runtime_role}}));
    transaction.exec_params(kRemember, line.name, file.number, file.sha256);
    transaction.commit();
    log::Info("migration applied", {{"line", line.name}, {"file", file.name}});
    return absl::OkStatus();
  } catch (const pqxx::sql_error& error) {
    return status::FailedPrecondition("MIGRATION_FAILED", absl::StrCat(at, ": ", Explain(error)));
  } catch (...) {
    return CurrentFailure().status;
  }
}

}  // namespace

SchemaRange CommonSchema() { return {std::string(kCommonLine), 2, 1}; }

absl::Status Migrate(const crypto::SecretBytes& owner_dsn, absl::string_view runtime_role,
                     const std::vector<MigrationLine>& lines) {
  if (!IsRoleName(runtime_role)) {
    return status::InvalidArgument("ROLE_MALFORMED",
                                   "The runtime role is lower-case letters, digits and '_'.");
  }
  std::unique_ptr<pqxx::connection> connection;
  try {
    connection = std::make_unique<pqxx::connection>(
        WithSetting(WithSetting(owner_dsn.Reveal(), "target_session_attrs", "read-write"),
                    "connect_timeout", "10"));
  } catch (...) {
    return CurrentFailure().status;
  }
  const pqxx::quiet_errorhandler quiet(*connection);
  for (const MigrationLine& line : lines) {
    ASSIGN_OR_RETURN(const std::vector<File> files, ReadLine(line));
    for (bool done = false; !done;) {
      RETURN_IF_ERROR(ApplyNext(*connection, runtime_role, line, files, &done));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(Database& database, absl::Time deadline,
                         const std::vector<SchemaRange>& ranges) {
  std::map<std::string, int64_t> applied;
  absl::Status read = database.TransactWithoutTenant(deadline, [&](Transaction& txn) {
    applied.clear();
    ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kApplied));
    for (const pqxx::row& row : rows) applied[Text(row[0])] = Int(row[1]);
    return absl::OkStatus();
  });
  if (!read.ok() && Sqlstate(read) != "42P01") return read;  // 42P01: never migrated
  for (const SchemaRange& range : ranges) {
    const int64_t found = applied[range.line];
    if (found < range.min_compatible) {
      return status::FailedPrecondition(
          "SCHEMA_TOO_OLD", absl::StrCat("Line ", range.line, " of the database is at ", found,
                                         ", this program needs ", range.min_compatible,
                                         ". Run the migrations first."));
    }
    if (found > range.current) {
      return status::FailedPrecondition(
          "SCHEMA_TOO_NEW",
          absl::StrCat("Line ", range.line, " of the database is at ", found,
                       ", this program knows only ", range.current, ". Use the newer release."));
    }
  }
  return absl::OkStatus();
}

}  // namespace waymark::db
