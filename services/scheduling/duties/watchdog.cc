#include "services/scheduling/duties/watchdog.h"

#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/scheduling/store/plans.h"

namespace waymark::scheduling {
namespace {

// Cases a transaction: a few thousand rungs to look up.
constexpr int kAtOnce = 200;
constexpr absl::Duration kTransactionLimit = absl::Seconds(20);

}  // namespace

Watchdog::Watchdog(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
                   const References& references, const clock::Clock& clinical,
                   const clock::Clock& real, metrics::Registry& registry,
                   std::function<void(absl::string_view tenant, absl::Time earliest)> mended)
    : database_(database),
      tenants_(tenants),
      keys_(keys),
      references_(references),
      clinical_(clinical),
      real_(real),
      mended_(std::move(mended)),
      without_timer_(registry.GetGauge(
          "waymark_scheduling_steps_without_timer",
          "Open steps that had lost a rung when the watchdog last looked, and got it back.")),
      unreadable_(registry.GetGauge(
          "waymark_scheduling_plans_unreadable",
          "Open cases whose plan could not be read when the watchdog last looked.")),
      checked_(registry.GetGauge("waymark_scheduling_cases_checked",
                                 "Open cases the watchdog looked at the last time.")) {}

absl::Status Watchdog::RunOnce() {
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants,
                   tenants_.All(real_.Now() + kTransactionLimit));
  absl::Status first_error;
  Found found;
  for (const std::string& tenant : tenants) first_error.Update(Check(tenant, found));
  // Whatever else went wrong: an alert rests on what was found.
  without_timer_.Set(found.steps);
  unreadable_.Set(found.unreadable);
  checked_.Set(found.cases);
  return first_error;
}

absl::Status Watchdog::Check(const std::string& tenant, Found& found) {
  std::string after = "00000000-0000-0000-0000-000000000000";
  absl::Status first_error;
  int unreadable = 0;
  while (true) {
    TimerCheck check;
    RETURN_IF_ERROR(database_.Transact(
        real_.Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
          ASSIGN_OR_RETURN(check, CheckTimers(txn, keys_, references_, after, kAtOnce));
          return absl::OkStatus();
        }));
    found.cases += check.cases;
    found.unreadable += check.unreadable;
    unreadable += check.unreadable;
    // What cannot be mended keeps nobody from looking at the rest.
    if (!check.suspects.empty()) first_error.Update(Mend(tenant, check.suspects, found));
    if (check.cases < kAtOnce) break;
    after = check.last;
  }
  if (unreadable > 0) {
    log::Error("plans of open cases cannot be read", {{"tenant", tenant}, {"cases", unreadable}});
  }
  return first_error;
}

absl::Status Watchdog::Mend(const std::string& tenant, const std::vector<std::string>& suspects,
                            Found& found) {
  MendedTimers mended;
  RETURN_IF_ERROR(database_.Transact(
      real_.Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(mended, MendTimers(txn, keys_, references_, suspects, clinical_.Now()));
        return absl::OkStatus();
      }));
  if (mended.steps == 0) return absl::OkStatus();
  found.steps += mended.steps;
  log::Error("steps had lost their timers", {{"tenant", tenant}, {"steps", mended.steps}});
  mended_(tenant, mended.earliest);
  return absl::OkStatus();
}

}  // namespace waymark::scheduling
