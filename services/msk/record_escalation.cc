#include "services/msk/record_escalation.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/red_flags.h"

namespace waymark::msk {

MskChange RecordEscalation(const v1::MskCase& before, const v1::RecordEscalationRequest& request,
                           const casework::Call& call) {
  v1::MskCase after = before;
  v1::RedFlag* flag = nullptr;
  int open = 0;
  for (v1::RedFlag& one : *after.mutable_red_flags()) {
    const bool meant = request.red_flag_id().empty() ? !IsSettled(one)
                                                     : one.red_flag_id() == request.red_flag_id();
    if (!meant) continue;
    flag = &one;
    ++open;
  }
  if (open > 1) {
    return status::InvalidArgument("RED_FLAG_AMBIGUOUS", "Several red flags are open: name one.");
  }
  if (flag == nullptr) {
    return status::NotFound("RED_FLAG_NOT_FOUND", "The case has no red flag with this id.");
  }
  if (IsSettled(*flag)) {
    return status::FailedPrecondition(
        "RED_FLAG_SETTLED", "That red flag is settled. If it has come back, record a new check.");
  }
  casework::Fields fields(call.now);
  v1::Escalation escalation = request.escalation();
  fields.Choice("escalation.stage", escalation.stage(), v1::EscalationStage_IsValid);
  fields.PastSince("escalation.time", casework::InstantOf(flag->found_time()),
                   *escalation.mutable_time());
  fields.Text("escalation.to", escalation.to(), casework::kLongestName);
  fields.Text("escalation.note", escalation.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());

  *flag->add_escalations() = std::move(escalation);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
