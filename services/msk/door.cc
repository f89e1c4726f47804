#include "services/msk/door.h"

#include <algorithm>

#include "common/status/status.h"
#include "services/msk/record.h"
#include "services/msk/red_flags.h"

namespace waymark::msk {

std::optional<absl::Time> CheckedTime(const v1::MskCase& msk_case) {
  const absl::Time since = CourseStart(msk_case);
  std::optional<absl::Time> first;
  for (const v1::RedFlagCheck& check : msk_case.red_flag_checks()) {
    const absl::Time time = casework::InstantOf(check.checked_time());
    if (!check.unanswered().empty() || time < since) continue;
    first = first ? std::min(*first, time) : time;
  }
  return first;
}

Door DoorOf(const v1::MskCase& msk_case) {
  for (const v1::RedFlag& flag : msk_case.red_flags()) {
    if (KeepsRoutineShut(flag.urgency()) && !IsSettled(flag)) return Door::kShut;
  }
  return CheckedTime(msk_case) ? Door::kClear : Door::kUnchecked;
}

std::optional<absl::Time> RoutineFrom(const v1::MskCase& msk_case) {
  if (DoorOf(msk_case) != Door::kClear) return std::nullopt;
  absl::Time from =
      std::max(casework::InstantOf(LatestInjury(msk_case).reported_time()), *CheckedTime(msk_case));
  for (const v1::RedFlag& flag : msk_case.red_flags()) {
    if (!KeepsRoutineShut(flag.urgency())) continue;
    if (const auto* settled = FirstReaching(flag, v1::ESCALATION_STAGE_RULED_OUT)) {
      from = std::max(from, casework::InstantOf(settled->time()));
    }
  }
  return from;
}

v1::Urgency UrgencyOf(const v1::MskCase& msk_case) {
  v1::Urgency urgency = v1::URGENCY_ROUTINE;
  for (const v1::RedFlag& flag : msk_case.red_flags()) {
    if (!IsSettled(flag)) urgency = std::min(urgency, flag.urgency());
  }
  return urgency;
}

absl::Status CheckDoor(const v1::MskCase& msk_case) {
  switch (DoorOf(msk_case)) {
    case Door::kClear:
      return absl::OkStatus();
    case Door::kShut:
      return status::FailedPrecondition("EMERGENCY_FIRST",
                                        "A red flag that cannot wait is open. Record that it was "
                                        "ruled out, or treated and handed "
                                        "back, before the ordinary path goes on.");
    case Door::kUnchecked:
      break;
  }
  return status::FailedPrecondition(
      "RED_FLAGS_UNCHECKED",
      "Ask for the red flags first: RecordRedFlags, every question answered.");
}

}  // namespace waymark::msk
