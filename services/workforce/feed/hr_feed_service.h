// HrFeedService as workforce's program serves it.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_HR_FEED_SERVICE_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_HR_FEED_SERVICE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/server/server.h"
#include "services/workforce/desk.h"

namespace waymark::workforce {

struct HrFeedParts {
  server::Exposed service;
  std::vector<server::Duty> duties;
  std::shared_ptr<void> held;
};

// `desk` outlives the parts.
absl::StatusOr<HrFeedParts> AssembleHrFeed(server::Ground& ground, Desk& desk);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_HR_FEED_SERVICE_H_
