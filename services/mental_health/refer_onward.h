#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_REFER_ONWARD_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_REFER_ONWARD_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records a referral out of occupational health; its clock counts from when it was made.
MentalHealthChange ReferOnward(const v1::MentalHealthCase& before,
                               const v1::ReferOnwardRequest& request, const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_REFER_ONWARD_H_
