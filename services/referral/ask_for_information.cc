#include "services/referral/ask_for_information.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::referral {
namespace {

constexpr int kMostQuestions = 20;

}  // namespace

ReferralChange AskForInformation(const v1::ReferralCase& before,
                                 const v1::AskForInformationRequest& request,
                                 const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.RequiredText("question", request.question(), casework::kLongestText);
  if (before.questions_size() >= kMostQuestions) {
    fields.Wrong("question", "TOO_MANY",
                 "A referral takes at most 20 questions. Call the referrer.");
  }
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("AskForInformation", call.now, call, after));
  v1::Question& question = *after.add_questions();
  question.set_question_id(call.NewId("question"));
  question.set_text(request.question());
  *question.mutable_asked_time() = casework::ToTimestamp(call.now);
  v1::Answer answer;
  *answer.mutable_asked() = question;
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
