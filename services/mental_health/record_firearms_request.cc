#include "services/mental_health/record_firearms_request.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange RecordFirearmsRequest(const v1::MentalHealthCase& before,
                                         const v1::RecordFirearmsRequestRequest& request,
                                         const casework::Call& call) {
  v1::MentalHealthCase after = before;
  v1::RiskFlag* flag = FindFlag(after, request.flag_number());
  if (flag == nullptr) return NoSuchFlag();
  casework::Fields fields(call.now);
  casework::v1::LocalTime asked = request.asked_time();
  if (fields.Past("asked_time", asked) &&
      casework::InstantOf(asked) < AnsweredFrom(before, *flag)) {
    fields.Wrong("asked_time", "BEFORE_FLAG", "Give a time on the day of the flag or later.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  *flag->mutable_suspension_asked_time() = std::move(asked);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
