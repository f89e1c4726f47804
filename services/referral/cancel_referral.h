#ifndef WAYMARK_SERVICES_REFERRAL_CANCEL_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_CANCEL_REFERRAL_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Cancels the referral, sent or not. A provider that has it is told.
ReferralChange CancelReferral(const v1::ReferralCase& before,
                              const v1::CancelReferralRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CANCEL_REFERRAL_H_
