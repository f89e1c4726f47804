#include "services/dental/correct_injury.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/dental/injury_check.h"
#include "services/dental/teeth.h"

namespace waymark::dental {
namespace {

// The earliest instant at which something was done for the patient.
absl::Time FirstRecordedAct(const v1::DentalCase& before) {
  absl::Time first = absl::InfiniteFuture();
  const auto see = [&first](bool recorded, const casework::v1::LocalTime& time) {
    if (recorded) first = std::min(first, casework::InstantOf(time));
  };
  see(before.has_contact(), before.contact().first_contact_time());
  see(before.has_fragment_check(), before.fragment_check().checked_time());
  see(before.has_tetanus(), before.tetanus().checked_time());
  see(before.has_antibiotics(), before.antibiotics().decided_time());
  for (const v1::ToothCare& care : before.care()) {
    see(care.has_replanted_time(), care.replanted_time());
    see(care.has_repositioned_time(), care.repositioned_time());
    see(care.has_splinted_time(), care.splinted_time());
    see(care.has_root_canal(), care.root_canal().started_time());
    see(care.has_ended_time(), care.ended_time());
  }
  for (const v1::Review& review : before.reviews()) see(true, review.held_time());
  return first;
}

// A tooth with a record of its own stays: taking it out would take the record's meaning.
void CheckTeethStay(const v1::DentalCase& before, const v1::DentalCase& after,
                    casework::Fields& fields) {
  const auto check = [&](const std::string& tooth) {
    if (FindTooth(after, tooth) != nullptr) return true;
    fields.Wrong("injury.teeth", "TOOTH_HAS_RECORD",
                 "Something was recorded for a tooth that would go. End its line instead.");
    return false;
  };
  for (const v1::ToothCare& care : before.care()) {
    if (!check(care.tooth())) return;
  }
  for (const v1::Review& review : before.reviews()) {
    for (const v1::ToothFinding& finding : review.findings()) {
      if (!check(finding.tooth())) return;
    }
  }
}

}  // namespace

DentalChange CorrectInjury(const v1::DentalCase& before, const v1::CorrectInjuryRequest& request,
                           const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::DentalCase after = before;
  v1::DentalInjury& injury = *after.mutable_injury();
  injury = request.injury();
  // When it was first reported does not change by being corrected.
  if (!injury.has_reported_time())
    *injury.mutable_reported_time() = before.injury().reported_time();
  injury.clear_blood_exposure();
  CheckInjury("injury", fields, injury);
  fields.RequiredText("reason", request.reason(), casework::kLongestReason);
  if (fields.ok() && FirstRecordedAct(before) < casework::InstantOf(injury.incident_time())) {
    fields.Wrong("injury.incident_time", "AFTER_RECORDED_ACT",
                 "Something recorded on the case would have happened before the incident. Correct "
                 "that first, or the time.");
  }
  CheckTeethStay(before, after, fields);
  RETURN_IF_ERROR(fields.ToStatus());

  if (before.injury().has_blood_exposure()) {
    *injury.mutable_blood_exposure() = before.injury().blood_exposure();
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
