#include "common/outbox/relay.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"

namespace waymark::outbox {
namespace {

// Beside the delivery itself.
constexpr absl::Duration kDatabaseTime = absl::Seconds(5);
// When another relay holds the tenant: it may have looked just before our commit.
constexpr char kNotYet[] = "NOT_YET";
constexpr absl::Duration kBusyPause = absl::Milliseconds(25);

constexpr char kLock[] =
    "SELECT last_number, delivered_through FROM outbox_counter"
    " WHERE tenant = $1 AND destination = $2 FOR UPDATE SKIP LOCKED";

constexpr char kFirst[] =
    "INSERT INTO outbox_counter (tenant, destination) VALUES ($1, $2)"
    " ON CONFLICT (tenant, destination) DO NOTHING RETURNING last_number, delivered_through";

constexpr char kHas[] = "SELECT FROM outbox WHERE tenant = $1 AND destination = $2 AND number = $3";

// $5 bounds the bytes of a batch, $3 + 1 goes whatever its size.
constexpr char kBatch[] =
    "SELECT number, event_id, payload, appended_at FROM ("
    "SELECT number, event_id, payload, appended_at,"
    " sum(octet_length(payload)) OVER (ORDER BY number) AS bytes FROM ("
    "SELECT number, event_id, payload, appended_at FROM outbox"
    " WHERE tenant = $1 AND destination = $2 AND number > $3 ORDER BY number LIMIT $4) r) b"
    " WHERE bytes <= $5 OR number = $3 + 1 ORDER BY number";

// Runs after the lock, so its snapshot holds everything that the previous holder committed. A row
// that commits later is found by a later turn: it is looked for by its missing number and never by
// "greater than the last one seen".
constexpr char kNumber[] =
    "UPDATE outbox o SET number = $3 + f.place FROM ("
    "SELECT event_id, row_number() OVER (ORDER BY appended_at, event_id) AS place FROM ("
    "SELECT event_id, appended_at FROM outbox WHERE tenant = $1 AND destination = $2"
    " AND number IS NULL ORDER BY appended_at, event_id LIMIT $4) r) f"
    " WHERE o.tenant = $1 AND o.destination = $2 AND o.event_id = f.event_id";

constexpr char kSave[] =
    "UPDATE outbox_counter SET last_number = $3, delivered_through = $4"
    " WHERE tenant = $1 AND destination = $2";

constexpr char kDay[] =
    "INSERT INTO outbox_day (tenant, destination, day, delivered_through)"
    " VALUES ($1, $2, $3::date, $4) ON CONFLICT (tenant, destination, day)"
    " DO UPDATE SET delivered_through ="
    "  greatest(outbox_day.delivered_through, excluded.delivered_through)";

constexpr char kLook[] =
    "WITH counter AS (SELECT last_number, delivered_through FROM outbox_counter"
    "  WHERE tenant = $1 AND destination = $2)"
    " SELECT coalesce((SELECT last_number - delivered_through FROM counter), 0)"
    "  + (SELECT count(*) FROM outbox"
    "     WHERE tenant = $1 AND destination = $2 AND number IS NULL),"
    " extract(epoch FROM clock_timestamp() - least("
    "  (SELECT appended_at FROM outbox WHERE tenant = $1 AND destination = $2"
    "   AND number IS NULL ORDER BY appended_at, event_id LIMIT 1),"
    "  (SELECT appended_at FROM outbox WHERE tenant = $1 AND destination = $2"
    "   AND number > coalesce((SELECT delivered_through FROM counter), 0)"
    "   ORDER BY number LIMIT 1)))::float8";

absl::Status Busy() {
  return status::Unavailable("RELAY_BUSY", "Another relay works on this tenant.");
}

bool IsDestinationDown(const absl::Status& failure) {
  return failure.code() == absl::StatusCode::kUnavailable ||
         failure.code() == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

absl::Status NotYet(absl::string_view message) { return status::Unavailable(kNotYet, message); }
bool IsNotYet(const absl::Status& status) { return status::Reason(status) == kNotYet; }

class Relay::Loop {
 public:
  Loop(db::Database& database, db::Tenants& tenants, RelayOptions options, Deliver deliver)
      : database_(database),
        tenants_(tenants),
        options_(std::move(options)),
        deliver_(std::move(deliver)),
        undelivered_(metrics::Default().GetGauge("waymark_outbox_undelivered_messages",
                                                 "Messages that the destination does not have yet",
                                                 Labels())),
        lag_(metrics::Default().GetGauge("waymark_outbox_lag_seconds",
                                         "Age of the oldest message that is not delivered",
                                         Labels())),
        delivered_(metrics::Default().GetCounter("waymark_outbox_delivered_total",
                                                 "Messages delivered, repetitions too", Labels())),
        failures_(metrics::Default().GetCounter("waymark_outbox_failures_total",
                                                "Turns of the relay that failed", Labels())) {}

  ~Loop() { Stop(); }

  void Start() {
    absl::MutexLock lock(&mutex_);
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  }

  void Stop() {
    std::thread thread;
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      changed_.SignalAll();
      thread.swap(thread_);
    }
    if (thread.joinable()) thread.join();
  }

  void Wake(absl::string_view tenant) {
    const absl::Time at = absl::Now() + options_.linger;
    absl::MutexLock lock(&mutex_);
    const auto [duty, is_new] = duties_.try_emplace(std::string(tenant), Duty{at});
    if (!is_new && duty->second.backoff == absl::ZeroDuration() && at < duty->second.at) {
      duty->second.at = at;
    }
    if (is_new && at < wake_at_) changed_.SignalAll();
  }

  void ResendFrom(absl::string_view tenant, int64_t number) {
    {
      absl::MutexLock lock(&mutex_);
      const auto [rewind, is_new] = rewinds_.try_emplace(std::string(tenant), number);
      if (!is_new) rewind->second = std::min(rewind->second, number);
    }
    Wake(tenant);
  }

  absl::StatusOr<bool> Turn(absl::string_view tenant) {
    std::optional<int64_t> rewind;
    {
      absl::MutexLock lock(&mutex_);
      const auto found = rewinds_.find(std::string(tenant));
      if (found != rewinds_.end()) {
        rewind = found->second;
        rewinds_.erase(found);
      }
    }
    absl::StatusOr<bool> more = OneTransaction(tenant, rewind);
    if (!more.ok() && rewind) {
      absl::MutexLock lock(&mutex_);
      const auto [again, is_new] = rewinds_.try_emplace(std::string(tenant), *rewind);
      if (!is_new) again->second = std::min(again->second, *rewind);
    }
    return more;
  }

 private:
  struct Duty {
    absl::Time at;
    absl::Duration backoff = absl::ZeroDuration();  // more than zero: the last turn did not deliver
  };
  struct Backlog {
    int64_t messages = 0;
    double seconds = 0;
  };

  metrics::Labels Labels() const { return {{"destination", options_.destination}}; }

  absl::StatusOr<bool> OneTransaction(absl::string_view tenant, std::optional<int64_t> rewind) {
    bool more = false;
    int64_t sent = 0;
    const absl::Status done = database_.Transact(
        absl::Now() + options_.deliver_timeout + kDatabaseTime, tenant,
        [&](db::Transaction& txn) -> absl::Status {
          more = false;
          sent = 0;
          const std::string& destination = options_.destination;
          ASSIGN_OR_RETURN(pqxx::result rows, txn.Exec(kLock, txn.tenant(), destination));
          if (rows.empty()) {
            ASSIGN_OR_RETURN(rows, txn.Exec(kFirst, txn.tenant(), destination));
            if (rows.empty()) return Busy();
          }
          int64_t last = db::Int(rows[0][0]);
          int64_t through = db::Int(rows[0][1]);
          if (rewind && *rewind >= 1 && *rewind <= through) {
            ASSIGN_OR_RETURN(const pqxx::result kept,
                             txn.Exec(kHas, txn.tenant(), destination, *rewind));
            if (kept.empty()) {
              log::Error("cannot send again what is no longer kept",
                         {{"destination", destination}, {"number", *rewind}});
            } else {
              log::Warning("sending again from an earlier number",
                           {{"destination", destination}, {"number", *rewind}});
              through = *rewind - 1;
            }
          }

          if (through < last) {
            ASSIGN_OR_RETURN(const pqxx::result batch_rows,
                             txn.Exec(kBatch, txn.tenant(), destination, through,
                                      options_.batch_rows, options_.batch_bytes));
            std::vector<Numbered> batch;
            batch.reserve(batch_rows.size());
            for (const pqxx::row& row : batch_rows) {
              batch.push_back({.number = db::Int(row[0]),
                               .event_id = db::Text(row[1]),
                               .payload = db::Bytes(row[2]),
                               .appended_at = db::Instant(row[3])});
            }
            if (batch.empty() || batch.front().number != through + 1) {
              return status::DataLoss("OUTBOX_ROW_MISSING",
                                      absl::StrCat("The outbox has lost number ", through + 1,
                                                   " before it was delivered."));
            }
            RETURN_IF_ERROR(deliver_(txn.tenant(), batch, absl::Now() + options_.deliver_timeout));
            through = batch.back().number;
            sent = static_cast<int64_t>(batch.size());
            RETURN_IF_ERROR(txn.Exec(kDay, txn.tenant(), destination, Today(), through).status());
          }

          ASSIGN_OR_RETURN(const pqxx::result numbered,
                           txn.Exec(kNumber, txn.tenant(), destination, last, options_.batch_rows));
          last += static_cast<int64_t>(numbered.affected_rows());
          more = through < last;
          if (sent == 0 && numbered.affected_rows() == 0) return absl::OkStatus();
          return txn.Exec(kSave, txn.tenant(), destination, last, through).status();
        });
    RETURN_IF_ERROR(done);
    delivered_.Increment(static_cast<double>(sent));
    return more;
  }

  static std::string Today() {
    return absl::FormatCivilTime(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()));
  }

