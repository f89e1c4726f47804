#include "common/db/database.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/nontransaction>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/db/failure.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace waymark::db {
namespace {

constexpr int kConflictRetries = 3;
// The server's statement_timeout is given this long to answer before the socket is closed.
constexpr absl::Duration kWatchdogGrace = absl::Milliseconds(250);

absl::Status DeadlinePassed() {
  return status::DeadlineExceeded("DATABASE_DEADLINE",
                                  "The time for this call ran out before the database was asked. "
                                  "Try again.");
}

absl::Status InDoubt() {
  return status::Unavailable("COMMIT_IN_DOUBT",
                             "The connection was lost while the change was being saved. It may or "
                             "may not be saved: repeat the call with the same request_id.");
}

// Swallows the server's notices, which may quote rows, and remembers the one that matters: someone
// cancelled the wait for the synchronous standby, so the COMMIT that is about to be acknowledged is
// not replicated (SQLSTATE 01000, scale.md trap B).
class Notices final : public pqxx::errorhandler {
 public:
  explicit Notices(pqxx::connection_base& connection) : pqxx::errorhandler(connection) {}
  bool operator()(const char message[]) noexcept override {
    if (absl::StrContains(message, "wait for synchronous replication")) unreplicated_ = true;
    return false;
  }
  bool unreplicated() const { return unreplicated_; }

 private:
  bool unreplicated_ = false;
};

struct Session {
  explicit Session(const std::string& dsn) : connection(dsn), notices(connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    // Otherwise the third statement after a loss silently runs on a new session, without the
    // transaction's settings.
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
    socket = ::dup(connection.sock());
  }
  ~Session() {
    if (socket >= 0) ::close(socket);
  }

  pqxx::connection connection;
  Notices notices;
  // A second descriptor of the same socket: the watchdog may shut it down while libpq closes its
  // own, and never hits a descriptor that was reused.
  int socket = -1;
  bool used = false;
};

std::string BeginStatement(absl::string_view tenant, const TransactOptions& options,
                           absl::Duration left) {
  // Simple protocol, one round trip; the tenant has been checked to be a plain word. SET LOCAL and
  // not set_config(): it is also what Citus passes on.
  return absl::StrCat(
      "BEGIN", options.serializable ? " ISOLATION LEVEL SERIALIZABLE" : "",
      options.read_only ? " READ ONLY" : "", "; SET LOCAL waymark.tenant = '", tenant,
      "'; SET LOCAL statement_timeout = ", std::max<int64_t>(1, absl::ToInt64Milliseconds(left)));
}

}  // namespace

