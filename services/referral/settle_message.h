#ifndef WAYMARK_SERVICES_REFERRAL_SETTLE_MESSAGE_H_
#define WAYMARK_SERVICES_REFERRAL_SETTLE_MESSAGE_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Settles a message that came and fitted nowhere. NOT_FOUND MESSAGE_NOT_FOUND.
ReferralChange SettleMessage(const v1::ReferralCase& before,
                             const v1::SettleMessageRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_SETTLE_MESSAGE_H_