  void Run() {
    absl::Time poll_at = absl::Now();
    absl::Time hold_until = absl::InfinitePast();  // the destination is down, whoever the tenant
    absl::Duration hold = absl::ZeroDuration();
    while (true) {
      std::string tenant;
      absl::Duration backoff;
      {
        absl::MutexLock lock(&mutex_);
        std::map<std::string, Duty>::iterator next;
        while (!stopping_) {
          const absl::Time now = absl::Now();
          next = std::min_element(duties_.begin(), duties_.end(), [](const auto& a, const auto& b) {
            return a.second.at < b.second.at;
          });
          wake_at_ = poll_at;
          if (next != duties_.end()) {
            wake_at_ = std::min(poll_at, std::max(hold_until, next->second.at));
          }
          if (wake_at_ <= now) break;
          changed_.WaitWithDeadline(&mutex_, wake_at_);
        }
        if (stopping_) return;
        wake_at_ = absl::InfinitePast();  // awake: nobody needs to signal
        if (poll_at > absl::Now()) {
          tenant = next->first;
          backoff = next->second.backoff;
          duties_.erase(next);
        }
      }
      if (tenant.empty()) {
        Poll();
        poll_at = absl::Now() + options_.poll;
        continue;
      }
      const absl::StatusOr<bool> more = Turn(tenant);
      const absl::Time now = absl::Now();
      if (more.ok()) {
        hold = absl::ZeroDuration();
        if (*more) Schedule(tenant, {now});
      } else if (status::Reason(more.status()) == "RELAY_BUSY") {
        Schedule(tenant, {now + kBusyPause});
      } else if (IsNotYet(more.status())) {
        backoff = std::clamp(2 * backoff, options_.first_backoff, options_.longest_backoff);
        Schedule(tenant, {now + backoff, backoff});
      } else {
        failures_.Increment();
        backoff = std::clamp(2 * backoff, options_.first_backoff, options_.longest_backoff);
        log::Warning("delivery failed", {{"destination", options_.destination},
                                         {"code", absl::StatusCodeToString(more.status().code())},
                                         {"reason", status::Reason(more.status())}});
        Schedule(tenant, {now + backoff, backoff});
        if (IsDestinationDown(more.status())) {
          hold = std::clamp(2 * hold, options_.first_backoff, options_.longest_backoff);
          hold_until = now + hold;
        }
      }
    }
  }

