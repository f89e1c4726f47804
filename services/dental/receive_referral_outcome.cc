#include "services/dental/receive_referral_outcome.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "services/casework/outcome.h"
#include "services/dental/record_tooth_care.h"

namespace waymark::dental {
namespace {

// The tooth of a step that is asked for once each: "11" of "splint_removal_4_weeks#11".
std::string ToothOf(const std::string& step_key) {
  const size_t at = step_key.find('#');
  return at == std::string::npos ? "" : step_key.substr(at + 1);
}

}  // namespace

DentalChange ReceiveReferralOutcome(const v1::DentalCase& before,
                                    const v1::ReceiveReferralOutcomeRequest& request,
                                    const casework::Call& call) {
  casework::Outcome<v1::DentalCase> outcome(before, call);
  const std::string tooth = ToothOf(request.step_key());
  for (const referral::v1::Treatment& treatment : request.outcome().treatments()) {
    v1::RecordToothCareRequest care;
    care.add_teeth(tooth);
    *care.mutable_done_time() = casework::LocalOf(treatment.given_time());
    if (absl::StartsWith(request.step_key(), "splint_removal")) {
      care.mutable_splint_removed();
    } else if (absl::StartsWith(request.step_key(), "root_filling")) {
      care.mutable_root_canal_filled();
    }
    if (tooth.empty() || care.act_case() == v1::RecordToothCareRequest::ACT_NOT_SET ||
        treatment.kind() != referral::v1::TREATMENT_KIND_DENTAL_TREATMENT) {
      outcome.Leave(casework::NameOf(treatment), casework::kNoAct);
      continue;
    }
    outcome.Record(casework::NameOf(treatment), &RecordToothCare, care);
  }
  outcome.LeaveResults(request.outcome());
  return std::move(outcome).Taken();
}

}  // namespace waymark::dental