bool IsTenant(absl::string_view tenant) {
  return !tenant.empty() && tenant.size() <= 64 &&
         std::all_of(tenant.begin(), tenant.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

class Database::Pool {
 public:
  explicit Pool(DatabaseOptions options) : size_(std::max(1, options.pool_size)) {
    const int64_t seconds = std::max<int64_t>(2, absl::ToInt64Seconds(options.connect_timeout));
    std::string dsn = options.dsn.Reveal();
    dsn = WithSetting(dsn, "target_session_attrs", "read-write");
    dsn = WithSetting(dsn, "connect_timeout", absl::StrCat(seconds));
    dsn = WithSetting(dsn, "application_name", options.application_name);
    dsn = WithSetting(dsn, "client_encoding", "UTF8");
    dsn = WithSetting(dsn, "keepalives_idle", "10");
    dsn = WithSetting(dsn, "keepalives_interval", "5");
    dsn = WithSetting(dsn, "keepalives_count", "3");
    dsn_ = crypto::SecretBytes(std::move(dsn));
    watchdog_ = std::thread([this] { Watch(); });
  }

  ~Pool() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      watch_.SignalAll();
    }
    watchdog_.join();
  }

  absl::StatusOr<std::unique_ptr<Session>> Borrow(absl::Time deadline) {
    {
      absl::MutexLock lock(&mutex_);
      ++waiting_;
      while (idle_.empty() && open_ >= size_) {
        if (free_.WaitWithDeadline(&mutex_, deadline) && idle_.empty() && open_ >= size_) {
          --waiting_;
          return status::ResourceExhausted(
              "DATABASE_BUSY",
              "All database connections were in use until the deadline. Try again.");
        }
      }
      --waiting_;
      if (!idle_.empty()) {
        std::unique_ptr<Session> session = std::move(idle_.back());
        idle_.pop_back();
        return session;
      }
      ++open_;
    }
    try {
      return std::make_unique<Session>(dsn_.Reveal());
    } catch (...) {
      const Failure failure = CurrentFailure();
      {
        absl::MutexLock lock(&mutex_);
        --open_;
        free_.Signal();
      }
      log::Warning("database not reachable", {{"reason", status::Reason(failure.status)}});
      return failure.status.code() == absl::StatusCode::kUnavailable ? failure.status
                                                                     : NotReachable();
    }
  }

  void GiveBack(std::unique_ptr<Session> session) {
    session->used = true;
    absl::MutexLock lock(&mutex_);
    idle_.push_back(std::move(session));
    free_.Signal();
  }

  // `neighbours_too`: the idle ones were opened to a server that has gone or changed its role.
  void Discard(std::unique_ptr<Session> session, bool neighbours_too) {
    session.reset();
    std::vector<std::unique_ptr<Session>> dropped;
    {
      absl::MutexLock lock(&mutex_);
      --open_;
      if (neighbours_too) {
        open_ -= static_cast<int>(idle_.size());
        dropped.swap(idle_);
      }
      free_.SignalAll();
    }
  }

  // From now until Unwatch the session's socket is shut down should `deadline` pass: the server's
  // own timeout does not help against a server that no longer answers, nor against a COMMIT that
  // waits for a lost standby, which must never be cancelled.
  void Watch(const Session& session, absl::Time deadline) {
    absl::MutexLock lock(&mutex_);
    watched_.insert({deadline + kWatchdogGrace, session.socket});
    if (deadline + kWatchdogGrace < watch_until_) watch_.Signal();
  }
  void Unwatch(const Session& session, absl::Time deadline) {
    absl::MutexLock lock(&mutex_);
    watched_.erase({deadline + kWatchdogGrace, session.socket});
  }

  PoolState state() const {
    absl::MutexLock lock(&mutex_);
    return {open_, static_cast<int>(idle_.size()), waiting_};
  }

 private:
  static absl::Status NotReachable() {
    return status::Unavailable("DATABASE_UNAVAILABLE",
                               "The database cannot be reached. Nothing was written. Try again in "
                               "a moment.");
  }

  // Wakes at the earliest deadline it knew when it last looked, not once a transaction: deadlines
  // lie seconds ahead and most transactions end within a millisecond.
  void Watch() {
    absl::MutexLock lock(&mutex_);
    while (!stopping_) {
      const absl::Time now = absl::Now();
      while (!watched_.empty() && watched_.begin()->first <= now) {
        ::shutdown(watched_.begin()->second, SHUT_RDWR);
        watched_.erase(watched_.begin());
      }
      watch_until_ = watched_.empty() ? absl::InfiniteFuture() : watched_.begin()->first;
      watch_.WaitWithDeadline(&mutex_, watch_until_);
    }
  }

  const int size_;
  crypto::SecretBytes dsn_{std::string()};
  mutable absl::Mutex mutex_;
  absl::CondVar free_;
  absl::CondVar watch_;
  std::vector<std::unique_ptr<Session>> idle_ ABSL_GUARDED_BY(mutex_);  // last in, first out
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::pair<absl::Time, int>> watched_ ABSL_GUARDED_BY(mutex_);
  absl::Time watch_until_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread watchdog_;
};

Database::Database(DatabaseOptions options) : pool_(std::make_unique<Pool>(std::move(options))) {}
Database::~Database() = default;

absl::Status Database::Transact(absl::Time deadline, absl::string_view tenant,
                                const TransactOptions& options, Work work) {
  if (!IsTenant(tenant)) {
    return status::InvalidArgument("TENANT_MALFORMED",
                                   "A tenant is 1 to 64 letters, digits, '_' or '-'.");
  }
  return Run(deadline, tenant, options, work);
}

absl::Status Database::TransactWithoutTenant(absl::Time deadline, const TransactOptions& options,
                                             Work work) {
  return Run(deadline, "", options, work);
}

absl::Status Database::Ping(absl::Time deadline) {
  return TransactWithoutTenant(deadline, [](Transaction&) { return absl::OkStatus(); });
}

PoolState Database::pool() const { return pool_->state(); }

