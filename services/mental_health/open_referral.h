#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_REFERRAL_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_REFERRAL_H_

#include "services/mental_health/opening.h"

namespace waymark::mental_health {

// Opens a case for an officer whom a manager, a peer or a general practitioner refers. A supervisor
// refers as a manager and attaches no forms. INVALID_FIELDS with every field that is wrong.
MentalHealthChange OpenReferral(const v1::OpenReferralRequest& request, const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_REFERRAL_H_
