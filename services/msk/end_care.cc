#include "services/msk/end_care.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/casework/lifecycle.h"
#include "services/casework/rule_text.h"

namespace waymark::msk {
namespace {

bool IsOwedToHse(const casework::v1::Step& step) { return absl::StartsWith(step.key(), "riddor_"); }

// What occupational health does for the person, and only because they let it.
bool IsOwnCare(const casework::v1::Protocol& protocol, const casework::v1::Step& step) {
  const casework::v1::StepRule* rule = casework::FindRule(protocol, step.key());
  return !IsOwedToHse(step) && rule != nullptr && rule->each() != "red_flag" &&
         rule->each() != "absence";
}

}  // namespace

MskChange EndCare(const v1::MskCase& before, const v1::EndCareRequest& request,
                  const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("ending", request.ending(), v1::CareEnding_IsValid);
  RETURN_IF_ERROR(fields.ToStatus());
  const bool died = request.ending() == v1::CARE_ENDING_DIED;
  if (!died || before.care_ending() == v1::CARE_ENDING_DIED) RETURN_IF_ERROR(CheckInCare(before));

  v1::MskCase after = before;
  after.set_care_ending(request.ending());
  RETURN_IF_ERROR(casework::EndOpenSteps(
      died ? casework::v1::ENDING_WAIVED : casework::v1::ENDING_DECLINED, request.reason(), call,
      [&](const casework::v1::Step& step) {
        return died ? !IsOwedToHse(step) : IsOwnCare(*call.protocol, step);
      },
      *after.mutable_header()));
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
