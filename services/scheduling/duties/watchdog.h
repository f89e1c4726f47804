// Looks whether every open step of every case has its timers, and puts back what is missing: a
// deadline that lost its rungs would pass in silence.
#ifndef WAYMARK_SERVICES_SCHEDULING_DUTIES_WATCHDOG_H_
#define WAYMARK_SERVICES_SCHEDULING_DUTIES_WATCHDOG_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/metrics/metrics.h"
#include "services/scheduling/store/references.h"

namespace waymark::scheduling {

class Watchdog {
 public:
  // `mended` is called after a commit that put rungs back, with the earliest of them.
  Watchdog(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
           const References& references, const clock::Clock& clinical, const clock::Clock& real,
           metrics::Registry& registry,
           std::function<void(absl::string_view tenant, absl::Time earliest)> mended);

  // Every open case of every tenant, once. When one tenant fails the others are looked at all the
  // same, the gauges say what was found, and the first error is returned. A plan that cannot be
  // read is no error: it is counted, and the alert rests on that.
  absl::Status RunOnce();

 private:
  struct Found {
    int steps = 0;
    int unreadable = 0;
    int cases = 0;
  };
  // Each adds what it found.
  absl::Status Check(const std::string& tenant, Found& found);
  absl::Status Mend(const std::string& tenant, const std::vector<std::string>& suspects,
                    Found& found);

  db::Database& database_;
  db::Tenants& tenants_;
  const crypto::KeyProvider& keys_;
  const References& references_;
  const clock::Clock& clinical_;
  const clock::Clock& real_;
  const std::function<void(absl::string_view, absl::Time)> mended_;
  const metrics::Gauge without_timer_;
  const metrics::Gauge unreadable_;
  const metrics::Gauge checked_;
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DUTIES_WATCHDOG_H_
