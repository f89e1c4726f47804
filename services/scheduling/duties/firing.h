// The loop that fires rungs: looks, fires what is due tenant by tenant, and sleeps until the next
// instant or until somebody wakes it.
#ifndef WAYMARK_SERVICES_SCHEDULING_DUTIES_FIRING_H_
#define WAYMARK_SERVICES_SCHEDULING_DUTIES_FIRING_H_

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/db/database.h"
#include "common/metrics/metrics.h"

namespace waymark::scheduling {

class Firing {
 public:
  struct Options {
    // Rungs a transaction. Larger drains faster and holds up the other tenants for longer.
    int batch = 1000;
    // Transactions at once while more than a batch is due, each on a connection of its own.
    int side_by_side = 2;
    // Never sleeps longer than this: covers a clock that was set, and plans stored by a process
    // that died before it could wake us.
    absl::Duration poll = absl::Seconds(1);
    // How often every tenant's next instant is worked out afresh, whatever is written down.
    absl::Duration settle_every = absl::Minutes(1);
    // Called after the commit that told somebody of something; `lags` as in the histogram.
    std::function<void(absl::string_view tenant, const std::vector<absl::Duration>& lags)>
        on_fired = [](absl::string_view, const std::vector<absl::Duration>&) {};
  };

  // `clinical` decides what is due; `real` paces the loop.
  Firing(db::Database& database, const clock::Clock& clinical, const clock::Clock& real,
         metrics::Registry& registry, Options options);

  struct Look {
    int fired = 0;
    // When the next rung is due, clinical time; InfiniteFuture for never.
    absl::Time next = absl::InfiniteFuture();
  };
  // One look: fires everything that is due now, one batch a tenant in turn, so that a tenant with
  // much to do does not keep others waiting. When one tenant fails the others are served all the
  // same, and the first error is returned.
  absl::StatusOr<Look> LookOnce();

  // How long to sleep after a look, real time: until `next`, at most `poll`.
  absl::Duration PauseBefore(absl::Time next) const;

  // True when a rung at `instant` falls before the end of the present sleep: whoever stored it then
  // wakes the loop.
  bool SleepsPast(absl::Time instant) const;

  // Real time of the last look that went well; InfinitePast before the first.
  absl::Time last_look() const;
  // Between its time and the commit of its notices, for the rung fired last by this process.
  absl::Duration last_lag() const;

 private:
  // Fires for these tenants in turn until nothing of theirs is due. With `full`, leaves those of
  // which a whole batch was due, and adds them to it. The first error, after all were served.
  absl::Status Drain(const std::vector<std::string>& tenants, Look& look,
                     std::vector<std::string>* full);
  absl::StatusOr<bool> FireBatch(const std::string& tenant, absl::Time now, Look& look);
  absl::Status SettleAll();

  db::Database& database_;
  const clock::Clock& clinical_;
  const clock::Clock& real_;
  const Options options_;
  const metrics::Histogram lag_seconds_;
  const metrics::Counter fired_total_;
  const metrics::Counter overtaken_total_;
  const metrics::Counter climbed_total_;
  const metrics::Counter missed_aims_total_;
  const metrics::Gauge last_look_seconds_;
  mutable std::mutex mutex_;  // guards what follows
  absl::Time last_look_ = absl::InfinitePast();
  absl::Time last_settled_ = absl::InfinitePast();
  // InfiniteFuture during a look: what is stored meanwhile may have been overlooked.
  absl::Time asleep_until_ = absl::InfiniteFuture();
  absl::Duration last_lag_;
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DUTIES_FIRING_H_
