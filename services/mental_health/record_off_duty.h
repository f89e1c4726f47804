#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_OFF_DUTY_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_OFF_DUTY_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records that the officer is off duty because of this, or is back. ALREADY_OFF_DUTY, NOT_OFF_DUTY.
MentalHealthChange RecordOffDuty(const v1::MentalHealthCase& before,
                                 const v1::RecordOffDutyRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_OFF_DUTY_H_
