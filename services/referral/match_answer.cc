#include "services/referral/match_answer.h"

#include <utility>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::referral {
ReferralChange MatchAnswer(const v1::ReferralCase& before, const v1::MatchAnswerRequest& request,
                           const casework::Call& call) {
  casework::Fields fields(call.now);
  if (!ids::IsUuid(request.referral_id())) {
    fields.Wrong("referral_id", "NOT_A_UUID", "Give the id of the referral's case.");
  }
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("MatchAnswer", call.now, call, after));
  after.set_followed_by(request.referral_id());
  *after.mutable_followed_time() = casework::ToTimestamp(call.now);
  for (v1::Unfitting& message : *after.mutable_unfitting()) {
    v1::Parcel parcel;
    v1::ReceiveAnswerRequest& matched = *parcel.mutable_answer();
    matched.set_request_id(call.NewId("match"));
    matched.set_tenant(call.tenant);
    matched.mutable_actor()->set_user_id(call.user_id);
    matched.mutable_actor()->set_role(call.role);
    matched.set_case_id(request.referral_id());
    *matched.mutable_answer() = message.answer();
    // Of another numbering, or of none.
    matched.mutable_answer()->set_number(0);
    change.messages.push_back({.destination = kCounterpart, .payload = parcel.SerializeAsString()});
    *message.mutable_settled_time() = casework::ToTimestamp(call.now);
    break;
  }
  return change;
}

}  // namespace waymark::referral
