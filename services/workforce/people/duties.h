// What the service does without being asked, for every force.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_DUTIES_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_DUTIES_H_

#include "absl/status/status.h"
#include "services/workforce/desk.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

// Wraps keys anew after the provider's rotation; seals anew what an older key seals.
absl::Status TendKeys(Desk& desk);

// A day that was stated in advance has come: joiners are active, leavers have left.
absl::Status RefreshAllStates(Desk& desk);

// Metric waymark_workforce_overdue_reviews: uses of emergency access that nobody reviewed in time.
absl::Status CountOverdueReviews(Desk& desk);

// Erases whom the schedule lets go, each with an ACTION_ERASE.
absl::Status EraseDue(Desk& desk, const v1::ListRetentionResponse& schedule);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_DUTIES_H_
