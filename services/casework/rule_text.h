// The words of a plan are those of its protocol; only the dates are the case's own.
#ifndef WAYMARK_SERVICES_CASEWORK_RULE_TEXT_H_
#define WAYMARK_SERVICES_CASEWORK_RULE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "waymark/casework/v1/plan.pb.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::casework {

// The rule that a step follows, by the step's key, with or without its item ("splint_removal#11"):
// one of the protocol's, or the one that every case has (unrecorded.h); null when there is none.
const v1::StepRule* FindRule(const v1::Protocol& protocol, absl::string_view step_key);

// The rule's title; for one of several things with its name behind it: "Remove the splint (11)".
std::string TitleOf(const v1::StepRule& rule, absl::string_view step_key);

// Takes out of each step the title, guidance and sources that the protocol repeats word for word
// before a plan is stored: two thirds of its bytes.
void StripRuleText(const v1::Protocol& protocol, v1::Plan& plan);

// Puts them back. `protocol` is the version that the plan was stripped with.
void RestoreRuleText(const v1::Protocol& protocol, v1::Plan& plan);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_RULE_TEXT_H_
