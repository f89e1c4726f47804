#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SURVEILLANCE_ROUND_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SURVEILLANCE_ROUND_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records a round of surveillance; six-monthly ones need an interview. NOT_UNDER_SURVEILLANCE.
MentalHealthChange RecordSurveillanceRound(const v1::MentalHealthCase& before,
                                           const v1::RecordSurveillanceRoundRequest& request,
                                           const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SURVEILLANCE_ROUND_H_