  void Schedule(const std::string& tenant, Duty duty) {
    absl::MutexLock lock(&mutex_);
    const auto [existing, is_new] = duties_.try_emplace(tenant, duty);
    if (is_new) return;
    // Woken during the turn: after a failure the backoff counts, else the earlier of both.
    if (duty.backoff > absl::ZeroDuration() || duty.at < existing->second.at) {
      existing->second = duty;
    }
  }

  // Looks at every tenant; schedules those with something to send.
  void Poll() {
    const absl::StatusOr<std::vector<std::string>> all = tenants_.All(absl::Now() + kDatabaseTime);
    if (!all.ok()) return;  // logged by the pool
    Backlog total;
    for (const std::string& tenant : *all) {
      {
        absl::MutexLock lock(&mutex_);
        if (stopping_) return;
      }
      const absl::StatusOr<Backlog> backlog = Look(tenant);
      if (!backlog.ok()) return;
      total.messages += backlog->messages;
      total.seconds = std::max(total.seconds, backlog->seconds);
      if (backlog->messages > 0) Wake(tenant);
    }
    undelivered_.Set(static_cast<double>(total.messages));
    lag_.Set(total.seconds);
  }

  absl::StatusOr<Backlog> Look(const std::string& tenant) {
    Backlog backlog;
    RETURN_IF_ERROR(database_.Transact(
        absl::Now() + kDatabaseTime, tenant, {.read_only = true}, [&](db::Transaction& txn) {
          ASSIGN_OR_RETURN(const pqxx::row row,
                           txn.ExecRow(kLook, txn.tenant(), options_.destination));
          backlog.messages = db::Int(row[0]);
          backlog.seconds = db::Optional<double>(row[1]).value_or(0);
          return absl::OkStatus();
        }));
    return backlog;
  }

  db::Database& database_;
  db::Tenants& tenants_;
  const RelayOptions options_;
  const Deliver deliver_;
  const metrics::Gauge undelivered_;
  const metrics::Gauge lag_;
  const metrics::Counter delivered_;
  const metrics::Counter failures_;

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::map<std::string, Duty> duties_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> rewinds_ ABSL_GUARDED_BY(mutex_);
  absl::Time wake_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

Relay::Relay(db::Database& database, db::Tenants& tenants, RelayOptions options, Deliver deliver)
    : loop_(std::make_unique<Loop>(database, tenants, std::move(options), std::move(deliver))) {}
Relay::~Relay() = default;

void Relay::Start() { loop_->Start(); }
void Relay::Stop() { loop_->Stop(); }
void Relay::Wake(absl::string_view tenant) { loop_->Wake(tenant); }
void Relay::ResendFrom(absl::string_view tenant, int64_t number) {
  loop_->ResendFrom(tenant, number);
}
absl::StatusOr<bool> Relay::Turn(absl::string_view tenant) { return loop_->Turn(tenant); }

}  // namespace waymark::outbox
