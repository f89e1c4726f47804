#ifndef WAYMARK_SERVICES_REFERRAL_RECORD_OUTCOME_H_
#define WAYMARK_SERVICES_REFERRAL_RECORD_OUTCOME_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Records what came of it, for the referrer: results, treatment, discharge. At most 40 a referral.
ReferralChange RecordOutcome(const v1::ReferralCase& before,
                             const v1::RecordOutcomeRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECORD_OUTCOME_H_
