#include "common/db/failure.h"

#include <exception>
#include <pqxx/except>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/db/transaction.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace waymark::db {
namespace {

constexpr absl::string_view kSqlstateKey = "sqlstate";
constexpr absl::string_view kConstraintKey = "constraint";

// 'violates unique constraint "case_number_is_unique"': libpqxx 6.4 offers the name nowhere else.
// Only a plain identifier is taken, so nothing that came with a row can slip through.
std::string ConstraintName(absl::string_view message) {
  constexpr absl::string_view kMark = "constraint \"";
  const size_t mark = message.find(kMark);
  if (mark == absl::string_view::npos) return "";
  message.remove_prefix(mark + kMark.size());
  const size_t end = message.find('"');
  if (end == absl::string_view::npos || end > 63) return "";
  const absl::string_view name = message.substr(0, end);
  for (char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_') return "";
  }
  return std::string(name);
}

Failure Unavailable() {
  Failure failure;
  failure.status = status::Unavailable("DATABASE_UNAVAILABLE",
                                       "The database cannot be reached. Nothing was written. "
                                       "Try again in a moment.");
  failure.broken = true;
  return failure;
}

Failure Internal(absl::string_view sentence) {
  Failure failure;
  failure.status = status::Internal("DATABASE_ERROR", sentence);
  return failure;
}

Failure Conflict(absl::string_view sqlstate) {
  Failure failure;
  failure.status = status::WithMetadata(
      status::Aborted("TRANSACTION_CONFLICT",
                      "Another change was made at the same moment. Try again."),
      kSqlstateKey, sqlstate);
  failure.conflict = true;
  return failure;
}

Failure FromSqlstate(const std::string& sqlstate, absl::string_view message) {
  const absl::string_view code = sqlstate;
  const std::string constraint = ConstraintName(message);
  Failure failure;
  if (code == "40001" || code == "40P01") {
    failure = Conflict(code);
  } else if (code == "57014") {
    failure.status = status::DeadlineExceeded(
        "DATABASE_DEADLINE", "The database did not finish before the deadline. Try again.");
  } else if (code == "55P03") {
    failure.status =
        status::Aborted("DATABASE_LOCKED", "Another change holds what this one needs. Try again.");
  } else if (code == "25006") {  // read only: the primary has become a replica
    failure = Unavailable();
    failure.stale = true;
  } else if (absl::StartsWith(code, "57P") || absl::StartsWith(code, "08") || code == "53300") {
    failure = Unavailable();
    failure.stale = absl::StartsWith(code, "57P");
  } else if (absl::StartsWith(code, "53")) {
    failure.status = status::ResourceExhausted(
        "DATABASE_OUT_OF_RESOURCES", "The database is out of memory or disk. Tell its operator.");
  } else if (code == "23505") {
    failure.status =
        status::AlreadyExists("UNIQUE_VIOLATED", "Something that must be unique exists already.");
  } else if (code == "23503" || code == "23P01" || code == "23001") {
    failure.status = status::FailedPrecondition(
        "CONSTRAINT_VIOLATED", "The change refers to something that is not there or overlaps.");
  } else if (code == "22021" || code == "22P05") {
    failure.status = status::InvalidArgument("TEXT_NOT_UTF8", "Text must be valid UTF-8.");
  } else {
    failure = Internal("The database refused a statement. This is a fault in the service.");
  }
  failure.status = status::WithMetadata(failure.status, kSqlstateKey, code);
  if (!constraint.empty()) {
    failure.status = status::WithMetadata(failure.status, kConstraintKey, constraint);
  }
  if (!failure.conflict) {
    log::Warning("database refused a statement", {{"sqlstate", code}, {"constraint", constraint}});
  }
  return failure;
}

}  // namespace

std::string Sqlstate(const absl::Status& status) { return status::Metadata(status, kSqlstateKey); }

std::string Constraint(const absl::Status& status) {
  return status::Metadata(status, kConstraintKey);
}

Failure CurrentFailure() {
  try {
    throw;
  } catch (const pqxx::broken_connection&) {
    return Unavailable();
  } catch (const pqxx::in_doubt_error&) {
    return Unavailable();
  } catch (const pqxx::statement_completion_unknown&) {
    return Unavailable();
  } catch (const pqxx::serialization_failure&) {
    return Conflict("40001");
  } catch (const pqxx::deadlock_detected&) {
    return Conflict("40P01");
  } catch (const pqxx::transaction_rollback&) {
    return Conflict("40000");
  } catch (const pqxx::insufficient_privilege& error) {
    return FromSqlstate("42501", error.what());  // the one that libpqxx 6.4 throws without its code
  } catch (const pqxx::sql_error& error) {
    return FromSqlstate(error.sqlstate(), error.what());
  } catch (const pqxx::failure&) {
    return Unavailable();
  } catch (const pqxx::conversion_error&) {
    log::Error("database value has another type than expected");
    return Internal("A stored value has an unexpected form. This is a fault in the service.");
  } catch (const std::exception& error) {
    log::Error("database use failed", {{"type", typeid(error).name()}});
    return Internal("The database was used wrongly. This is a fault in the service.");
  } catch (...) {
    return Internal("The database was used wrongly. This is a fault in the service.");
  }
}

std::string WithSetting(std::string dsn, absl::string_view key, absl::string_view value) {
  if (absl::StrContains(dsn, absl::StrCat(key, "="))) return dsn;
  if (absl::StartsWith(dsn, "postgresql://") || absl::StartsWith(dsn, "postgres://")) {
    return absl::StrCat(dsn, absl::StrContains(dsn, "?") ? "&" : "?", key, "=", value);
  }
  return absl::StrCat(dsn, dsn.empty() ? "" : " ", key, "=", value);
}

}  // namespace waymark::db
