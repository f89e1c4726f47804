#include "services/msk/correct_injury.h"

#include <algorithm>
#include <utility>

#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/injury_check.h"
#include "services/msk/red_flags.h"

namespace waymark::msk {
namespace {

// The earliest instant at which something was found or done.
absl::Time FirstRecordedAct(const v1::MskCase& before) {
  absl::Time first = absl::InfiniteFuture();
  const auto see = [&first](const casework::v1::LocalTime& time) {
    first = std::min(first, casework::InstantOf(time));
  };
  for (const auto& again : before.reinjuries()) see(again.incident_time());
  for (const auto& check : before.red_flag_checks()) see(check.checked_time());
  for (const auto& triage : before.triages()) see(triage.triaged_time());
  for (const auto& score : before.scores()) see(score.taken_time());
  for (const auto& assessment : before.ottawa_assessments()) see(assessment.assessed_time());
  for (const auto& care : before.care()) see(care.requested_time());
  for (const auto& spell : before.absences()) {
    // The whole of the first day away may lie after the incident.
    first = std::min(first, civil::EndOfDay(casework::DayOf(spell.first_date()), civil::London()));
  }
  return first;
}

}  // namespace

MskChange CorrectInjury(const v1::MskCase& before, const v1::CorrectInjuryRequest& request,
                        const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::Injury injury = request.injury();
  // When it was first reported does not change by being corrected.
  if (!injury.has_reported_time()) {
    *injury.mutable_reported_time() = before.injury().reported_time();
  }
  CheckInjury("injury", fields, injury);
  fields.RequiredText("reason", request.reason(), casework::kLongestReason);
  if (fields.ok() && FirstRecordedAct(before) < casework::InstantOf(injury.incident_time())) {
    fields.Wrong("injury.incident_time", "AFTER_RECORDED_ACT",
                 "Something recorded on the case would have happened before the incident. Correct "
                 "that first, or the time.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  *after.mutable_injury() = std::move(injury);
  if (after.injury().region() != before.injury().region() && !before.red_flag_checks().empty()) {
    for (v1::Injury& again : *after.mutable_reinjuries()) again.set_region(after.injury().region());
    const v1::RedFlagCheck last = *before.red_flag_checks().rbegin();
    after.mutable_red_flag_checks()->RemoveLast();
    ApplyCheck(after.injury().region(), last, call.NewId("red_flags"), after);
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
