#include "services/mental_health/record_death.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/lifecycle.h"

namespace waymark::mental_health {

MentalHealthChange RecordDeath(const v1::MentalHealthCase& before,
                               const v1::RecordDeathRequest& request, const casework::Call& call) {
  if (before.has_died_time()) {
    return status::FailedPrecondition("DEATH_ALREADY_RECORDED", "Their death is on record.");
  }
  casework::Fields fields(call.now);
  v1::MentalHealthCase after = before;
  *after.mutable_died_time() = request.died_time();
  fields.PastSince("died_time", BeginOf(before), *after.mutable_died_time());
  RETURN_IF_ERROR(fields.ToStatus());

  RETURN_IF_ERROR(casework::EndOpenSteps(
      casework::v1::ENDING_WAIVED, "The officer died.", call,
      [](const casework::v1::Step&) { return true; }, *after.mutable_header()));
  Derive(*call.protocol, after);
  return casework::ChangeOf(std::move(after));
}

}  // namespace waymark::mental_health
