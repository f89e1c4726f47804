#include "services/mental_health/refer_onward.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange ReferOnward(const v1::MentalHealthCase& before,
                               const v1::ReferOnwardRequest& request, const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::OnwardReferral referral;
  referral.set_service(request.referral().service());
  referral.set_to(request.referral().to());
  *referral.mutable_referred_time() = request.referral().referred_time();
  fields.Past("referral.referred_time", *referral.mutable_referred_time());
  fields.Choice("referral.service", referral.service(), v1::OnwardService_IsValid);
  fields.Text("referral.to", referral.to(), casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MentalHealthCase after = before;
  referral.set_number(before.onward_referrals_size() + 1);
  *after.add_onward_referrals() = std::move(referral);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
