// Where a step stands: the one function from which every list, count, export and alert derives it.
// Nothing stores what these return.
#ifndef WAYMARK_SERVICES_CASEWORK_STATUS_H_
#define WAYMARK_SERVICES_CASEWORK_STATUS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "waymark/casework/v1/plan.pb.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::casework {

// How the step ended, or where it stands at `now`. At the very instant of `due` a step is still
// open, and at the very instant of `closes` it can still be done: a limit of 72 hours allows 72
// hours.
v1::StepStatus StatusAt(const v1::Step& step, absl::Time now);

// True while nothing has ended the step, whatever the time.
bool IsOpen(const v1::Step& step);

// True when the step ended as done, no later than its due time.
bool DoneOnTime(const v1::Step& step);

// The open step with the least time left; those whose clinical window has shut come last, because
// they wait for a decision and not for care. Null when every step has ended. Points into `plan`.
const v1::Step* NextStep(const v1::Plan& plan, absl::Time now);

// The stage of the next step; once every step has ended, the last of the protocol's stages that the
// plan went through. Empty for an empty plan.
std::string CurrentStage(const v1::Protocol& protocol, const v1::Plan& plan, absl::Time now);

// Keys of the steps that keep the case from being closed: they block closing and nothing ended
// them.
std::vector<std::string> BlockingSteps(const v1::Plan& plan);

// Fills `status` of every step, for an answer.
void SetStatuses(absl::Time now, v1::Plan& plan);

// Clears what is derived on reading, before the plan is stored.
void ClearStatuses(v1::Plan& plan);

// The step with this key; null when the plan has none.
const v1::Step* FindStep(const v1::Plan& plan, absl::string_view key);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_STATUS_H_
