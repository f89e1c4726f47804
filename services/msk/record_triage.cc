#include "services/msk/record_triage.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/door.h"

namespace waymark::msk {

MskChange RecordTriage(const v1::MskCase& before, const v1::RecordTriageRequest& request,
                       const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  RETURN_IF_ERROR(CheckDoor(before));
  casework::Fields fields(call.now);
  v1::Triage triage = request.triage();
  fields.PastSince("triage.triaged_time", CourseStart(before), *triage.mutable_triaged_time());
  fields.Choice("triage.diagnosis", triage.diagnosis(), v1::Diagnosis_IsValid);
  fields.Choice("triage.work_ability", triage.work_ability(), v1::WorkAbility_IsValid);
  fields.Choice("triage.physiotherapy_needed", triage.physiotherapy_needed(), v1::Answer_IsValid);
  fields.MayChoose("triage.psychosocial_obstacles", triage.psychosocial_obstacles(),
                   v1::Answer_IsValid);
  fields.Text("triage.note", triage.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());

  triage.set_clinician(call.user_id);
  v1::MskCase after = before;
  *after.add_triages() = std::move(triage);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
