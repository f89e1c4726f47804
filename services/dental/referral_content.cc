#include "services/dental/referral_content.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/casework/referral_content.h"

namespace waymark::dental {
namespace {

using casework::AddItem;
using casework::WordsOf;

}  // namespace

absl::StatusOr<referral::v1::PathwayContent> ReferralContentOf(
    const v1::DentalCase& dental_case, const v1::ReadReferralContentRequest& request) {
  ASSIGN_OR_RETURN(referral::v1::PathwayContent content,
                   casework::ReferralClock(dental_case.header(), request.step_key()));

  AddItem("injury", referral::v1::ITEM_KIND_CONDITION, "Injury of teeth", "What the care is for.",
          content)
      .set_yes(true);
  for (const v1::ToothInjury& tooth : dental_case.injury().teeth()) {
    std::vector<std::string> kinds;
    for (const int kind : tooth.injuries()) {
      kinds.push_back(WordsOf(v1::ToothInjuryType_Name(static_cast<v1::ToothInjuryType>(kind)),
                              "TOOTH_INJURY_TYPE_"));
    }
    AddItem(absl::StrCat("tooth_", tooth.tooth()), referral::v1::ITEM_KIND_CONDITION,
            absl::StrCat("Tooth ", tooth.tooth()), "The line of visits follows from it.", content)
        .set_text(absl::StrJoin(kinds, ", "));
  }
  for (const v1::ToothCare& care : dental_case.care()) {
    if (!care.has_splinted_time()) continue;
    referral::v1::ClinicalItem& splint =
        AddItem(absl::StrCat("splint_", care.tooth()), referral::v1::ITEM_KIND_PROCEDURE,
                absl::StrCat("Splint on tooth ", care.tooth()), "When it is to come off.", content);
    splint.set_yes(!care.has_splint_removed_time());
    *splint.mutable_effective_time() = care.splinted_time().instant();
  }
  AddItem("penicillin_allergy", referral::v1::ITEM_KIND_ALLERGY, "Allergy to penicillin",
          "Before anything is prescribed.", content)
      .set_text(WordsOf(v1::Answer_Name(dental_case.injury().penicillin_allergy()), "ANSWER_"));

  return content;
}

}  // namespace waymark::dental
