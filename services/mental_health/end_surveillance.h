#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_END_SURVEILLANCE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_END_SURVEILLANCE_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// NOT_UNDER_SURVEILLANCE unless the officer is in a role under surveillance.
absl::Status CheckUnderSurveillance(const v1::MentalHealthCase& record);

// Records that the officer left the high-risk role: no further round is asked for.
// NOT_UNDER_SURVEILLANCE.
MentalHealthChange EndSurveillance(const v1::MentalHealthCase& before,
                                   const v1::EndSurveillanceRequest& request,
                                   const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_END_SURVEILLANCE_H_
