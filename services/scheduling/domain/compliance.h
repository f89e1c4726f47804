// Compliance figures: how well a measure was kept, from the same instants that the worklist shows.
#ifndef WAYMARK_SERVICES_SCHEDULING_DOMAIN_COMPLIANCE_H_
#define WAYMARK_SERVICES_SCHEDULING_DOMAIN_COMPLIANCE_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/instants.h"
#include "waymark/scheduling/v1/scheduling_service.pb.h"

namespace waymark::scheduling {

// One step that counts towards a measure.
struct Measured {
  StepInstants instants;
  absl::Time anchor;
  std::optional<absl::Time> completed;
};

// Each step is in exactly one count. Completed counts as completed however the step ended;
// completion at the very instant of `due` is in time. A percentile is the smallest duration that at
// least that share of the completed steps do not exceed (nearest rank).
v1::ComplianceFigure Figure(absl::string_view measure, const std::vector<Measured>& steps,
                            absl::Time now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DOMAIN_COMPLIANCE_H_
