#include "services/casework/rule_text.h"

#include <algorithm>

namespace waymark::casework {
namespace {

const v1::StepRule* FindRule(const v1::Protocol& protocol, const v1::Step& step) {
  for (const v1::StepRule& rule : protocol.steps()) {
    if (rule.key() == step.key()) return &rule;
  }
  return nullptr;
}

bool SameSource(const v1::Source& a, const v1::Source& b) {
  return a.guideline() == b.guideline() && a.section() == b.section() &&
         a.evidence() == b.evidence();
}

bool SameText(const v1::StepRule& rule, const v1::Step& step) {
  return rule.title() == step.title() && rule.guidance() == step.guidance() &&
         std::equal(rule.sources().begin(), rule.sources().end(), step.sources().begin(),
                    step.sources().end(), SameSource);
}

}  // namespace

void StripRuleText(const v1::Protocol& protocol, v1::Plan& plan) {
  for (v1::Step& step : *plan.mutable_steps()) {
    const v1::StepRule* rule = FindRule(protocol, step);
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
    const v1::StepRule* rule = FindRule(protocol, step);
    if (rule == nullptr) continue;
    step.set_title(rule->title());
    step.set_guidance(rule->guidance());
    *step.mutable_sources() = rule->sources();
  }
}

}  // namespace waymark::casework
