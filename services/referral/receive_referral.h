#ifndef WAYMARK_SERVICES_REFERRAL_RECEIVE_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_RECEIVE_REFERRAL_H_

#include <vector>

#include "services/referral/record.h"

namespace waymark::referral {

// Opens the provider's copy, under the same id, and says that it came. The copy holds the patient
// only in its content: in the provider's organisation they are nobody's staff.
ReferralChange ReceiveReferral(const v1::ReceiveReferralRequest& request,
                               const casework::Call& call);
void FillReceived(const std::vector<v1::ReferralCase>& opened,
                  const v1::ReceiveReferralRequest& request, v1::ReceiveReferralResponse& response);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECEIVE_REFERRAL_H_
