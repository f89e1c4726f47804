#include "services/mental_health/referral_content.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/referral_content.h"

namespace waymark::mental_health {
namespace {

using casework::AddItem;
using casework::WordsOf;

}  // namespace

absl::StatusOr<referral::v1::PathwayContent> ReferralContentOf(
    const v1::MentalHealthCase& record, const v1::ReadReferralContentRequest& request) {
  ASSIGN_OR_RETURN(referral::v1::PathwayContent content,
                   casework::ReferralClock(record.header(), request.step_key()));

  for (const v1::Measurement& measurement : record.measurements()) {
    if (!measurement.has_total() || !measurement.withdrawn_reason().empty()) continue;
    const std::string name = WordsOf(v1::Instrument_Name(measurement.instrument()), "INSTRUMENT_");
    referral::v1::ClinicalItem& score = AddItem(
        absl::StrCat(name, "_", measurement.measurement_id()), referral::v1::ITEM_KIND_OBSERVATION,
        absl::StrCat(absl::AsciiStrToUpper(name), ", total"),
        "What the service measures its own care against.", content);
    score.mutable_quantity()->set_value(measurement.total());
    *score.mutable_effective_time() = measurement.completed_time().instant();
  }
  AddItem("risk", referral::v1::ITEM_KIND_OBSERVATION, "Risk was raised with the patient",
          "So that the service asks again, and sees whom to call.", content)
      .set_yes(!record.risk_flags().empty());
  if (!record.safety_plans().empty()) {
    AddItem("safety_plan", referral::v1::ITEM_KIND_PROCEDURE, "Safety plan",
            "So that the service asks the patient for it.", content)
        .set_yes(true);
  }
  for (const v1::Treatment& treatment : record.treatments()) {
    if (!treatment.has_started_time()) continue;
    referral::v1::ClinicalItem& begun =
        AddItem(absl::StrCat("treatment_", treatment.number()), referral::v1::ITEM_KIND_PROCEDURE,
                "Treatment begun", "What has been tried.", content);
    begun.set_text(WordsOf(v1::TreatmentKind_Name(treatment.kind()), "TREATMENT_KIND_"));
    *begun.mutable_effective_time() = treatment.started_time().instant();
  }

  return content;
}

}  // namespace waymark::mental_health
