// Delivers notices that leave the console, tries again when they do not arrive, and hands over to a
// person at the step's hard stop.
#ifndef WAYMARK_SERVICES_SCHEDULING_DUTIES_DELIVERY_H_
#define WAYMARK_SERVICES_SCHEDULING_DUTIES_DELIVERY_H_

#include <string>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/metrics/metrics.h"
#include "services/scheduling/duties/sender.h"

namespace waymark::scheduling {

// At least once: a process that dies between sending and writing that down sends again, under the
// same notice id. Not thread-safe; several processes may do it at once, a lease keeps them apart.
class Delivery {
 public:
  // `clinical` decides when a step's hard stop has come; `real` paces retries and leases.
  Delivery(db::Database& database, const crypto::KeyProvider& keys, const Sender& sender,
           const clock::Clock& clinical, const clock::Clock& real, metrics::Registry& registry);

  // Delivers everything that waits, tenant by tenant, a few notices at a time side by side, so that
  // one slow receiver holds up little.
  absl::Status RunOnce();

 private:
  // True when there may be more.
  absl::StatusOr<bool> DeliverSome(const std::string& tenant);

  db::Database& database_;
  const crypto::KeyProvider& keys_;
  const Sender& sender_;
  const clock::Clock& clinical_;
  const clock::Clock& real_;
  const metrics::Counter delivered_total_;
  const metrics::Counter failed_total_;
  const metrics::Counter given_up_total_;
  absl::BitGen random_;
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DUTIES_DELIVERY_H_
