// What casework tells other services about a case: its deadlines to scheduling, its acts to audit,
// and to workforce that somebody should state the patient's fitness.
// Pure: builds the messages, sends nothing.
#ifndef WAYMARK_SERVICES_CASEWORK_TOLD_H_
#define WAYMARK_SERVICES_CASEWORK_TOLD_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "waymark/audit/v1/audit_entry.pb.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/scheduling/v1/plan.pb.h"
#include "waymark/workforce/v1/fitness.pb.h"

namespace waymark::casework {

// The plan as scheduling enforces it: instants, who is told and when. Titles that the plan leaves
// out are the protocol's.
scheduling::v1::Plan PlanForScheduling(absl::string_view pathway, const v1::Protocol& protocol,
                                       const v1::CaseHeader& header, const Call& call);

// What closing the case leaves for learning: for each measure of the plan whether it was met and
// how long it took from its anchor, and which tests were completed. Codes and intervals only.
audit::v1::Outcome OutcomeOf(absl::string_view pathway, const v1::CaseHeader& header);

// Asks for a clinician's statement on the patient's fitness, for Change::messages. Names the case,
// the person, who proposed it and a code: what is wrong with them, workforce is never told. `code`
// may be unspecified: the clinician decides in any case. The same request asks once.
Outgoing AskForFitness(const v1::CaseHeader& header, workforce::v1::FitnessCode code,
                       const Call& call);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_TOLD_H_
