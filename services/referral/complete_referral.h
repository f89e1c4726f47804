#ifndef WAYMARK_SERVICES_REFERRAL_COMPLETE_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_COMPLETE_REFERRAL_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Says that the referrer has what it needed, and tells the provider so.
ReferralChange CompleteReferral(const v1::ReferralCase& before,
                                const v1::CompleteReferralRequest& request,
                                const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_COMPLETE_REFERRAL_H_
