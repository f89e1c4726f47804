#include "services/workforce/fitness/rules.h"

#include <google/protobuf/text_format.h>

#include "common/civil/civil.h"
#include "services/workforce/fitness/rules_text.h"

namespace waymark::workforce {

const v1::FitnessRules& Rules() {
  static const v1::FitnessRules* const rules = [] {
    auto* read = new v1::FitnessRules;
    GOOGLE_CHECK(google::protobuf::TextFormat::ParseFromString(kRulesText, read));
    return read;
  }();
  return *rules;
}

const v1::FitnessCodeRule& RuleOf(const v1::FitnessRules& rules, v1::FitnessCode code) {
  for (const v1::FitnessCodeRule& rule : rules.codes()) {
    if (rule.code() == code) return rule;
  }
  return v1::FitnessCodeRule::default_instance();
}

absl::CivilDay After(absl::CivilDay day, const v1::FitnessPeriod& period) {
  return civil::AddCivil(day, {.months = period.months(), .days = period.days()});
}

}  // namespace waymark::workforce
