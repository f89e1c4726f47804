#ifndef WAYMARK_SERVICES_REFERRAL_ACCEPT_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_ACCEPT_REFERRAL_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Takes the patient on. INVALID_ARGUMENT INVALID_FIELDS; FAILED_PRECONDITION ILLEGAL_MOVE, as every
// act.
ReferralChange AcceptReferral(const v1::ReferralCase& before,
                              const v1::AcceptReferralRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_ACCEPT_REFERRAL_H_
