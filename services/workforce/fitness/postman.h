// Takes releases to the webhook of each force, in their order, and hands over to a person when one
// does not arrive.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_POSTMAN_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_POSTMAN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"
#include "services/workforce/desk.h"
#include "services/workforce/fitness/room.h"

namespace waymark::workforce {

// At least once: a process that dies between sending and writing that down sends again, under the
// same delivery id. Several processes may do it at once, a lease keeps them apart. What is on a
// person who has died is left out.
class Postman {
 public:
  Postman(Desk& desk, const FitnessOptions& options, metrics::Registry& registry);

  // Delivers everything that waits, a few forces side by side, so that one slow receiver holds up
  // few others.
  absl::Status RunOnce();

 private:
  absl::Status Serve(const std::string& tenant);
  // False when nothing waits.
  absl::StatusOr<bool> DeliverOne(const std::string& tenant);

  Desk& desk_;
  const FitnessOptions& options_;
  const metrics::Counter delivered_total_;
  const metrics::Counter failed_total_;
  const metrics::Counter given_up_total_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_POSTMAN_H_
