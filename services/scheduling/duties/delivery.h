// Delivers notices that leave the console, tries again when they do not arrive, and hands over to a
// person at the step's hard stop.
#ifndef WAYMARK_SERVICES_SCHEDULING_DUTIES_DELIVERY_H_
#define WAYMARK_SERVICES_SCHEDULING_DUTIES_DELIVERY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/metrics/metrics.h"
#include "services/scheduling/domain/routes.h"
#include "services/scheduling/duties/sender.h"
#include "services/scheduling/store/notices.h"
#include "services/scheduling/store/rota.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::scheduling {

// How people may be reached now: one call for all of them, answered before `deadline` or not at
// all.
using RouteFinder = std::function<absl::StatusOr<workforce::v1::ResolveRoutesResponse>(
    const workforce::v1::ResolveRoutesRequest& request, absl::Time deadline)>;

struct DeliveryOptions {
  // Empty: workforce is not there. Staff are then reached by the rota alone, officers not at all.
  RouteFinder find_routes;
  // More than these to one role in an hour, and the rest go out together; 0: no limit. Whatever is
  // about a hard stop goes out by itself all the same.
  int pages_an_hour = 20;
};

// At least once: a process that dies between sending and writing that down sends again, under the
// same notice id. Not thread-safe; several processes may do it at once, a lease keeps them apart.
class Delivery {
 public:
  // `clinical` decides when a step's hard stop has come; `real` paces retries and leases.
  Delivery(db::Database& database, const crypto::KeyProvider& keys, const Sender& sender,
           const clock::Clock& clinical, const clock::Clock& real, metrics::Registry& registry,
           DeliveryOptions options = {});

  // Delivers everything that waits, tenant by tenant, a few notices at a time side by side, so that
  // one slow receiver holds up little.
  absl::Status RunOnce();

 private:
  // A notice on its way: where it goes, and what came of it.
  struct Errand {
    LeasedNotice leased;
    // The rota's contact, or the duty address for want of it.
    v1::Contact rota;
    // For an officer's.
    std::string subject_id;
    Destination to;
    absl::Status outcome;
  };
  struct Round {
    std::vector<Errand> errands;
    DutyAddress duty;
    // Notices taken, whether or not they go out now.
    int taken = 0;
  };

  // True when there may be more.
  absl::StatusOr<bool> DeliverSome(const std::string& tenant);
  absl::StatusOr<bool> DeliverDigest(const std::string& tenant);
  absl::Status Take(db::Transaction& txn, bool digest, Round& round);
  // Leaves in `leased` what may go out by itself.
  absl::Status KeepBudget(db::Transaction& txn, std::vector<LeasedNotice>& leased);
  // Asks workforce once, and decides where each errand goes.
  void Resolve(const std::string& tenant, Round& round);
  absl::Status Settle(const std::string& tenant, const Round& round);

  db::Database& database_;
  const crypto::KeyProvider& keys_;
  const Sender& sender_;
  const clock::Clock& clinical_;
  const clock::Clock& real_;
  const DeliveryOptions options_;
  const metrics::Counter delivered_total_;
  const metrics::Counter failed_total_;
  const metrics::Counter given_up_total_;
  const metrics::Counter merged_total_;
  const metrics::Counter unresolved_total_;
  absl::BitGen random_;
  // Real time until which workforce, having failed to answer, is not asked again.
  absl::Time ask_again_ = absl::InfinitePast();
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DUTIES_DELIVERY_H_
