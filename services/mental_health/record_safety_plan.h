#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SAFETY_PLAN_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SAFETY_PLAN_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records a safety plan agreed with the officer, whole: warning signs, coping, contacts with a
// professional or a crisis line among them, and means. While there is active intent the firearms
// authority cannot stay as it is.
MentalHealthChange RecordSafetyPlan(const v1::MentalHealthCase& before,
                                    const v1::RecordSafetyPlanRequest& request,
                                    const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SAFETY_PLAN_H_
