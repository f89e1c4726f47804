#include "services/scheduling/domain/instants.h"

namespace waymark::scheduling {
namespace {

namespace cw = casework::v1;

cw::StepStatus StatusOf(cw::Ending ending) {
  switch (ending) {
    case cw::ENDING_DONE:
      return cw::STEP_STATUS_DONE;
    case cw::ENDING_DECLINED:
      return cw::STEP_STATUS_DECLINED;
    case cw::ENDING_WAIVED:
      return cw::STEP_STATUS_WAIVED;
    case cw::ENDING_SUPERSEDED:
      return cw::STEP_STATUS_SUPERSEDED;
    case cw::ENDING_LOST_TO_FOLLOW_UP:
      return cw::STEP_STATUS_LOST_TO_FOLLOW_UP;
    default:
      return cw::STEP_STATUS_UNSPECIFIED;
  }
}

}  // namespace

cw::StepStatus StatusAt(const StepInstants& step, absl::Time now) {
  if (step.ending != cw::ENDING_UNSPECIFIED) return StatusOf(step.ending);
  if (now > step.closes) return cw::STEP_STATUS_WINDOW_CLOSED;
  if (now > step.due) return cw::STEP_STATUS_OVERDUE;
  return now < step.opens ? cw::STEP_STATUS_UPCOMING : cw::STEP_STATUS_OPEN;
}

bool IsOverdue(const StepInstants& step, absl::Time now) {
  const cw::StepStatus status = StatusAt(step, now);
  return status == cw::STEP_STATUS_OVERDUE || status == cw::STEP_STATUS_WINDOW_CLOSED;
}

int64_t SecondsLeft(const StepInstants& step, absl::Time now) {
  return absl::ToInt64Seconds(absl::Floor(step.due - now, absl::Seconds(1)));
}

v1::Tab TabAt(const StepInstants& step, absl::Time now) {
  switch (StatusAt(step, now)) {
    case cw::STEP_STATUS_UPCOMING:
      return v1::TAB_UPCOMING;
    case cw::STEP_STATUS_OPEN:
      return v1::TAB_OPEN;
    case cw::STEP_STATUS_OVERDUE:
      return v1::TAB_OVERDUE;
    case cw::STEP_STATUS_WINDOW_CLOSED:
      return v1::TAB_WINDOW_CLOSED;
    default:
      return v1::TAB_UNSPECIFIED;
  }
}

absl::Time NextChange(const StepInstants& step, absl::Time now) {
  switch (StatusAt(step, now)) {
    case cw::STEP_STATUS_UPCOMING:
      // A step that opens after it is due would be overdue first.
      return step.opens <= step.due ? step.opens : step.due + absl::Microseconds(1);
    case cw::STEP_STATUS_OPEN:
      return step.due + absl::Microseconds(1);
    case cw::STEP_STATUS_OVERDUE:
      return step.closes + absl::Microseconds(1);
    default:
      return absl::InfiniteFuture();
  }
}

}  // namespace waymark::scheduling
