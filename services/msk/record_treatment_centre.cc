#include "services/msk/record_treatment_centre.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::msk {

MskChange RecordTreatmentCentre(const v1::MskCase& before,
                                const v1::RecordTreatmentCentreRequest& request,
                                const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  v1::TreatmentCentre centre = request.treatment_centre();
  fields.PastSince("treatment_centre.considered_time", IncidentOf(before),
                   *centre.mutable_considered_time());
  fields.Choice("treatment_centre.decision", centre.decision(),
                v1::TreatmentCentreDecision_IsValid);
  fields.Text("treatment_centre.reason", centre.reason(), casework::kLongestReason);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  *after.add_treatment_centres() = std::move(centre);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
