#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_WITHDRAW_MEASURE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_WITHDRAW_MEASURE_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Withdraws a form that was recorded in error. It stays, and nothing is read from it any more; a
// flag that it raised stays up. MEASUREMENT_NOT_FOUND, MEASUREMENT_WITHDRAWN.
MentalHealthChange WithdrawMeasure(const v1::MentalHealthCase& before,
                                   const v1::WithdrawMeasureRequest& request,
                                   const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_WITHDRAW_MEASURE_H_
