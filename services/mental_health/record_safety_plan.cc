#include "services/mental_health/record_safety_plan.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/status.h"

namespace waymark::mental_health {

namespace {

constexpr int kMostLines = 20;

void CheckLines(absl::string_view field,
                const google::protobuf::RepeatedPtrField<std::string>& lines,
                casework::Fields& fields) {
  if (lines.empty() || lines.size() > kMostLines) {
    fields.Wrong(field, "OUT_OF_RANGE", absl::StrCat("Write from 1 to ", kMostLines, " lines."));
    return;
  }
  for (int i = 0; i < lines.size(); ++i) {
    fields.RequiredText(absl::StrCat(field, "[", i, "]"), lines[i], casework::kLongestReason);
  }
}

void CheckContacts(const v1::SafetyPlan& plan, casework::Fields& fields) {
  if (plan.contacts_size() > kMostLines) {
    fields.Wrong("plan.contacts", "OUT_OF_RANGE", absl::StrCat("Name at most ", kMostLines, "."));
    return;
  }
  bool helper = false;
  for (int i = 0; i < plan.contacts_size(); ++i) {
    const v1::SafetyContact& contact = plan.contacts(i);
    const std::string path = absl::StrCat("plan.contacts[", i, "]");
    fields.Choice(absl::StrCat(path, ".kind"), contact.kind(), v1::SafetyContactKind_IsValid);
    fields.RequiredText(absl::StrCat(path, ".name"), contact.name(), casework::kLongestName);
    fields.Text(absl::StrCat(path, ".reached_by"), contact.reached_by(), casework::kLongestName);
    helper = helper || contact.kind() == v1::SAFETY_CONTACT_KIND_PROFESSIONAL ||
             contact.kind() == v1::SAFETY_CONTACT_KIND_CRISIS_LINE;
  }
  if (!helper) {
    fields.Wrong("plan.contacts", "NO_HELP",
                 "Name at least one professional or crisis line, such as NHS 111 option 2.");
  }
}

}  // namespace

MentalHealthChange RecordSafetyPlan(const v1::MentalHealthCase& before,
                                    const v1::RecordSafetyPlanRequest& request,
                                    const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::SafetyPlan plan = request.plan();
  plan.clear_reviewed_times();
  const bool dated =
      fields.PastSince("plan.agreed_time", BeginOf(before), *plan.mutable_agreed_time());
  if (dated && !before.safety_plans().empty() &&
      casework::InstantOf(plan.agreed_time()) <
          casework::InstantOf(before.safety_plans().rbegin()->agreed_time())) {
    fields.Wrong("plan.agreed_time", "BEFORE_LAST_PLAN", "A later plan is on record already.");
  }
  CheckLines("plan.warning_signs", plan.warning_signs(), fields);
  CheckLines("plan.coping", plan.coping(), fields);
  CheckContacts(plan, fields);
  fields.Choice("plan.means.firearms", plan.means().firearms(), v1::FirearmsAuthority_IsValid);
  fields.Choice("plan.means.equipment_left_at_work", plan.means().equipment_left_at_work(),
                v1::Answer_IsValid);
  fields.Choice("plan.means.home_discussed", plan.means().home_discussed(), v1::Answer_IsValid);
  fields.Text("plan.means.agreed", plan.means().agreed(), casework::kLongestText);
  fields.Choice("plan.copy_held", plan.copy_held(), v1::Answer_IsValid);
  if (HasActiveIntent(before) && plan.means().firearms() == v1::FIREARMS_AUTHORITY_UNCHANGED) {
    fields.Wrong(
        "plan.means.firearms", "ACTIVE_INTENT",
        "While there is active intent the authority is suspended pending clinical review.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MentalHealthCase after = before;
  *after.add_safety_plans() = std::move(plan);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
