// The acts that every pathway's case knows, as pure functions on its header. Casework plans, saves
// and records around them.
#ifndef WAYMARK_SERVICES_CASEWORK_LIFECYCLE_H_
#define WAYMARK_SERVICES_CASEWORK_LIFECYCLE_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/casework/call.h"
#include "waymark/casework/v1/case.pb.h"

namespace waymark::casework {

// Ends a step by decision: WAIVED, DECLINED or LOST_TO_FOLLOW_UP, with a reason of 1 to 1,000
// characters. INVALID_ARGUMENT INVALID_FIELDS; NOT_FOUND STEP_NOT_FOUND; FAILED_PRECONDITION
// STEP_ALREADY_ENDED.
absl::Status WaiveStep(absl::string_view step_key, v1::Ending ending, absl::string_view reason,
                       const Call& call, v1::CaseHeader& header);

// Ends every open step that `which` names, as WaiveStep would, because of what happened to the
// person and not to the step: they died, or withdrew their consent. INVALID_ARGUMENT
// INVALID_FIELDS.
absl::Status EndOpenSteps(v1::Ending ending, absl::string_view reason, const Call& call,
                          absl::FunctionRef<bool(const v1::Step&)> which, v1::CaseHeader& header);

// Closes the case. `note` has at most 1,000 characters. FAILED_PRECONDITION BLOCKING_STEP_OPEN: the
// message counts the steps in the way, the metadata "blocking_steps" names them for the caller, who
// may see the case. FAILED_PRECONDITION CASE_CLOSED.
absl::Status CloseCase(absl::string_view note, const Call& call, v1::CaseHeader& header);

// Opens a closed case again; the reason has 1 to 1,000 characters. FAILED_PRECONDITION CASE_OPEN;
// CASE_TRANSFERRED: another force has it.
absl::Status ReopenCase(absl::string_view reason, v1::CaseHeader& header);

// Pins another version of the same protocol; planning shows what moves. FAILED_PRECONDITION
// PROTOCOL_ALREADY_ADOPTED. Whether the version exists is checked by whoever plans.
absl::Status AdoptProtocol(int version, absl::string_view reason, v1::CaseHeader& header);

// Gives the case to a clinician, by user id of at most 128 characters; empty gives it back to the
// unit's list.
absl::Status AssignCase(absl::string_view user_id, v1::CaseHeader& header);

// Closes the case because another force has it now: whatever is open is superseded here and goes on
// there. `cause` names the act in what it moved. Nothing keeps it open.
void LetGo(const v1::CaseElsewhere& went_to, absl::string_view cause, v1::CaseHeader& header);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_LIFECYCLE_H_
