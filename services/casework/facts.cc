#include "services/casework/facts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/casework/instants.h"

namespace waymark::casework {

std::string StepKeyOf(absl::string_view key, absl::string_view item) {
  return absl::StrCat(key, "#", item);
}

void SetBool(Facts& facts, const std::string& name, bool value) {
  facts.values[name] = value ? "true" : "false";
}

bool IsTrue(const Facts& facts, const std::string& name) {
  const auto found = facts.values.find(name);
  return found != facts.values.end() && found->second == "true";
}

v1::StepOutcome& End(Facts& facts, std::string step_key, v1::Ending ending, absl::Time ended) {
  v1::StepOutcome& outcome = facts.outcomes.emplace_back();
  outcome.set_step_key(std::move(step_key));
  outcome.set_ending(ending);
  *outcome.mutable_ended_time() = ToTimestamp(ended);
  return outcome;
}

void EndDone(Facts& facts, std::string step_key, absl::Time ended,
             const std::string& override_reason) {
  v1::StepOutcome& outcome = End(facts, std::move(step_key), v1::ENDING_DONE, ended);
  outcome.set_overrode_window(!override_reason.empty());
  outcome.set_reason(override_reason);
}

void ReadHeader(const v1::CaseHeader& header, Facts& facts) {
  facts.values["jurisdiction"] =
      header.jurisdiction() == v1::JURISDICTION_WALES ? "wales" : "england";
  SetBool(facts, "workforce", header.subject_kind() == v1::SUBJECT_KIND_WORKFORCE);
}

}  // namespace waymark::casework
