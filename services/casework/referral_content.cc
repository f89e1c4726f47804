#include "services/casework/referral_content.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/casework/status.h"

namespace waymark::casework {

absl::StatusOr<referral::v1::PathwayContent> ReferralClock(const v1::CaseHeader& header,
                                                           absl::string_view step_key) {
  const v1::Step* step = FindStep(header.plan(), step_key);
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

std::string WordsOf(absl::string_view enum_name, absl::string_view prefix) {
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripPrefix(enum_name, prefix), {{"_", " "}}));
}

referral::v1::ClinicalItem& AddItem(const std::string& key, referral::v1::ItemKind kind,
                                    const std::string& display, const std::string& purpose,
                                    referral::v1::PathwayContent& content) {
  referral::v1::ClinicalItem& item = *content.add_items();
  item.set_key(key);
  item.set_kind(kind);
  item.mutable_code()->set_display(display);
  item.set_purpose(purpose);
  return item;
}

}  // namespace waymark::casework
