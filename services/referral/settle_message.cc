#include "services/referral/settle_message.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::referral {
ReferralChange SettleMessage(const v1::ReferralCase& before,
                             const v1::SettleMessageRequest& request, const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.RequiredText("note", request.note(), casework::kLongestReason);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  for (v1::Unfitting& message : *change.cases.front().mutable_unfitting()) {
    if (message.key() != request.key() || message.has_settled_time()) continue;
    *message.mutable_settled_time() = casework::ToTimestamp(call.now);
    message.set_settled_note(request.note());
    return change;
  }
  return status::NotFound("MESSAGE_NOT_FOUND", "There is no such message that waits.");
}

}  // namespace waymark::referral
