// From a protocol and what is known of a case to dated steps. Pure: same arguments, same plan.
#ifndef WAYMARK_SERVICES_CASEWORK_PLANNER_H_
#define WAYMARK_SERVICES_CASEWORK_PLANNER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/civil/working_days.h"
#include "services/casework/facts.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/casework/v1/plan.pb.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::casework {

// Why and when a case is planned.
struct Planning {
  // Stamped on moves and on steps that this planning supersedes.
  absl::Time now;
  // The act, e.g. "CorrectExposure".
  std::string cause;
  // The case version that the act makes.
  int64_t case_version = 1;
  // Bank holidays. Required when the protocol counts working days, else may be null.
  const civil::WorkingDays* working_days = nullptr;
  // Leaves out title, guidance and sources of the steps asked for, for a plan that is about to be
  // stored (rule_text.h).
  bool without_words = false;
};

// The plan of a case after an act. `header` gives the plan as it stood and the endings a person
// decided; an empty header plans a new case.
//
// - A step is planned when its condition holds, its anchor is known and, if it has a panel, at
// least
//   one test of it is asked for.
// - A step of `each` is planned once for each thing of that kind in `facts.items`, under the key
//   StepKeyOf(key, name); conditions and anchors look at the thing first, then at the case.
// - It ends as done when `facts.outcomes` says so or every test asked for has a result. Done wins
//   over what was decided; a decision (the last for that step) wins over other derived endings.
// - A step that was planned and is no longer asked for stays, with the instants it had, as
//   superseded; unless it had ended for another reason, which then stands. Asked for again, it
//   reopens under a higher revision.
// - Instants that differ from the plan before raise the revision and add a Move; a step added by
//   re-planning adds a Move too. The first plan of a case adds none.
//
// INTERNAL PROTOCOL_BROKEN for a protocol that the linter would have refused.
absl::StatusOr<v1::Plan> PlanSteps(const v1::Protocol& protocol, const Facts& facts,
                                   const v1::CaseHeader& header, const Planning& planning);

// True when the condition holds over the facts; an unset condition holds.
bool Holds(const v1::Condition& condition, const Facts& facts);

// Which end of a civil day an offset falls on.
enum class DayEdge {
  kStart,      // 00:00:00, for "not before"
  kEnd,        // 23:59:59, for "by"
  kSameClock,  // the anchor's own time of day, for a term of a compound anchor
};

// `anchor` + `offset`. An unset offset adds nothing. Civil and working offsets count from the
// anchor's date in London. INTERNAL PROTOCOL_BROKEN when working days are asked for without a
// table.
absl::StatusOr<absl::Time> AddOffset(absl::Time anchor, const v1::Offset& offset, DayEdge edge,
                                     const civil::WorkingDays* working_days);

// A threshold of the protocol, by name. Ends the process when the protocol has none: loading it
// checks the names a pathway needs (KnownFacts::parameters), so this cannot happen to a loaded one.
double Parameter(const v1::Protocol& protocol, absl::string_view key);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_PLANNER_H_
