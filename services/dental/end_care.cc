#include "services/dental/end_care.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/casework/lifecycle.h"

namespace waymark::dental {
namespace {

constexpr absl::string_view kStatutory = "riddor_over_seven_days";
constexpr absl::string_view kDutyStage = "duty";

}  // namespace

DentalChange EndCare(const v1::DentalCase& before, const v1::EndCareRequest& request,
                     const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::CareEnd end = request.care_end();
  fields.Choice("care_end.ending", end.ending(), v1::CareEnding_IsValid);
  fields.PastSince("care_end.ended_time", IncidentOf(before), *end.mutable_ended_time());
  RETURN_IF_ERROR(fields.ToStatus());
  if (before.has_care_end()) {
    return status::FailedPrecondition("CARE_ENDED", "That care has ended is recorded already.");
  }

  v1::DentalCase after = before;
  const bool died = end.ending() == v1::CARE_ENDING_DIED;
  RETURN_IF_ERROR(casework::EndOpenSteps(
      died ? casework::v1::ENDING_WAIVED : casework::v1::ENDING_DECLINED, request.reason(), call,
      [died](const casework::v1::Step& step) {
        return died ? step.key() != kStatutory : step.stage() != kDutyStage;
      },
      *after.mutable_header()));
  *after.mutable_care_end() = std::move(end);
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
