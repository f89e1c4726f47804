#include "services/casework/rule_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/casework/unrecorded.h"

namespace waymark::casework {
namespace {

bool SameSource(const v1::Source& a, const v1::Source& b) {
  return a.guideline() == b.guideline() && a.section() == b.section() &&
         a.evidence() == b.evidence();
}

bool SameText(const v1::StepRule& rule, const v1::Step& step) {
  return TitleOf(rule, step.key()) == step.title() && rule.guidance() == step.guidance() &&
         std::equal(rule.sources().begin(), rule.sources().end(), step.sources().begin(),
                    step.sources().end(), SameSource);
}

}  // namespace

const v1::StepRule* FindRule(const v1::Protocol& protocol, absl::string_view step_key) {
  const absl::string_view rule_key = step_key.substr(0, step_key.find('#'));
  for (const v1::StepRule& rule : protocol.steps()) {
    if (rule.key() == rule_key) return &rule;
  }
  return rule_key == LookRule().key() ? &LookRule() : nullptr;
}

std::string TitleOf(const v1::StepRule& rule, absl::string_view step_key) {
  const size_t item = step_key.find('#');
  if (item == absl::string_view::npos) return rule.title();
  return absl::StrCat(rule.title(), " (", step_key.substr(item + 1), ")");
}

void StripRuleText(const v1::Protocol& protocol, v1::Plan& plan) {
  for (v1::Step& step : *plan.mutable_steps()) {
    const v1::StepRule* rule = FindRule(protocol, step.key());
    // A superseded step may come from an earlier version that said it differently: keep its words.
    if (rule == nullptr || !SameText(*rule, step)) continue;
    step.clear_title();
    step.clear_guidance();
    step.clear_sources();
  }
}

void RestoreRuleText(const v1::Protocol& protocol, v1::Plan& plan) {
  for (v1::Step& step : *plan.mutable_steps()) {
    // No rule has an empty title.
    if (!step.title().empty()) continue;
    const v1::StepRule* rule = FindRule(protocol, step.key());
    if (rule == nullptr) continue;
    step.set_title(TitleOf(*rule, step.key()));
    step.set_guidance(rule->guidance());
    *step.mutable_sources() = rule->sources();
  }
}

}  // namespace waymark::casework
