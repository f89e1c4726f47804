#include "services/casework/status.h"

#include "services/casework/instants.h"

namespace waymark::casework {
namespace {

v1::StepStatus StatusOf(v1::Ending ending) {
  switch (ending) {
    case v1::ENDING_DONE:
      return v1::STEP_STATUS_DONE;
    case v1::ENDING_DECLINED:
      return v1::STEP_STATUS_DECLINED;
    case v1::ENDING_WAIVED:
      return v1::STEP_STATUS_WAIVED;
    case v1::ENDING_SUPERSEDED:
      return v1::STEP_STATUS_SUPERSEDED;
    case v1::ENDING_LOST_TO_FOLLOW_UP:
      return v1::STEP_STATUS_LOST_TO_FOLLOW_UP;
    default:
      return v1::STEP_STATUS_UNSPECIFIED;
  }
}

}  // namespace

v1::StepStatus StatusAt(const v1::Step& step, absl::Time now) {
  if (!IsOpen(step)) return StatusOf(step.outcome().ending());
  if (step.has_closes_time() && now > FromTimestamp(step.closes_time())) {
    return v1::STEP_STATUS_WINDOW_CLOSED;
  }
  if (now > FromTimestamp(step.due_time())) return v1::STEP_STATUS_OVERDUE;
  const auto& opens = step.has_opens_time() ? step.opens_time() : step.anchor_time();
  return now < FromTimestamp(opens) ? v1::STEP_STATUS_UPCOMING : v1::STEP_STATUS_OPEN;
}

bool IsOpen(const v1::Step& step) { return step.outcome().ending() == v1::ENDING_UNSPECIFIED; }

bool DoneOnTime(const v1::Step& step) {
  return step.outcome().ending() == v1::ENDING_DONE &&
         FromTimestamp(step.outcome().ended_time()) <= FromTimestamp(step.due_time());
}

const v1::Step* NextStep(const v1::Plan& plan, absl::Time now) {
  const v1::Step* shut = nullptr;
  // Steps stand in order of due time.
  for (const v1::Step& step : plan.steps()) {
    if (!IsOpen(step)) continue;
    if (StatusAt(step, now) != v1::STEP_STATUS_WINDOW_CLOSED) return &step;
    if (shut == nullptr) shut = &step;
  }
  return shut;
}

std::string CurrentStage(const v1::Protocol& protocol, const v1::Plan& plan, absl::Time now) {
  if (const v1::Step* next = NextStep(plan, now)) return next->stage();
  std::string stage;
  for (const v1::Stage& candidate : protocol.stages()) {
    for (const v1::Step& step : plan.steps()) {
      if (step.stage() == candidate.key()) stage = candidate.key();
    }
  }
  return stage;
}

std::vector<std::string> BlockingSteps(const v1::Plan& plan) {
  std::vector<std::string> keys;
  for (const v1::Step& step : plan.steps()) {
    if (step.blocks_closing() && IsOpen(step)) keys.push_back(step.key());
  }
  return keys;
}

void SetStatuses(absl::Time now, v1::Plan& plan) {
  for (v1::Step& step : *plan.mutable_steps()) step.set_status(StatusAt(step, now));
}

void ClearStatuses(v1::Plan& plan) {
  for (v1::Step& step : *plan.mutable_steps()) step.clear_status();
}

const v1::Step* FindStep(const v1::Plan& plan, absl::string_view key) {
  for (const v1::Step& step : plan.steps()) {
    if (step.key() == key) return &step;
  }
  return nullptr;
}

}  // namespace waymark::casework
