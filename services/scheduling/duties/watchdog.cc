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
      checked_(registry.GetGauge("waymark_scheduling_cases_checked",
                                 "Open cases the watchdog looked at the last time.")) {}

absl::Status Watchdog::RunOnce() {
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants,
                   tenants_.All(real_.Now() + kTransactionLimit));
  absl::Status first_error;
  int steps = 0;
  int cases = 0;
  for (const std::string& tenant : tenants) {
    first_error.Update(Check(tenant, steps, cases));
  }
  // What could not be looked at is not in order: the figures stay as they were.
  RETURN_IF_ERROR(first_error);
  without_timer_.Set(steps);
  checked_.Set(cases);
  return absl::OkStatus();
}

absl::Status Watchdog::Check(const std::string& tenant, int& steps, int& cases) {
  std::string after = "00000000-0000-0000-0000-000000000000";
  while (true) {
    TimerCheck check;
    RETURN_IF_ERROR(database_.Transact(
        real_.Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
          ASSIGN_OR_RETURN(check, CheckTimers(txn, keys_, references_, after, kAtOnce));
          return absl::OkStatus();
        }));
    cases += check.cases;
    if (!check.suspects.empty()) {
      MendedTimers mended;
      RETURN_IF_ERROR(database_.Transact(
          real_.Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
            ASSIGN_OR_RETURN(mended,
                             MendTimers(txn, keys_, references_, check.suspects, clinical_.Now()));
            return absl::OkStatus();
          }));
      steps += mended.steps;
      if (mended.steps > 0) {
        log::Error("steps had lost their timers", {{"tenant", tenant}, {"steps", mended.steps}});
        mended_(tenant, mended.earliest);
      }
    }
    if (check.cases < kAtOnce) return absl::OkStatus();
    after = check.last;
  }
}

}  // namespace waymark::scheduling
