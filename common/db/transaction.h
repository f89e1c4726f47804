// One transaction, as its work sees it.
#ifndef WAYMARK_COMMON_DB_TRANSACTION_H_
#define WAYMARK_COMMON_DB_TRANSACTION_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/fields.h"

namespace pqxx {
class transaction_base;
}

namespace waymark::db {

// Made by Database::Transact and valid only inside its work; one thread at a time. After a
// statement has failed PostgreSQL refuses everything but the rollback, so every later Exec answers
// with the first error, and the transaction rolls back even when the work returns OK.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Runs one statement with its parameters for $1, $2, ...: one round trip, never prepared (works
  // behind PgBouncer). Arguments are what Params::Add takes: text, numbers, bool, absl::Time,
  // std::optional of these, nullptr, db::Bytea and the arrays of fields.h.
  // Errors carry a reason and never text from the database: ALREADY_EXISTS UNIQUE_VIOLATED,
  // FAILED_PRECONDITION CONSTRAINT_VIOLATED (foreign key, exclusion), DEADLINE_EXCEEDED
  // DATABASE_DEADLINE, ABORTED TRANSACTION_CONFLICT (Transact retries), UNAVAILABLE
  // DATABASE_UNAVAILABLE, INVALID_ARGUMENT TEXT_NOT_UTF8 / TEXT_HAS_ZERO_BYTE, INTERNAL
  // DATABASE_ERROR (our own fault). See Sqlstate and Constraint.
  template <typename... Args>
  absl::StatusOr<pqxx::result> Exec(absl::string_view sql, const Args&... args) {
    Params params;
    (params.Add(args), ...);
    return ExecParams(sql, params);
  }
  absl::StatusOr<pqxx::result> ExecParams(absl::string_view sql, const Params& params);

  // The same, for statements that must return exactly one row. NOT_FOUND ROW_NOT_FOUND for none,
  // INTERNAL DATABASE_ERROR for more.
  template <typename... Args>
  absl::StatusOr<pqxx::row> ExecRow(absl::string_view sql, const Args&... args) {
    Params params;
    (params.Add(args), ...);
    return ExecRowParams(sql, params);
  }
  absl::StatusOr<pqxx::row> ExecRowParams(absl::string_view sql, const Params& params);

  // Runs after the commit was acknowledged and the connection is back in the pool, in order; never
  // after a rollback or a commit in doubt. It holds up the caller: wake something and return.
  void OnCommit(std::function<void()> fn) { on_commit_.push_back(std::move(fn)); }

  // Empty in a transaction without a tenant.
  const std::string& tenant() const { return tenant_; }
  // Real time, not the clinical clock.
  absl::Time deadline() const { return deadline_; }

 private:
  friend class Database;
  Transaction(pqxx::transaction_base& connection, absl::string_view tenant, absl::Time deadline)
      : connection_(connection), tenant_(tenant), deadline_(deadline) {}

  pqxx::transaction_base& connection_;
  const std::string tenant_;
  const absl::Time deadline_;
  absl::Status failed_;    // of the first statement that failed
  bool conflict_ = false;  // ... with 40001 or 40P01
  bool broken_ = false;    // ... and the connection is of no more use
  bool stale_ = false;     // ... because the server is no longer the primary
  std::vector<std::function<void()>> on_commit_;
};

// What PostgreSQL said, for code that must tell one refusal from another: the five-character
// SQLSTATE and the name of the violated constraint; empty when `status` carries none.
std::string Sqlstate(const absl::Status& status);
std::string Constraint(const absl::Status& status);

}  // namespace waymark::db

#endif  // WAYMARK_COMMON_DB_TRANSACTION_H_
