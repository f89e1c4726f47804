#ifndef WAYMARK_SERVICES_REFERRAL_DECLINE_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_DECLINE_REFERRAL_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Declines, with a coded reason; OTHER takes a note.
ReferralChange DeclineReferral(const v1::ReferralCase& before,
                               const v1::DeclineReferralRequest& request,
                               const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_DECLINE_REFERRAL_H_
