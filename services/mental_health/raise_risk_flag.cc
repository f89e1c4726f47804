#include "services/mental_health/raise_risk_flag.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange RaiseRiskFlag(const v1::MentalHealthCase& before,
                                 const v1::RaiseRiskFlagRequest& request,
                                 const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.RequiredText("concern", request.concern(), casework::kLongestReason);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MentalHealthCase after = before;
  RaiseFlag(v1::RISK_SOURCE_CLINICIAN, request.concern(), call, after);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
