#include "services/referral/answer_question.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/neutral.h"

namespace waymark::referral {
ReferralChange AnswerQuestion(const v1::ReferralCase& before,
                              const v1::AnswerQuestionRequest& request,
                              const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.RequiredText("answer", request.answer(), casework::kLongestText);
  CheckNeutral("answer", request.answer(), before.content(), call.tenant, fields);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("AnswerQuestion", call.now, call, after));
  for (v1::Question& question : *after.mutable_questions()) {
    if (question.question_id() != request.question_id() || !question.answer().empty()) continue;
    question.set_answer(request.answer());
    *question.mutable_answered_time() = casework::ToTimestamp(call.now);
    v1::Update update;
    *update.mutable_answered() = question;
    Say(std::move(update), call, change);
    return change;
  }
  return status::NotFound("QUESTION_NOT_FOUND", "There is no open question of this id.");
}

}  // namespace waymark::referral
