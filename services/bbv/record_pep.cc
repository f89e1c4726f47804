#include "services/bbv/record_pep.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/bbv/pep_rules.h"
#include "services/bbv/thresholds.h"
#include "services/casework/fields.h"
#include "services/casework/instants.h"
#include "services/casework/override.h"
#include "services/casework/planner.h"

namespace waymark::bbv {
namespace {

constexpr int kLongestGapHours = 672;
constexpr size_t kLongestSideEffect = 500;
constexpr char kGapReason[] = "The gap since the last dose was longer than the limit.";

absl::Status CheckNotStarted(const v1::PepCourse& pep) {
  if (!pep.has_started_time()) return absl::OkStatus();
  return status::FailedPrecondition("PEP_ALREADY_STARTED", "PEP was started already.");
}

absl::Status CheckStarted(const v1::PepCourse& pep) {
  if (pep.has_started_time()) return absl::OkStatus();
  return status::FailedPrecondition("PEP_NOT_STARTED", "PEP was not started; record that first.");
}

absl::Status CheckRunning(const v1::PepCourse& pep) {
  if (pep.state() == v1::PEP_STATE_STARTED) return absl::OkStatus();
  return status::FailedPrecondition("PEP_NOT_STARTED", "No course of PEP is running.");
}

absl::Status Offer(casework::Fields& fields, const v1::PepOffered& act, absl::Time incident,
                   v1::PepCourse& pep) {
  RETURN_IF_ERROR(CheckNotStarted(pep));
  *pep.mutable_offered_time() = act.offered_time();
  fields.PastSince("offered.offered_time", incident, *pep.mutable_offered_time());
  pep.set_state(v1::PEP_STATE_OFFERED);
  return absl::OkStatus();
}

absl::Status Decline(casework::Fields& fields, const v1::PepDeclined& act, absl::Time incident,
                     v1::PepCourse& pep) {
  RETURN_IF_ERROR(CheckNotStarted(pep));
  *pep.mutable_declined_time() = act.declined_time();
  fields.PastSince("declined.declined_time", incident, *pep.mutable_declined_time());
  if (!act.counselled()) {
    fields.Wrong("declined.counselled", "COUNSELLING_FIRST",
                 "Counsel the patient before recording that they decline.");
  }
  pep.set_state(v1::PEP_STATE_DECLINED);
  return absl::OkStatus();
}

absl::Status Start(casework::Fields& fields, const v1::PepStarted& act, absl::Time incident,
                   const casework::Call& call, v1::PepCourse& pep) {
  RETURN_IF_ERROR(CheckNotStarted(pep));
  *pep.mutable_started_time() = act.started_time();
  const bool dated =
      fields.PastSince("started.started_time", incident, *pep.mutable_started_time());
  fields.Text("started.regimen", act.regimen(), casework::kLongestName);
  fields.Text("started.override_reason", act.override_reason(), casework::kLongestReason);
  // The limit runs from the exposure, however late it was reported.
  if (dated && !WithinWindow(incident, casework::InstantOf(pep.started_time()),
                             casework::Parameter(*call.protocol, kPepWindowHours))) {
    RETURN_IF_ERROR(casework::CheckOverride(call, act.override_reason()));
    pep.set_override_reason(act.override_reason());
  }
  pep.set_regimen(act.regimen());
  pep.set_state(v1::PEP_STATE_STARTED);
  return absl::OkStatus();
}

absl::Status Miss(casework::Fields& fields, const v1::PepMissedDoses& act,
                  const casework::Call& call, v1::PepCourse& pep) {
  RETURN_IF_ERROR(CheckRunning(pep));
  fields.Range("missed.hours_since_last_dose", act.hours_since_last_dose(), 1, kLongestGapHours);
  v1::MissedDoses& missed = *pep.add_missed();
  *missed.mutable_recorded_time() = casework::ToTimestamp(call.now);
  missed.set_hours_since_last_dose(act.hours_since_last_dose());
  casework::v1::LocalTime last_dose = act.last_dose_time();
  const bool stops = GapStopsCourse(act.hours_since_last_dose(),
                                    casework::Parameter(*call.protocol, kPepGapHours));
  if (stops || act.has_last_dose_time()) {
    fields.PastSince("missed.last_dose_time", casework::InstantOf(pep.started_time()), last_dose);
  }
  if (stops) {
    *pep.mutable_ended_time() = std::move(last_dose);
    pep.set_stop_reason(kGapReason);
    pep.set_state(v1::PEP_STATE_STOPPED);
  }
  return absl::OkStatus();
}

absl::Status Finish(casework::Fields& fields, absl::string_view field, const v1::PepEnded& act,
                    v1::PepState state, const casework::Call& call, v1::PepCourse& pep) {
  RETURN_IF_ERROR(CheckRunning(pep));
  *pep.mutable_ended_time() = act.ended_time();
  const absl::Time started = casework::InstantOf(pep.started_time());
  const bool dated =
      fields.PastSince(absl::StrCat(field, ".ended_time"), started, *pep.mutable_ended_time());
  const std::string reason_field = absl::StrCat(field, ".reason");
  if (state == v1::PEP_STATE_STOPPED) {
    fields.RequiredText(reason_field, act.reason(), casework::kLongestReason);
  } else {
    fields.Text(reason_field, act.reason(), casework::kLongestReason);
    if (dated && !IsWholeCourse(started, casework::InstantOf(pep.ended_time()),
                                casework::Parameter(*call.protocol, kPepCourseDays))) {
      fields.Wrong(absl::StrCat(field, ".ended_time"), "COURSE_NOT_COMPLETE",
                   "The course was shorter than the protocol asks for. Record it as stopped.");
    }
  }
  pep.set_stop_reason(act.reason());
  pep.set_state(state);
  return absl::OkStatus();
}

absl::Status Apply(casework::Fields& fields, const v1::RecordPepRequest& request,
                   absl::Time incident, const casework::Call& call, v1::PepCourse& pep) {
  switch (request.act_case()) {
    case v1::RecordPepRequest::kOffered:
      return Offer(fields, request.offered(), incident, pep);
    case v1::RecordPepRequest::kDeclined:
      return Decline(fields, request.declined(), incident, pep);
    case v1::RecordPepRequest::kStarted:
      return Start(fields, request.started(), incident, call, pep);
    case v1::RecordPepRequest::kMissed:
      return Miss(fields, request.missed(), call, pep);
    case v1::RecordPepRequest::kSideEffect:
      RETURN_IF_ERROR(CheckStarted(pep));
      fields.RequiredText("side_effect.description", request.side_effect().description(),
                          kLongestSideEffect);
      pep.add_side_effects(request.side_effect().description());
      return absl::OkStatus();
    case v1::RecordPepRequest::kReviewed: {
      RETURN_IF_ERROR(CheckStarted(pep));
      casework::v1::LocalTime reviewed = request.reviewed().reviewed_time();
      fields.PastSince("reviewed.reviewed_time", casework::InstantOf(pep.started_time()), reviewed);
      *pep.add_reviewed_times() = std::move(reviewed);
      return absl::OkStatus();
    }
    case v1::RecordPepRequest::kStopped:
      return Finish(fields, "stopped", request.stopped(), v1::PEP_STATE_STOPPED, call, pep);
    case v1::RecordPepRequest::kCompleted:
      return Finish(fields, "completed", request.completed(), v1::PEP_STATE_COMPLETED, call, pep);
    case v1::RecordPepRequest::ACT_NOT_SET:
      fields.Wrong("act", "MISSING", "Say what was done: offered, declined, started and so on.");
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

BbvChange RecordPep(const v1::BbvCase& before, const v1::RecordPepRequest& request,
                    const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::BbvCase after = before;
  RETURN_IF_ERROR(Apply(fields, request, IncidentOf(before), call, *after.mutable_pep()));
  RETURN_IF_ERROR(fields.ToStatus());
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
