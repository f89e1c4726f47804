#ifndef WAYMARK_SERVICES_REFERRAL_RECEIVE_ANSWER_H_
#define WAYMARK_SERVICES_REFERRAL_RECEIVE_ANSWER_H_

#include <vector>

#include "services/referral/record.h"

namespace waymark::referral {

// Brings an answer to the referrer's case. Numbered ones are applied in order, whatever order they
// come in: one that came before is ALREADY_EXISTS MESSAGE_KNOWN, one whose predecessors are missing
// waits for them. One that does not fit the state changes nothing and becomes a task with a
// deadline. A closed case is opened again for it. An outcome goes on to the case that the care was
// for.
ReferralChange ReceiveAnswer(const v1::ReferralCase& before,
                             const v1::ReceiveAnswerRequest& request, const casework::Call& call);

// Opens a case for an answer that belongs to no referral that is known: a task with a deadline.
ReferralChange KeepUnmatched(const v1::ReceiveAnswerRequest& request, const casework::Call& call);
void FillUnmatched(const std::vector<v1::ReferralCase>& opened,
                   const v1::ReceiveAnswerRequest& request, v1::ReceiveAnswerResponse& response);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECEIVE_ANSWER_H_
