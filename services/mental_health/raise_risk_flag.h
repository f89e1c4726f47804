#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RAISE_RISK_FLAG_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RAISE_RISK_FLAG_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Raises a risk flag on a clinician's judgement: somebody talks with the officer today.
MentalHealthChange RaiseRiskFlag(const v1::MentalHealthCase& before,
                                 const v1::RaiseRiskFlagRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RAISE_RISK_FLAG_H_
