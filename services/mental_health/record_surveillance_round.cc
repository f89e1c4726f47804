#include "services/mental_health/record_surveillance_round.h"

#include <utility>

#include "common/status/status.h"
#include "services/mental_health/end_surveillance.h"

namespace waymark::mental_health {

MentalHealthChange RecordSurveillanceRound(const v1::MentalHealthCase& before,
                                           const v1::RecordSurveillanceRoundRequest& request,
                                           const casework::Call& call) {
  RETURN_IF_ERROR(CheckUnderSurveillance(before));
  casework::Fields fields(call.now);
  v1::SurveillanceRound round = request.round();
  fields.PastSince("round.held_time", casework::InstantOf(before.surveillance().from_time()),
                   *round.mutable_held_time());
  fields.Choice("round.interview_held", round.interview_held(), v1::Answer_IsValid);
  fields.Choice("round.result", round.result(), v1::RoundResult_IsValid);
  fields.Text("round.note", round.note(), casework::kLongestText);
  if (before.surveillance().frequency() == v1::SURVEILLANCE_FREQUENCY_SIX_MONTHLY &&
      round.interview_held() == v1::ANSWER_NO) {
    fields.Wrong("round.interview_held", "INTERVIEW_NEEDED",
                 "Six-monthly surveillance has an interview each time.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MentalHealthCase after = before;
  *after.mutable_surveillance()->add_rounds() = std::move(round);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
