#include "services/referral/complete_referral.h"

#include <utility>

#include "common/status/status.h"
#include "services/referral/neutral.h"

namespace waymark::referral {
ReferralChange CompleteReferral(const v1::ReferralCase& before,
                                const v1::CompleteReferralRequest& request,
                                const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Text("completed.note", request.completed().note(), casework::kLongestReason);
  CheckNeutral("completed.note", request.completed().note(), before.content(), call.tenant, fields);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("CompleteReferral", call.now, call, after));
  v1::Update update;
  *update.mutable_completed() = request.completed();
  Say(std::move(update), call, change);
  return change;
}

}  // namespace waymark::referral
