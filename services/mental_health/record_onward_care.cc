#include "services/mental_health/record_onward_care.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange RecordOnwardCare(const v1::MentalHealthCase& before,
                                    const v1::RecordOnwardCareRequest& request,
                                    const casework::Call& call) {
  if (request.referral_number() < 1 || request.referral_number() > before.onward_referrals_size()) {
    return status::NotFound("ONWARD_REFERRAL_NOT_FOUND",
                            "The case has no onward referral with this number.");
  }
  v1::MentalHealthCase after = before;
  v1::OnwardReferral& referral = *after.mutable_onward_referrals(request.referral_number() - 1);
  const absl::Time referred = casework::InstantOf(referral.referred_time());
  casework::Fields fields(call.now);
  switch (request.act_case()) {
    case v1::RecordOnwardCareRequest::kSeenTime:
      *referral.mutable_seen_time() = request.seen_time();
      fields.PastSince("seen_time", referred, *referral.mutable_seen_time());
      break;
    case v1::RecordOnwardCareRequest::kTreatedTime:
      *referral.mutable_treated_time() = request.treated_time();
      fields.PastSince(
          "treated_time",
          referral.has_seen_time() ? casework::InstantOf(referral.seen_time()) : referred,
          *referral.mutable_treated_time());
      break;
    case v1::RecordOnwardCareRequest::kEnded:
      *referral.mutable_ended_time() = request.ended().ended_time();
      fields.PastSince("ended.ended_time", referred, *referral.mutable_ended_time());
      fields.RequiredText("ended.reason", request.ended().reason(), casework::kLongestReason);
      referral.set_end_reason(request.ended().reason());
      break;
    case v1::RecordOnwardCareRequest::ACT_NOT_SET:
      fields.Wrong("act", "MISSING", "Say what happened: seen, treated or ended.");
      break;
  }
  RETURN_IF_ERROR(fields.ToStatus());
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
