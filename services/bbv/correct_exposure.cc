#include "services/bbv/correct_exposure.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "services/bbv/exposure_check.h"
#include "services/casework/fields.h"

namespace waymark::bbv {
namespace {

// The earliest instant at which something was done for the patient.
absl::Time FirstRecordedAct(const v1::BbvCase& before) {
  absl::Time first = absl::InfiniteFuture();
  const auto see = [&first](bool recorded, const casework::v1::LocalTime& time) {
    if (recorded) first = std::min(first, casework::InstantOf(time));
  };
  see(before.has_risk_assessment(), before.risk_assessment().first_assessed_time());
  see(before.has_baseline(), before.baseline().taken_time());
  see(before.pep().has_started_time(), before.pep().started_time());
  see(before.pep().has_declined_time(), before.pep().declined_time());
  see(before.has_tetanus(), before.tetanus().checked_time());
  see(before.has_antibiotics(), before.antibiotics().decided_time());
  for (const auto& dose : before.vaccine_doses()) see(true, dose.given_time());
  for (const auto& dose : before.immunoglobulin()) see(true, dose.given_time());
  for (const auto& result : before.results()) see(Stands(result), result.sampled_time());
  for (const auto& conversation : before.counselling()) see(true, conversation.held_time());
  return first;
}

}  // namespace

BbvChange CorrectExposure(const v1::BbvCase& before, const v1::CorrectExposureRequest& request,
                          const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::Exposure exposure = request.exposure();
  // When it was first reported does not change by being corrected.
  if (!exposure.has_reported_time()) {
    *exposure.mutable_reported_time() = before.exposure().reported_time();
  }
  CheckExposure("exposure", fields, exposure);
  fields.RequiredText("reason", request.reason(), casework::kLongestReason);
  if (fields.ok() && FirstRecordedAct(before) < casework::InstantOf(exposure.incident_time())) {
    fields.Wrong("exposure.incident_time", "AFTER_RECORDED_ACT",
                 "Something recorded on the case would have happened before the incident. Correct "
                 "that first, or the time.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  *after.mutable_exposure() = std::move(exposure);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
