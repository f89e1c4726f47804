// The times and codes of a fitness statement, as services/workforce/fitness/rules.textproto holds
// them.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_RULES_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_RULES_H_

#include "absl/time/civil_time.h"
#include "waymark/workforce/v1/fitness_kept.pb.h"

namespace waymark::workforce {

// Compiled in. Ends the process when they cannot be read, which a test would have shown.
const v1::FitnessRules& Rules();

// The rule of a code; of UNSPECIFIED one that allows nothing.
const v1::FitnessCodeRule& RuleOf(const v1::FitnessRules& rules, v1::FitnessCode code);

// Counted as the Interpretation Act does: the day itself is not counted, months clamp.
absl::CivilDay After(absl::CivilDay day, const v1::FitnessPeriod& period);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_RULES_H_
