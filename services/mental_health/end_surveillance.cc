#include "services/mental_health/end_surveillance.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

absl::Status CheckUnderSurveillance(const v1::MentalHealthCase& record) {
  if (record.has_surveillance() && !record.surveillance().has_left_role_time()) {
    return absl::OkStatus();
  }
  return status::FailedPrecondition("NOT_UNDER_SURVEILLANCE",
                                    "The officer is in no role under surveillance.");
}

MentalHealthChange EndSurveillance(const v1::MentalHealthCase& before,
                                   const v1::EndSurveillanceRequest& request,
                                   const casework::Call& call) {
  RETURN_IF_ERROR(CheckUnderSurveillance(before));
  casework::Fields fields(call.now);
  casework::v1::LocalTime left = request.left_role_time();
  fields.PastSince("left_role_time", casework::InstantOf(before.surveillance().from_time()), left);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MentalHealthCase after = before;
  *after.mutable_surveillance()->mutable_left_role_time() = std::move(left);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
