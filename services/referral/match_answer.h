#ifndef WAYMARK_SERVICES_REFERRAL_MATCH_ANSWER_H_
#define WAYMARK_SERVICES_REFERRAL_MATCH_ANSWER_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Gives an answer that could not be matched to the referral that it belongs to, in the same
// organisation.
ReferralChange MatchAnswer(const v1::ReferralCase& before, const v1::MatchAnswerRequest& request,
                           const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_MATCH_ANSWER_H_
