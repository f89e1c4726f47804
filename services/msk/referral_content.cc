#include "services/msk/referral_content.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/referral_content.h"
#include "services/msk/record.h"

namespace waymark::msk {
namespace {

using casework::AddItem;
using casework::WordsOf;

}  // namespace

absl::StatusOr<referral::v1::PathwayContent> ReferralContentOf(
    const v1::MskCase& msk_case, const v1::ReadReferralContentRequest& request) {
  ASSIGN_OR_RETURN(referral::v1::PathwayContent content,
                   casework::ReferralClock(msk_case.header(), request.step_key()));

  const v1::Injury& injury = LatestInjury(msk_case);
  referral::v1::ClinicalItem& region =
      AddItem("region", referral::v1::ITEM_KIND_CONDITION, "Injury of the musculoskeletal system",
              "What the care is for.", content);
  region.mutable_code()->set_system("http://snomed.info/sct");
  region.mutable_code()->set_code("105606008");
  region.set_text(absl::StrCat(WordsOf(v1::Region_Name(injury.region()), "REGION_"), ", ",
                               WordsOf(v1::Side_Name(injury.side()), "SIDE_")));
  *region.mutable_effective_time() = injury.incident_time().instant();
  if (const v1::Triage* triage = TriageOf(msk_case)) {
    AddItem("diagnosis", referral::v1::ITEM_KIND_CONDITION, "Working diagnosis",
            "What the care is planned by.", content)
        .set_text(WordsOf(v1::Diagnosis_Name(triage->diagnosis()), "DIAGNOSIS_"));
  }
  for (const v1::RedFlag& flag : msk_case.red_flags()) {
    AddItem(absl::StrCat("red_flag_", flag.red_flag_id()), referral::v1::ITEM_KIND_OBSERVATION,
            "Red flag", "Decides how soon and by whom.", content)
        .set_text(WordsOf(v1::Suspicion_Name(flag.suspicion()), "SUSPICION_"));
  }
  if (msk_case.red_flags().empty() && !msk_case.red_flag_checks().empty()) {
    AddItem("red_flags", referral::v1::ITEM_KIND_OBSERVATION, "Red flags",
            "Decides how soon and by whom.", content)
        .set_text("asked for, none found");
  }
  if (const v1::Score* score = LastStartBack(msk_case)) {
    AddItem("start_back", referral::v1::ITEM_KIND_OBSERVATION, "STarT Back, total",
            "Decides on the kind of physiotherapy.", content)
        .mutable_quantity()
        ->set_value(score->total());
  }
  if (const v1::Score* score = LastMskHq(msk_case)) {
    AddItem("msk_hq", referral::v1::ITEM_KIND_OBSERVATION, "MSK-HQ, total",
            "What a later score is compared with.", content)
        .mutable_quantity()
        ->set_value(score->total());
  }

  return content;
}

}  // namespace waymark::msk
