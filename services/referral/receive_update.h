#ifndef WAYMARK_SERVICES_REFERRAL_RECEIVE_UPDATE_H_
#define WAYMARK_SERVICES_REFERRAL_RECEIVE_UPDATE_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Brings what the referrer says to the provider's copy: in order, once, and kept for a person when
// it does not fit, as receive_answer.h says of the other direction.
ReferralChange ReceiveUpdate(const v1::ReferralCase& before,
                             const v1::ReceiveUpdateRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECEIVE_UPDATE_H_
