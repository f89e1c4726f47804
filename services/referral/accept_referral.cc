#include "services/referral/accept_referral.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::referral {
ReferralChange AcceptReferral(const v1::ReferralCase& before,
                              const v1::AcceptReferralRequest& request,
                              const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Text("accepted.provider_reference", request.accepted().provider_reference(), 100);
  fields.Text("accepted.note", request.accepted().note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("AcceptReferral", call.now, call, after));
  *after.mutable_accepted() = request.accepted();
  v1::Answer answer;
  *answer.mutable_accepted() = request.accepted();
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
