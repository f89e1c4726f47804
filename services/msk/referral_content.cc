#include "services/msk/referral_content.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/casework/status.h"
#include "services/msk/record.h"

namespace waymark::msk {
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
    const v1::MskCase& msk_case, const v1::ReadReferralContentRequest& request) {
  ASSIGN_OR_RETURN(referral::v1::PathwayContent content,
                   ClockOf(msk_case.header(), request.step_key()));

  const v1::Injury& injury = LatestInjury(msk_case);
  referral::v1::ClinicalItem& region =
      Add("region", referral::v1::ITEM_KIND_CONDITION, "Injury of the musculoskeletal system",
          "What the care is for.", content);
  region.mutable_code()->set_system("http://snomed.info/sct");
  region.mutable_code()->set_code("105606008");
  region.set_text(absl::StrCat(Words(v1::Region_Name(injury.region()), "REGION_"), ", ",
                               Words(v1::Side_Name(injury.side()), "SIDE_")));
  *region.mutable_effective_time() = injury.incident_time().instant();
  if (const v1::Triage* triage = TriageOf(msk_case)) {
    Add("diagnosis", referral::v1::ITEM_KIND_CONDITION, "Working diagnosis",
        "What the care is planned by.", content)
        .set_text(Words(v1::Diagnosis_Name(triage->diagnosis()), "DIAGNOSIS_"));
  }
  for (const v1::RedFlag& flag : msk_case.red_flags()) {
    Add(absl::StrCat("red_flag_", flag.red_flag_id()), referral::v1::ITEM_KIND_OBSERVATION,
        "Red flag", "Decides how soon and by whom.", content)
        .set_text(Words(v1::Suspicion_Name(flag.suspicion()), "SUSPICION_"));
  }
  if (msk_case.red_flags().empty() && !msk_case.red_flag_checks().empty()) {
    Add("red_flags", referral::v1::ITEM_KIND_OBSERVATION, "Red flags",
        "Decides how soon and by whom.", content)
        .set_text("asked for, none found");
  }
  if (const v1::Score* score = LastStartBack(msk_case)) {
    Add("start_back", referral::v1::ITEM_KIND_OBSERVATION, "STarT Back, total",
        "Decides on the kind of physiotherapy.", content)
        .mutable_quantity()
        ->set_value(score->total());
  }
  if (const v1::Score* score = LastMskHq(msk_case)) {
    Add("msk_hq", referral::v1::ITEM_KIND_OBSERVATION, "MSK-HQ, total",
        "What a later score is compared with.", content)
        .mutable_quantity()
        ->set_value(score->total());
  }

  return content;
}

}  // namespace waymark::msk
