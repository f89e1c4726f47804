#include "services/dental/referral_content.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/casework/status.h"

namespace waymark::dental {
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
    const v1::DentalCase& dental_case, const v1::ReadReferralContentRequest& request) {
  ASSIGN_OR_RETURN(referral::v1::PathwayContent content,
                   ClockOf(dental_case.header(), request.step_key()));

  Add("injury", referral::v1::ITEM_KIND_CONDITION, "Injury of teeth", "What the care is for.",
      content)
      .set_yes(true);
  for (const v1::ToothInjury& tooth : dental_case.injury().teeth()) {
    std::vector<std::string> kinds;
    for (const int kind : tooth.injuries()) {
      kinds.push_back(Words(v1::ToothInjuryType_Name(static_cast<v1::ToothInjuryType>(kind)),
                            "TOOTH_INJURY_TYPE_"));
    }
    Add(absl::StrCat("tooth_", tooth.tooth()), referral::v1::ITEM_KIND_CONDITION,
        absl::StrCat("Tooth ", tooth.tooth()), "The line of visits follows from it.", content)
        .set_text(absl::StrJoin(kinds, ", "));
  }
  for (const v1::ToothCare& care : dental_case.care()) {
    if (!care.has_splinted_time()) continue;
    referral::v1::ClinicalItem& splint =
        Add(absl::StrCat("splint_", care.tooth()), referral::v1::ITEM_KIND_PROCEDURE,
            absl::StrCat("Splint on tooth ", care.tooth()), "When it is to come off.", content);
    splint.set_yes(!care.has_splint_removed_time());
    *splint.mutable_effective_time() = care.splinted_time().instant();
  }
  Add("penicillin_allergy", referral::v1::ITEM_KIND_ALLERGY, "Allergy to penicillin",
      "Before anything is prescribed.", content)
      .set_text(Words(v1::Answer_Name(dental_case.injury().penicillin_allergy()), "ANSWER_"));

  return content;
}

}  // namespace waymark::dental
