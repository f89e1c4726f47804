#include "services/mental_health/referral_content.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/casework/status.h"

namespace waymark::mental_health {
namespace {

// The step's clock, as it is planned. NOT_FOUND STEP_NOT_FOUND.
absl::StatusOr<referral::v1::PathwayContent> ClockOf(const casework::v1::CaseHeader& header,
                                                     const std::string& step_key) {
  const casework::v1::Step* step = casework::FindStep(header.plan(), step_key);
  if (step == nullptr) {
    return status::NotFound("STEP_NOT_FOUND", "The case's plan has no step of this key.");
  }
  referral::v1::PathwayContent content;
  content.set_subject_id(header.subject_id());
  content.set_jurisdiction(header.jurisdiction());
  content.set_step_title(step->title());
  content.set_anchor(step->anchor());
  if (step->has_anchor_time()) *content.mutable_anchor_time() = step->anchor_time();
  if (step->has_opens_time()) *content.mutable_opens_time() = step->opens_time();
  if (step->has_due_time()) *content.mutable_due_time() = step->due_time();
  if (step->has_closes_time()) *content.mutable_closes_time() = step->closes_time();
  return content;
}

// "human bite, skin broken" out of an enum's name without its prefix.
std::string Words(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(absl::StripPrefix(name, prefix), {{"_", " "}}));
}

referral::v1::ClinicalItem& Add(const std::string& key, referral::v1::ItemKind kind,
                                const std::string& display, const std::string& purpose,
                                referral::v1::PathwayContent& content) {
  referral::v1::ClinicalItem& item = *content.add_items();
  item.set_key(key);
  item.set_kind(kind);
  item.mutable_code()->set_display(display);
  item.set_purpose(purpose);
  return item;
}

}  // namespace

absl::StatusOr<referral::v1::PathwayContent> ReferralContentOf(
    const v1::MentalHealthCase& record, const v1::ReadReferralContentRequest& request) {
  ASSIGN_OR_RETURN(referral::v1::PathwayContent content,
                   ClockOf(record.header(), request.step_key()));

  for (const v1::Measurement& measurement : record.measurements()) {
    if (!measurement.has_total() || !measurement.withdrawn_reason().empty()) continue;
    const std::string name = Words(v1::Instrument_Name(measurement.instrument()), "INSTRUMENT_");
    referral::v1::ClinicalItem& score = Add(
        absl::StrCat(name, "_", measurement.measurement_id()), referral::v1::ITEM_KIND_OBSERVATION,
        absl::StrCat(absl::AsciiStrToUpper(name), ", total"),
        "What the service measures its own care against.", content);
    score.mutable_quantity()->set_value(measurement.total());
    *score.mutable_effective_time() = measurement.completed_time().instant();
  }
  Add("risk", referral::v1::ITEM_KIND_OBSERVATION, "Risk was raised with the patient",
      "So that the service asks again, and sees whom to call.", content)
      .set_yes(!record.risk_flags().empty());
  if (!record.safety_plans().empty()) {
    Add("safety_plan", referral::v1::ITEM_KIND_PROCEDURE, "Safety plan",
        "So that the service asks the patient for it.", content)
        .set_yes(true);
  }
  for (const v1::Treatment& treatment : record.treatments()) {
    if (!treatment.has_started_time()) continue;
    referral::v1::ClinicalItem& begun =
        Add(absl::StrCat("treatment_", treatment.number()), referral::v1::ITEM_KIND_PROCEDURE,
            "Treatment begun", "What has been tried.", content);
    begun.set_text(Words(v1::TreatmentKind_Name(treatment.kind()), "TREATMENT_KIND_"));
    *begun.mutable_effective_time() = treatment.started_time().instant();
  }

  return content;
}

}  // namespace waymark::mental_health
