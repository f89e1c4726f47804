// The one door to PostgreSQL: a bounded pool of connections and Transact.
//
// A transaction costs three round trips beside its own statements' (one that begins it and sets
// tenant and statement timeout, one to commit), settings live and die with it, and no connection is
// ever reconnected behind our back.
#ifndef WAYMARK_COMMON_DB_DATABASE_H_
#define WAYMARK_COMMON_DB_DATABASE_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/secret.h"
#include "common/db/transaction.h"

namespace waymark::db {

struct DatabaseOptions {
  // libpq's own form, key=value or postgresql://; several hosts may be named. What it leaves out is
  // filled in: target_session_attrs=read-write, connect_timeout, TCP keepalives, client_encoding.
  crypto::SecretBytes dsn;
  // Upper bound of open connections; they are opened when first needed.
  int pool_size = 16;
  // For each host; libpq knows whole seconds and takes 2 as its least.
  absl::Duration connect_timeout = absl::Seconds(3);
  // Seen in pg_stat_activity.
  std::string application_name = "waymark";
};

struct TransactOptions {
  bool read_only = false;
  bool serializable = false;  // for a rule that spans rows; the default is read committed
};

// For the pool's gauges.
struct PoolState {
  int open = 0;
  int idle = 0;
  int waiting = 0;
};

// True for 1 to 64 of A-Z a-z 0-9 _ -.
bool IsTenant(absl::string_view tenant);

// Thread-safe.
class Database {
 public:
  using Work = absl::FunctionRef<absl::Status(Transaction&)>;

  // Connects nothing yet: a service starts, and says UNAVAILABLE, while PostgreSQL is down.
  explicit Database(DatabaseOptions options);
  // Waits for no one: every Transact must have returned.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs `work` in one transaction of `tenant` and commits it; rolls back when `work` returns an
  // error, and returns that error. `deadline` is real time and bounds waiting for a connection,
  // every statement and the commit.
  //
  // `work` may run up to four times: a conflict with another transaction (40001, 40P01) is retried
  // afresh. So it must set, not add to, what it leaves outside.
  //
  // INVALID_ARGUMENT TENANT_MALFORMED; RESOURCE_EXHAUSTED DATABASE_BUSY: no connection came free;
  // DEADLINE_EXCEEDED DATABASE_DEADLINE; UNAVAILABLE DATABASE_UNAVAILABLE: not reachable, nothing
  // was written; UNAVAILABLE COMMIT_IN_DOUBT: the connection was lost while COMMIT waited, the same
  // request_id finds out; ABORTED TRANSACTION_CONFLICT: still in conflict after the last retry.
  absl::Status Transact(absl::Time deadline, absl::string_view tenant, Work work) {
    return Transact(deadline, tenant, TransactOptions(), work);
  }
  absl::Status Transact(absl::Time deadline, absl::string_view tenant,
                        const TransactOptions& options, Work work);

  // The same without a tenant: sees only tables that are exempt from row-level security.
  absl::Status TransactWithoutTenant(absl::Time deadline, Work work) {
    return TransactWithoutTenant(deadline, TransactOptions(), work);
  }
  absl::Status TransactWithoutTenant(absl::Time deadline, const TransactOptions& options,
                                     Work work);

  // One round trip, for health checks.
  absl::Status Ping(absl::Time deadline);

  PoolState pool() const;

 private:
  class Pool;
  absl::Status Run(absl::Time deadline, absl::string_view tenant, const TransactOptions& options,
                   Work work);

  const std::unique_ptr<Pool> pool_;
};

}  // namespace waymark::db

#endif  // WAYMARK_COMMON_DB_DATABASE_H_
