#include "services/bbv/record_specialist_referral.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange RecordSpecialistReferral(const v1::BbvCase& before,
                                   const v1::RecordSpecialistReferralRequest& request,
                                   const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::SpecialistReferral referral = request.referral();
  fields.PastSince("referral.referred_time", IncidentOf(before), *referral.mutable_referred_time());
  fields.RequiredText("referral.to", referral.to(), casework::kLongestName);
  if (fields.Choice("referral.test", referral.test(), v1::TestCode_IsValid) &&
      VirusOf(referral.test()) == Virus::kNone) {
    fields.Wrong("referral.test", "NOT_AN_INFECTION",
                 "Name the test whose positive result is referred.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  *after.add_specialist_referrals() = std::move(referral);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
