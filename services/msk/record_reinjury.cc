#include "services/msk/record_reinjury.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/injury_check.h"
#include "services/msk/red_flags.h"

namespace waymark::msk {
namespace {

constexpr int kMostReinjuries = 20;

}  // namespace

MskChange RecordReinjury(const v1::MskCase& before, const v1::RecordReinjuryRequest& request,
                         const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  v1::Injury injury = request.injury();
  CheckInjury("injury", fields, injury);
  v1::RedFlagCheck check = request.red_flags();
  const absl::Time incident =
      fields.ok() ? casework::InstantOf(injury.incident_time()) : CourseStart(before);
  if (incident < CourseStart(before)) {
    fields.Wrong("injury.incident_time", "BEFORE_INCIDENT",
                 "Give a time after the injury before it, or correct that one.");
  }
  if (request.has_red_flags()) {
    CheckRedFlags("red_flags", fields, incident, injury.reported_time(), check);
  }
  if (before.reinjuries_size() >= kMostReinjuries) {
    fields.Wrong("injury", "TOO_MANY", "Close this case and open another.");
  }
  RETURN_IF_ERROR(fields.ToStatus());
  if (injury.region() != before.injury().region()) {
    return status::FailedPrecondition("DIFFERENT_REGION",
                                      "Another part was hurt: log it as a case of its own.");
  }

  v1::MskCase after = before;
  *after.add_reinjuries() = std::move(injury);
  if (request.has_red_flags()) {
    ApplyCheck(before.injury().region(), check, call.NewId("red_flags"), after);
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
