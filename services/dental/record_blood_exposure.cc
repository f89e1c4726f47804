#include "services/dental/record_blood_exposure.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/dental/blood_exposure.h"
#include "services/dental/injury_check.h"

namespace waymark::dental {

DentalChange RecordBloodExposure(const v1::DentalCase& before,
                                 const v1::RecordBloodExposureRequest& request,
                                 const casework::Call& call) {
  casework::Fields fields(call.now);
  CheckBloodExposure("blood_exposure", fields, request.blood_exposure());
  RETURN_IF_ERROR(fields.ToStatus());
  if (before.injury().has_blood_exposure()) {
    return status::FailedPrecondition(
        "BLOOD_EXPOSURE_RECORDED",
        "The case has its blood-borne virus case already. Record what is new there.");
  }

  v1::DentalCase after = before;
  *after.mutable_injury()->mutable_blood_exposure() = request.blood_exposure();
  casework::Change<v1::DentalCase> change;
  AskForBbvCase(call, "0", after, change);
  Derive(*call.protocol, after);
  change.cases.push_back(std::move(after));
  return change;
}

}  // namespace waymark::dental
