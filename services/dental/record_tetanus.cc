#include "services/dental/record_tetanus.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::dental {

DentalChange RecordTetanus(const v1::DentalCase& before, const v1::RecordTetanusRequest& request,
                           const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::TetanusRecord tetanus = request.tetanus();
  fields.PastSince("tetanus.checked_time", IncidentOf(before), *tetanus.mutable_checked_time());
  fields.Choice("tetanus.given", tetanus.given(), v1::TetanusAction_IsValid);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  *after.mutable_tetanus() = std::move(tetanus);
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
