#ifndef WAYMARK_SERVICES_REFERRAL_BOOK_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_BOOK_REFERRAL_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Books an appointment, or moves it: the last one holds. At most 60 appointments a referral.
ReferralChange BookReferral(const v1::ReferralCase& before, const v1::BookReferralRequest& request,
                            const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_BOOK_REFERRAL_H_
