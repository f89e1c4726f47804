#ifndef WAYMARK_SERVICES_CASEWORK_FACTS_H_
#define WAYMARK_SERVICES_CASEWORK_FACTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/casework/v1/plan.pb.h"

namespace waymark::casework {

// One of several things that have a line of steps each: what is known of it, beside and before what
// is known of the whole case.
struct Item {
  std::map<std::string, std::string> values;
  std::map<std::string, absl::Time> points;
};

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
  // For steps that a protocol asks for once for each of several things (StepRule.each): the kind of
  // thing ("tooth") to its items by name ("11"). The keys of such steps are StepKeyOf(key, name).
  std::map<std::string, std::map<std::string, Item>> items;
};

// The key of a step that is asked for once for each item, e.g. "splint_removal#11".
std::string StepKeyOf(absl::string_view key, absl::string_view item);

void SetBool(Facts& facts, const std::string& name, bool value);
// False when the fact is absent, too.
bool IsTrue(const Facts& facts, const std::string& name);

// The record shows that the step ended so at that time. The outcome may be added to until the next
// call.
v1::StepOutcome& End(Facts& facts, std::string step_key, v1::Ending ending, absl::Time ended);
// It was done; after its clinical window when there is a reason (override.h).
void EndDone(Facts& facts, std::string step_key, absl::Time ended,
             const std::string& override_reason);

// What every case knows of itself: `jurisdiction` ("england", "wales") and `workforce`.
void ReadHeader(const v1::CaseHeader& header, Facts& facts);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_FACTS_H_
