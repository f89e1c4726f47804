#ifndef WAYMARK_SERVICES_REFERRAL_RECORD_SEEN_H_
#define WAYMARK_SERVICES_REFERRAL_RECORD_SEEN_H_

#include "services/referral/record.h"

namespace waymark::referral {

// The patient was seen.
ReferralChange RecordSeen(const v1::ReferralCase& before, const v1::RecordSeenRequest& request,
                          const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECORD_SEEN_H_
