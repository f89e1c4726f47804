// What came for a case by itself and no act could record: a step that every pathway's case has,
// whatever protocol it follows, so that nothing of it is lost.
#ifndef WAYMARK_SERVICES_CASEWORK_UNRECORDED_H_
#define WAYMARK_SERVICES_CASEWORK_UNRECORDED_H_

#include <string>
#include <vector>

#include "services/casework/call.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::casework {

// The step "look_at_outcome#<key>" of each entry of CaseHeader.unrecorded, due four hours after it
// came, and its ladder: the nurse, then the lead. It blocks closing and is ended by WaiveStep.
const v1::StepRule& LookRule();
const v1::Ladder& LookLadder();

// Adds an entry. `what` names each thing by its code and the reason of its refusal; nothing is
// added when it is empty.
void KeepUnrecorded(const std::vector<std::string>& what, const Call& call, v1::CaseHeader& header);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_UNRECORDED_H_
