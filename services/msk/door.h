// The door: nobody enters the ordinary path before the red flags were asked for, nor while one is
// open that cannot wait.
#ifndef WAYMARK_SERVICES_MSK_DOOR_H_
#define WAYMARK_SERVICES_MSK_DOOR_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

enum class Door {
  kUnchecked,  // nobody has the answers yet
  kShut,       // a red flag that cannot wait is not settled
  kClear,
};

Door DoorOf(const v1::MskCase& msk_case);

// When every question had been answered since the part was last hurt; nothing before.
std::optional<absl::Time> CheckedTime(const v1::MskCase& msk_case);

// From when the ordinary path counts: the last report, the answers, the last red flag settled,
// whichever came last. Nothing while the door is not clear.
std::optional<absl::Time> RoutineFrom(const v1::MskCase& msk_case);

// The most urgent that is not settled, else URGENCY_ROUTINE.
v1::Urgency UrgencyOf(const v1::MskCase& msk_case);

// OK when the door is clear; else FAILED_PRECONDITION EMERGENCY_FIRST or RED_FLAGS_UNCHECKED.
absl::Status CheckDoor(const v1::MskCase& msk_case);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_DOOR_H_
