#include "services/referral/decline_referral.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::referral {
ReferralChange DeclineReferral(const v1::ReferralCase& before,
                               const v1::DeclineReferralRequest& request,
                               const casework::Call& call) {
  const v1::Declined& declined = request.declined();
  casework::Fields fields(call.now);
  fields.Choice("declined.reason", declined.reason(), v1::DeclineReason_IsValid);
  if (declined.reason() == v1::DECLINE_REASON_OTHER) {
    fields.RequiredText("declined.note", declined.note(), casework::kLongestText);
  } else {
    fields.Text("declined.note", declined.note(), casework::kLongestText);
  }
  fields.Text("declined.alternatives", declined.alternatives(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("DeclineReferral", call.now, call, after));
  *after.mutable_declined() = declined;
  v1::Answer answer;
  *answer.mutable_declined() = declined;
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
