// What waits for a person because of a fitness statement, as scheduling's worklist and notices know
// it: one plan a statement, made anew whenever the statement moves. Pure.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_PLAN_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_PLAN_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "waymark/scheduling/v1/plan.pb.h"
#include "waymark/workforce/v1/fitness_kept.pb.h"

namespace waymark::workforce {

// The statement stands as the case, in its own version, assigned to the clinician who issued it.
// While it is with the officer: their answer, due when their time to read is over. While a fact is
// disputed: the clinician's answer, by the same time, with a reminder at once. While it is
// released: its review, with a reminder ahead. A lead is told when it is long overdue. Closed while
// nothing waits.
scheduling::v1::Plan PlanOf(const v1::FitnessRules& rules, const v1::FitnessStatement& statement);

// A statement that a pathway asked for.
scheduling::v1::Plan PlanOfProposal(const v1::FitnessRules& rules, absl::string_view proposal_id,
                                    absl::string_view subject_id, absl::Time proposed,
                                    absl::Time due);

// Nothing waits any more; `version` is that of the statement now, 2 for a proposal.
scheduling::v1::Plan ClosedPlan(absl::string_view id, int64_t version);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_PLAN_H_
