#include "services/scheduling/duties/firing.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/scheduling/store/firing.h"

namespace waymark::scheduling {
namespace {

constexpr absl::Duration kTransactionLimit = absl::Seconds(20);

// From half a millisecond, which is good, to a day, which is a service that had stopped.
const std::vector<double>& LagBounds() {
  static const auto* bounds = new std::vector<double>{
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600, 86400};
  return *bounds;
}

}  // namespace

Firing::Firing(db::Database& database, const clock::Clock& clinical, const clock::Clock& real,
               metrics::Registry& registry, Options options)
    : database_(database),
      clinical_(clinical),
      real_(real),
      options_(std::move(options)),
      lag_seconds_(registry.GetHistogram("waymark_scheduling_firing_lag_seconds",
                                         "Between a rung's time and the commit of its notices.",
                                         LagBounds())),
      fired_total_(registry.GetCounter("waymark_scheduling_rungs_fired_total",
                                       "Rungs that fired, of any outcome.")),
      overtaken_total_(registry.GetCounter("waymark_scheduling_rungs_overtaken_total",
                                           "Rungs that a higher one of their step spoke for.")),
      climbed_total_(
          registry.GetCounter("waymark_scheduling_rungs_climbed_total",
                              "Rungs for which nobody of their audience could be reached.")),
      missed_aims_total_(
          registry.GetCounter("waymark_scheduling_missed_aims_total",
                              "Steps that were not done by their aim, of any kind and force.")),
      last_look_seconds_(registry.GetGauge(
          "waymark_scheduling_last_look_timestamp_seconds",
          "Real time of the last look for due rungs that went well; old means stopped.")) {}

absl::StatusOr<Firing::Look> Firing::LookOnce() {
  Look look;
  const absl::Time started = real_.Now();
  bool settle_all = false;
  {
    const std::lock_guard lock(mutex_);
    asleep_until_ = absl::InfiniteFuture();
    settle_all = started - last_settled_ >= options_.settle_every;
  }
  absl::Status first_error;
  if (settle_all) first_error.Update(SettleAll());
  ASSIGN_OR_RETURN(std::vector<DueTenant> tenants,
                   ReadDueTenants(database_, started + kTransactionLimit));
  const absl::Time now = clinical_.Now();
  std::vector<std::string> due;
  for (DueTenant& one : tenants) {
    if (one.next <= now) {
      due.push_back(std::move(one.tenant));
    } else {
      look.next = std::min(look.next, one.next);
    }
  }
  std::vector<std::string> full;
  first_error.Update(Drain(due, look, &full));
  if (!full.empty()) {
    // Whoever takes a rung first has it; the others skip what is locked.
    std::vector<Look> looks(options_.side_by_side);
    std::vector<absl::Status> statuses(looks.size());
    std::vector<std::thread> threads;
    threads.reserve(looks.size());
    for (size_t i = 0; i < looks.size(); ++i) {
      threads.emplace_back([&, i] { statuses[i] = Drain(full, looks[i], nullptr); });
    }
    for (std::thread& thread : threads) thread.join();
    for (size_t i = 0; i < looks.size(); ++i) {
      first_error.Update(statuses[i]);
      look.fired += looks[i].fired;
      look.next = std::min(look.next, looks[i].next);
    }
  }
  RETURN_IF_ERROR(first_error);
  const std::lock_guard lock(mutex_);
  last_look_ = real_.Now();
  asleep_until_ = look.next;
  if (settle_all) last_settled_ = started;
  last_look_seconds_.Set(absl::ToDoubleSeconds(last_look_ - absl::UnixEpoch()));
  return look;
}

absl::Status Firing::Drain(const std::vector<std::string>& tenants, Look& look,
                           std::vector<std::string>* full) {
  std::deque<std::string> due(tenants.begin(), tenants.end());
  absl::Status first_error;
  while (!due.empty()) {
    std::string tenant = std::move(due.front());
    due.pop_front();
    // Each batch asks the time again: what falls due while we drain goes out with it.
    const absl::StatusOr<bool> more = FireBatch(tenant, clinical_.Now(), look);
    first_error.Update(more.status());
    if (!more.ok() || !*more) continue;
    if (full != nullptr) {
      full->push_back(std::move(tenant));
    } else {
      due.push_back(std::move(tenant));
    }
  }
  return first_error;
}

// True when there may be more for this tenant.
absl::StatusOr<bool> Firing::FireBatch(const std::string& tenant, absl::Time now, Look& look) {
  Fired fired;
  absl::Time next = absl::InfiniteFuture();
  const absl::Time real_now = real_.Now();
  RETURN_IF_ERROR(database_.Transact(
      real_now + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(const Reachable reachable, ReadReachable(txn, now));
        ASSIGN_OR_RETURN(fired, FireDue(txn, reachable, now, real_now, options_.batch));
        if (fired.taken == options_.batch) return absl::OkStatus();
        ASSIGN_OR_RETURN(next, Settle(txn));
        return absl::OkStatus();
      }));
  // A rung has fired once its notices are there for good.
  const absl::Duration commit = clinical_.Now() - now;
  for (absl::Duration& lag : fired.lags) {
    lag += commit;
    lag_seconds_.Observe(absl::ToDoubleSeconds(lag));
  }
  fired_total_.Increment(static_cast<double>(fired.lags.size()));
  overtaken_total_.Increment(fired.overtaken);
  climbed_total_.Increment(fired.climbed);
  missed_aims_total_.Increment(fired.missed_aims);
  look.fired += static_cast<int>(fired.lags.size());
  if (!fired.lags.empty()) {
    const std::lock_guard lock(mutex_);
    last_lag_ = fired.lags.back();
  }
  if (static_cast<int>(fired.lags.size()) > fired.overtaken) {
    options_.on_fired(tenant, fired.lags);
  }
  if (fired.taken == options_.batch) return true;
  look.next = std::min(look.next, next);
  return false;
}

absl::Status Firing::SettleAll() {
  const absl::Time deadline = real_.Now() + kTransactionLimit;
  ASSIGN_OR_RETURN(const std::vector<DueTenant> tenants, ReadDueTenants(database_, deadline));
  absl::Status first_error;
  for (const DueTenant& one : tenants) {
    first_error.Update(database_.Transact(
        deadline, one.tenant, [&](db::Transaction& txn) { return Settle(txn).status(); }));
  }
  return first_error;
}

absl::Duration Firing::PauseBefore(absl::Time next) const {
  return std::clamp(next - clinical_.Now(), absl::ZeroDuration(), options_.poll);
}

bool Firing::SleepsPast(absl::Time instant) const {
  const std::lock_guard lock(mutex_);
  return instant < asleep_until_;
}

absl::Time Firing::last_look() const {
  const std::lock_guard lock(mutex_);
  return last_look_;
}

absl::Duration Firing::last_lag() const {
  const std::lock_guard lock(mutex_);
  return last_lag_;
}

}  // namespace waymark::scheduling
