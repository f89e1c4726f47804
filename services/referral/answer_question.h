#ifndef WAYMARK_SERVICES_REFERRAL_ANSWER_QUESTION_H_
#define WAYMARK_SERVICES_REFERRAL_ANSWER_QUESTION_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Answers what the provider asked. NOT_FOUND QUESTION_NOT_FOUND. The answer leaves: it may not name
// the employer unless that was agreed.
ReferralChange AnswerQuestion(const v1::ReferralCase& before,
                              const v1::AnswerQuestionRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_ANSWER_QUESTION_H_
