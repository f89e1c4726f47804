#ifndef WAYMARK_SERVICES_REFERRAL_ASK_FOR_INFORMATION_H_
#define WAYMARK_SERVICES_REFERRAL_ASK_FOR_INFORMATION_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Asks the referrer for something before deciding. At most 20 questions a referral.
ReferralChange AskForInformation(const v1::ReferralCase& before,
                                 const v1::AskForInformationRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_ASK_FOR_INFORMATION_H_
