#include "services/dental/receive_referral_outcome.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/dental/record_tooth_care.h"

namespace waymark::dental {
namespace {

casework::v1::LocalTime Local(const google::protobuf::Timestamp& time) {
  return casework::LondonLocalTime(casework::FromTimestamp(time));
}

// Takes the case as the act left it; as it was when the act does not fit.
void Take(DentalChange change, v1::DentalCase& record) {
  if (change.ok()) record = std::move(change->cases.front());
}

// The tooth of a step that is asked for once each: "11" of "splint_removal_4_weeks#11".
std::string ToothOf(const std::string& step_key) {
  const size_t at = step_key.find('#');
  return at == std::string::npos ? "" : step_key.substr(at + 1);
}

}  // namespace

DentalChange ReceiveReferralOutcome(const v1::DentalCase& before,
                                    const v1::ReceiveReferralOutcomeRequest& request,
                                    const casework::Call& call) {
  v1::DentalCase after = before;
  const std::string tooth = ToothOf(request.step_key());
  for (const referral::v1::Treatment& treatment : request.outcome().treatments()) {
    if (tooth.empty() || treatment.kind() != referral::v1::TREATMENT_KIND_DENTAL_TREATMENT)
      continue;
    v1::RecordToothCareRequest care;
    care.add_teeth(tooth);
    *care.mutable_done_time() = Local(treatment.given_time());
    if (absl::StartsWith(request.step_key(), "splint_removal")) {
      care.mutable_splint_removed();
    } else if (absl::StartsWith(request.step_key(), "root_filling")) {
      care.mutable_root_canal_filled();
    } else {
      continue;
    }
    Take(RecordToothCare(after, care, call), after);
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
