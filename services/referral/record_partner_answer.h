#ifndef WAYMARK_SERVICES_REFERRAL_RECORD_PARTNER_ANSWER_H_
#define WAYMARK_SERVICES_REFERRAL_RECORD_PARTNER_ANSWER_H_

#include "services/referral/record.h"

namespace waymark::referral {

// What a provider outside the suite said by telephone, letter or mail, as if its system had: the
// same moves, and an outcome goes on to the case that the care was for. FAILED_PRECONDITION
// PROVIDER_ANSWERS_ITSELF, NOT_AN_ANSWER, ILLEGAL_MOVE.
ReferralChange RecordPartnerAnswer(const v1::ReferralCase& before,
                                   const v1::RecordPartnerAnswerRequest& request,
                                   const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECORD_PARTNER_ANSWER_H_
