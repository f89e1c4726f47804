#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_SURVEILLANCE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_SURVEILLANCE_H_

#include "services/mental_health/opening.h"

namespace waymark::mental_health {

// Puts an officer in a high-risk role under regular psychological surveillance. INVALID_FIELDS with
// every field that is wrong.
MentalHealthChange OpenSurveillance(const v1::OpenSurveillanceRequest& request,
                                    const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_SURVEILLANCE_H_