absl::Status Database::Run(absl::Time deadline, absl::string_view tenant,
                           const TransactOptions& options, Work work) {
  for (int conflicts = 0;;) {
    if (absl::Now() >= deadline) return DeadlinePassed();
    absl::StatusOr<std::unique_ptr<Session>> borrowed = pool_->Borrow(deadline);
    if (!borrowed.ok()) return std::move(borrowed).status();
    std::unique_ptr<Session> session = *std::move(borrowed);
    pool_->Watch(*session, deadline);
    // Ends the watch before the session can be given back or closed.
    const auto release = [&](bool usable, bool neighbours_too) {
      pool_->Unwatch(*session, deadline);
      if (usable) {
        pool_->GiveBack(std::move(session));
      } else {
        pool_->Discard(std::move(session), neighbours_too);
      }
    };

    try {
      pqxx::nontransaction(session->connection)
          .exec(BeginStatement(tenant, options, deadline - absl::Now()));
    } catch (...) {
      const Failure failure = CurrentFailure();
      const bool was_used = session->used;
      release(false, true);
      // A connection that was lost while it lay idle is no news: nothing has been sent on it.
      if (was_used && failure.broken) continue;
      return failure.status;
    }

    absl::Status result;
    std::vector<std::function<void()>> on_commit;
    bool conflict = false;
    bool broken = false;
    bool stale = false;
    {
      // Of libpqxx's transactions the one that sends nothing of its own: BEGIN and COMMIT are ours.
      pqxx::nontransaction statements(session->connection);
      Transaction transaction(statements, tenant, deadline);
      try {
        result = work(transaction);
      } catch (...) {
        const Failure failure = CurrentFailure();
        result = failure.status;
      }
      if (!transaction.failed_.ok() && result.ok()) result = transaction.failed_;
      conflict = transaction.conflict_;
      broken = transaction.broken_;
      stale = transaction.stale_;
      on_commit = std::move(transaction.on_commit_);
    }

    if (!result.ok()) {
      if (!broken) {
        try {
          pqxx::nontransaction(session->connection).exec("ROLLBACK");
        } catch (...) {
          broken = true;
        }
      }
      release(!broken, stale);
    } else {
      try {
        pqxx::nontransaction(session->connection).exec("COMMIT");
        if (session->notices.unreplicated()) {
          release(false, false);
          log::Error("commit acknowledged without its replica");
          return InDoubt();
        }
        release(true, false);
        for (const std::function<void()>& fn : on_commit) fn();
        return absl::OkStatus();
      } catch (...) {
        const Failure failure = CurrentFailure();
        // Only an answer with a SQLSTATE that is about the transaction itself proves a rollback.
        const bool rolled_back = !failure.broken && !Sqlstate(failure.status).empty();
        release(rolled_back, failure.stale);
        if (!rolled_back) {
          log::Warning("commit in doubt");
          return InDoubt();
        }
        result = failure.status;
        conflict = failure.conflict;
      }
    }

    if (!conflict || ++conflicts > kConflictRetries) return result;
    thread_local absl::BitGen random;
    const absl::Duration pause =
        absl::Microseconds(absl::Uniform(random, 500, 4000)) * (1 << conflicts);
    if (absl::Now() + pause >= deadline) return result;
    absl::SleepFor(pause);
  }
}

absl::StatusOr<pqxx::result> Transaction::ExecParams(absl::string_view sql, const Params& params) {
  if (!failed_.ok()) return failed_;
  if (params.has_zero_byte()) {
    return status::InvalidArgument("TEXT_HAS_ZERO_BYTE", "Text must not hold a zero byte.");
  }
  if (absl::Now() >= deadline_) return failed_ = DeadlinePassed();
  // libpqxx 6.4 can only take a list of parameters known at compile time, or of one type; filled in
  // here, its own carrier takes any.
  pqxx::internal::params carrier;
  carrier.lengths.reserve(params.size());
  carrier.nonnulls.reserve(params.size());
  carrier.binaries.reserve(params.size());
  for (const Params::Value& value : params.values()) {
    carrier.lengths.push_back(static_cast<int>(value.bytes.size()));
    carrier.nonnulls.push_back(value.null ? 0 : 1);
    carrier.binaries.push_back(value.binary ? 1 : 0);
    if (value.binary) {
      carrier.bin_strings.emplace_back(value.bytes);
    } else if (!value.null) {
      carrier.strings.push_back(value.bytes);
    }
  }
  try {
    return connection_.exec_params(std::string(sql), std::move(carrier));
  } catch (...) {
    Failure failure = CurrentFailure();
    failed_ = failure.status;
    conflict_ = failure.conflict;
    broken_ = failure.broken;
    stale_ = failure.stale;
    return failed_;
  }
}

absl::StatusOr<pqxx::row> Transaction::ExecRowParams(absl::string_view sql, const Params& params) {
  ASSIGN_OR_RETURN(const pqxx::result rows, ExecParams(sql, params));
  if (rows.empty()) return status::NotFound("ROW_NOT_FOUND", "There is no such row.");
  if (rows.size() > 1) {
    log::Error("database statement returned several rows where one was expected");
    return status::Internal("DATABASE_ERROR", "Several rows where one was expected.");
  }
  return rows[0];
}

}  // namespace waymark::db
