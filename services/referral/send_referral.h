#ifndef WAYMARK_SERVICES_REFERRAL_SEND_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_SEND_REFERRAL_H_

#include "services/referral/material.h"
#include "services/referral/record.h"

namespace waymark::referral {

// Freezes the draft, records the disclosure and puts it on its way. `identity` is the patient as
// workforce lets them go now. FAILED_PRECONDITION CONTENT_CHANGED when that is not who was drafted.
ReferralChange SendReferral(const v1::ReferralCase& before, const v1::SendReferralRequest& request,
                            const Identity& identity, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_SEND_REFERRAL_H_
