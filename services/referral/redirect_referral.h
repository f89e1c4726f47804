#ifndef WAYMARK_SERVICES_REFERRAL_REDIRECT_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_REDIRECT_REFERRAL_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Names another organisation to ask. The referrer decides and refers again.
ReferralChange RedirectReferral(const v1::ReferralCase& before,
                                const v1::RedirectReferralRequest& request,
                                const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_REDIRECT_REFERRAL_H_
