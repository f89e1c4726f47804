#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_ONWARD_CARE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_ONWARD_CARE_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records what became of an onward referral. ONWARD_REFERRAL_NOT_FOUND.
MentalHealthChange RecordOnwardCare(const v1::MentalHealthCase& before,
                                    const v1::RecordOnwardCareRequest& request,
                                    const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_ONWARD_CARE_H_
