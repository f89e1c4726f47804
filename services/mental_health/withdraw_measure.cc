#include "services/mental_health/withdraw_measure.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange WithdrawMeasure(const v1::MentalHealthCase& before,
                                   const v1::WithdrawMeasureRequest& request,
                                   const casework::Call& call) {
  v1::MentalHealthCase after = before;
  v1::Measurement* withdrawn = nullptr;
  for (v1::Measurement& measurement : *after.mutable_measurements()) {
    if (measurement.measurement_id() == request.measurement_id()) withdrawn = &measurement;
  }
  if (withdrawn == nullptr) {
    return status::NotFound("MEASUREMENT_NOT_FOUND", "The case has no form with this id.");
  }
  if (withdrawn->validity() == v1::VALIDITY_WITHDRAWN) {
    return status::FailedPrecondition("MEASUREMENT_WITHDRAWN", "The form was withdrawn already.");
  }
  casework::Fields fields(call.now);
  fields.RequiredText("reason", request.reason(), casework::kLongestReason);
  RETURN_IF_ERROR(fields.ToStatus());

  Withdraw(request.reason(), *withdrawn);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
