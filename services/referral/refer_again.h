#ifndef WAYMARK_SERVICES_REFERRAL_REFER_AGAIN_H_
#define WAYMARK_SERVICES_REFERRAL_REFER_AGAIN_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Drafts a referral for the same need to another provider. The need is copied as it is: its clock
// and the waiting times go on. FAILED_PRECONDITION ALREADY_FOLLOWED when that was done before.
ReferralChange ReferAgain(const v1::ReferralCase& before, const v1::ReferAgainRequest& request,
                          const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_REFER_AGAIN_H_
