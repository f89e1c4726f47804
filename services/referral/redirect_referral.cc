#include "services/referral/redirect_referral.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::referral {
ReferralChange RedirectReferral(const v1::ReferralCase& before,
                                const v1::RedirectReferralRequest& request,
                                const casework::Call& call) {
  const v1::Redirected& redirected = request.redirected();
  casework::Fields fields(call.now);
  fields.RequiredText("redirected.organisation_code", redirected.organisation_code(), 40);
  fields.Text("redirected.organisation_name", redirected.organisation_name(),
              casework::kLongestName);
  fields.Text("redirected.note", redirected.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("RedirectReferral", call.now, call, after));
  *after.mutable_redirected() = redirected;
  v1::Answer answer;
  *answer.mutable_redirected() = redirected;
  Say(std::move(answer), call, change);
  return change;
}

}  // namespace waymark::referral
