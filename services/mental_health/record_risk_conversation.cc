#include "services/mental_health/record_risk_conversation.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange RecordRiskConversation(const v1::MentalHealthCase& before,
                                          const v1::RecordRiskConversationRequest& request,
                                          const casework::Call& call) {
  v1::MentalHealthCase after = before;
  v1::RiskFlag* flag = FindFlag(after, request.flag_number());
  if (flag == nullptr) return NoSuchFlag();
  casework::Fields fields(call.now);
  v1::RiskConversation conversation = request.conversation();
  if (fields.Past("conversation.held_time", *conversation.mutable_held_time()) &&
      casework::InstantOf(conversation.held_time()) < AnsweredFrom(before, *flag)) {
    fields.Wrong("conversation.held_time", "BEFORE_FLAG",
                 "A conversation before the day of the flag does not answer it.");
  }
  fields.MayChoose("conversation.active_intent", conversation.active_intent(), v1::Answer_IsValid);
  fields.Text("conversation.account", conversation.account(), casework::kLongestText);
  if (conversation.reached() && conversation.active_intent() != v1::ANSWER_YES &&
      conversation.active_intent() != v1::ANSWER_NO) {
    fields.Wrong("conversation.active_intent", "MISSING",
                 "Ask, and say yes or no. Not knowing is a reason to go on.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  conversation.set_held_by(call.user_id);
  *flag->add_conversations() = std::move(conversation);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
