#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_FIREARMS_REQUEST_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_FIREARMS_REQUEST_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records that the firearms department was asked to suspend the authority pending clinical review.
// FLAG_NOT_FOUND.
MentalHealthChange RecordFirearmsRequest(const v1::MentalHealthCase& before,
                                         const v1::RecordFirearmsRequestRequest& request,
                                         const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_FIREARMS_REQUEST_H_
