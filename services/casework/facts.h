#ifndef WAYMARK_SERVICES_CASEWORK_FACTS_H_
#define WAYMARK_SERVICES_CASEWORK_FACTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "waymark/casework/v1/plan.pb.h"

namespace waymark::casework {

// What a pathway reads out of a case for the planner. A pathway's `facts.cc` makes it, and is the
// only place that compares the record with a protocol's thresholds.
struct Facts {
  // Fact name to value; booleans are "true" and "false". A fact that is not known is absent.
  std::map<std::string, std::string> values;
  // Anchor points whose instant is known: "incident", "report", "pep_end", ... Completion of a step
  // ("step:<key>") is added by the planner from the outcomes.
  std::map<std::string, absl::Time> points;
  // For steps with a panel: step key to test code to when its (final) result was taken. The planner
  // ends such a step as done when every test it asks for is here.
  std::map<std::string, std::map<std::string, absl::Time>> tests_done;
  // Steps that the record itself shows as ended (a risk assessment is recorded, PEP was declined).
  // The planner adds those a person decided, from the case header.
  std::vector<v1::StepOutcome> outcomes;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_FACTS_H_
