#include "services/referral/cancel_referral.h"

#include <utility>

#include "common/status/status.h"
#include "services/referral/neutral.h"

namespace waymark::referral {
ReferralChange CancelReferral(const v1::ReferralCase& before,
                              const v1::CancelReferralRequest& request,
                              const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("cancelled.reason", request.cancelled().reason(), v1::CancelReason_IsValid);
  fields.Text("cancelled.note", request.cancelled().note(), casework::kLongestReason);
  CheckNeutral("cancelled.note", request.cancelled().note(), before.content(), call.tenant, fields);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  RETURN_IF_ERROR(Enter("CancelReferral", call.now, call, after));
  *after.mutable_cancelled() = request.cancelled();
  v1::Update update;
  *update.mutable_cancelled() = request.cancelled();
  Say(std::move(update), call, change);
  return change;
}

}  // namespace waymark::referral
