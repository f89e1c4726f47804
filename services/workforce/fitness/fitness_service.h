// The gRPC face of fitness out, and its duties.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_FITNESS_SERVICE_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_FITNESS_SERVICE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/server/server.h"
#include "services/workforce/desk.h"
#include "services/workforce/fitness/room.h"

namespace waymark::workforce {

struct FitnessParts {
  server::Exposed service;
  std::vector<server::Duty> duties;
  std::shared_ptr<void> held;
};

// `desk` outlives the parts. With --production the webhook is called over TLS only.
absl::StatusOr<FitnessParts> AssembleFitness(server::Ground& ground, Desk& desk,
                                             TellScheduling tell);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_FITNESS_SERVICE_H_
