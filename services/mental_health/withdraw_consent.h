#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_WITHDRAW_CONSENT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_WITHDRAW_CONSENT_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records that consent to care was withdrawn. Open steps end as declined, except those for
// somebody's safety and those of fitness for duty, which ask for no care.
// CONSENT_ALREADY_WITHDRAWN.
MentalHealthChange WithdrawConsent(const v1::MentalHealthCase& before,
                                   const v1::WithdrawConsentRequest& request,
                                   const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_WITHDRAW_CONSENT_H_
