#include "services/casework/lifecycle.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/status.h"

namespace waymark::casework {
namespace {

constexpr size_t kLongestReason = 1000;

// Counts characters, not bytes: UTF-8 continuation bytes are not counted.
size_t Characters(absl::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

void CheckReason(absl::string_view field, absl::string_view reason,
                 status::FieldViolations& violations) {
  if (absl::StripAsciiWhitespace(reason).empty() || Characters(reason) > kLongestReason) {
    violations.Add(field, "REASON_REQUIRED", "Give a reason of 1 to 1,000 characters.");
  }
}

}  // namespace

absl::Status WaiveStep(absl::string_view step_key, v1::Ending ending, absl::string_view reason,
                       const Call& call, v1::CaseHeader& header) {
  status::FieldViolations violations;
  if (ending != v1::ENDING_WAIVED && ending != v1::ENDING_DECLINED &&
      ending != v1::ENDING_LOST_TO_FOLLOW_UP) {
    violations.Add("ending", "ENDING_INVALID",
                   "A decision ends a step as waived, declined or lost to follow-up.");
  }
  CheckReason("reason", reason, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  const v1::Step* step = FindStep(header.plan(), step_key);
  if (step == nullptr) {
    return status::NotFound("STEP_NOT_FOUND", "The case's plan has no step with this key.");
  }
  if (!IsOpen(*step)) {
    return status::FailedPrecondition("STEP_ALREADY_ENDED", "The step has already ended.");
  }
  v1::StepOutcome& outcome = *header.add_decided();
  outcome.set_step_key(std::string(step_key));
  outcome.set_ending(ending);
  *outcome.mutable_ended_time() = ToTimestamp(call.now);
  *outcome.mutable_recorded_time() = ToTimestamp(call.now);
  outcome.set_reason(std::string(reason));
  outcome.set_role(call.role);
  outcome.set_user_id(call.user_id);
  return absl::OkStatus();
}

absl::Status EndOpenSteps(v1::Ending ending, absl::string_view reason, const Call& call,
                          absl::FunctionRef<bool(const v1::Step&)> which, v1::CaseHeader& header) {
  for (const v1::Step& step : header.plan().steps()) {
    if (!IsOpen(step) || !which(step)) continue;
    RETURN_IF_ERROR(WaiveStep(step.key(), ending, reason, call, header));
  }
  return absl::OkStatus();
}

absl::Status CloseCase(absl::string_view note, const Call& call, v1::CaseHeader& header) {
  status::FieldViolations violations;
  if (Characters(note) > kLongestReason) {
    violations.Add("note", "NOTE_TOO_LONG", "A closing note has at most 1,000 characters.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  if (header.state() == v1::CASE_STATE_CLOSED) {
    return status::FailedPrecondition("CASE_CLOSED", "The case is closed already.");
  }
  const std::vector<std::string> blocking = BlockingSteps(header.plan());
  if (!blocking.empty()) {
    return status::WithMetadata(
        status::FailedPrecondition(
            "BLOCKING_STEP_OPEN",
            absl::StrCat(blocking.size(), blocking.size() == 1 ? " step keeps" : " steps keep",
                         " the case open. Record its outcome, or end it by a decision with a "
                         "reason, before closing.")),
        "blocking_steps", absl::StrJoin(blocking, ","));
  }
  header.set_state(v1::CASE_STATE_CLOSED);
  *header.mutable_closed_time() = ToTimestamp(call.now);
  return absl::OkStatus();
}

absl::Status ReopenCase(absl::string_view reason, v1::CaseHeader& header) {
  status::FieldViolations violations;
  CheckReason("reason", reason, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  if (header.state() != v1::CASE_STATE_CLOSED) {
    return status::FailedPrecondition("CASE_OPEN", "The case is open already.");
  }
  if (header.has_went_to()) {
    return status::FailedPrecondition("CASE_TRANSFERRED",
                                      "The person has moved: another force has this case now.");
  }
  header.set_state(v1::CASE_STATE_OPEN);
  header.clear_closed_time();
  return absl::OkStatus();
}

absl::Status AdoptProtocol(int version, absl::string_view reason, v1::CaseHeader& header) {
  status::FieldViolations violations;
  if (version < 1) {
    violations.Add("protocol_version", "VERSION_INVALID", "Versions count from 1.");
  }
  CheckReason("reason", reason, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  if (header.protocol_version() == version) {
    return status::FailedPrecondition("PROTOCOL_ALREADY_ADOPTED",
                                      "The case follows this version already.");
  }
  header.set_protocol_version(version);
  return absl::OkStatus();
}

absl::Status AssignCase(absl::string_view user_id, v1::CaseHeader& header) {
  status::FieldViolations violations;
  if (user_id.size() > 128) {
    violations.Add("assigned_to", "USER_INVALID", "A user id has at most 128 characters.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  header.set_assigned_to(std::string(user_id));
  return absl::OkStatus();
}

void LetGo(const v1::CaseElsewhere& went_to, absl::string_view cause, v1::CaseHeader& header) {
  for (v1::Step& step : *header.mutable_plan()->mutable_steps()) {
    if (!IsOpen(step)) continue;
    v1::StepOutcome& outcome = *step.mutable_outcome();
    outcome.set_step_key(step.key());
    outcome.set_ending(v1::ENDING_SUPERSEDED);
    *outcome.mutable_ended_time() = went_to.time();
    *outcome.mutable_recorded_time() = went_to.time();
    v1::Move& move = *header.mutable_plan()->add_moves();
    move.set_step_key(step.key());
    move.set_case_version(header.version());
    *move.mutable_recorded_time() = went_to.time();
    move.set_cause(std::string(cause));
    if (step.has_opens_time()) *move.mutable_from_opens_time() = step.opens_time();
    *move.mutable_from_due_time() = step.due_time();
    if (step.has_closes_time()) *move.mutable_from_closes_time() = step.closes_time();
  }
  header.set_state(v1::CASE_STATE_CLOSED);
  *header.mutable_closed_time() = went_to.time();
  *header.mutable_went_to() = went_to;
}

}  // namespace waymark::casework
