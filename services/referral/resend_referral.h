#ifndef WAYMARK_SERVICES_REFERRAL_RESEND_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_RESEND_REFERRAL_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Sends what was sent once more, under the same message id, and records that somebody asked for it.
ReferralChange ResendReferral(const v1::ReferralCase& before,
                              const v1::ResendReferralRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RESEND_REFERRAL_H_
