#include "services/msk/record_care_progress.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::msk {
namespace {

constexpr int kMostSessions = 100;

}  // namespace

MskChange RecordCareProgress(const v1::MskCase& before,
                             const v1::RecordCareProgressRequest& request,
                             const casework::Call& call) {
  v1::MskCase after = before;
  v1::Care* care = nullptr;
  int meant = 0;
  for (v1::Care& one : *after.mutable_care()) {
    if (request.care_id().empty() ? one.has_cancelled_time() : one.care_id() != request.care_id()) {
      continue;
    }
    care = &one;
    ++meant;
  }
  if (meant > 1) {
    return status::InvalidArgument("CARE_AMBIGUOUS", "Several things were asked for: name one.");
  }
  if (care == nullptr) {
    return status::NotFound("CARE_NOT_FOUND", "The case has asked for nothing with this id.");
  }
  if (care->has_cancelled_time()) {
    return status::FailedPrecondition("CARE_ENDED", "That was cancelled. Ask for it anew.");
  }
  casework::Fields fields(call.now);
  const absl::Time requested = casework::InstantOf(care->requested_time());
  switch (request.progress_case()) {
    case v1::RecordCareProgressRequest::kAcceptedTime:
      *care->mutable_accepted_time() = request.accepted_time();
      fields.PastSince("accepted_time", requested, *care->mutable_accepted_time());
      break;
    case v1::RecordCareProgressRequest::kSession: {
      if (care->sessions_size() >= kMostSessions) {
        fields.Wrong("session", "TOO_MANY", "No course of treatment has more than 100 sessions.");
        break;
      }
      v1::Session& session = *care->add_sessions();
      session = request.session();
      fields.PastSince("session.time", requested, *session.mutable_time());
      break;
    }
    case v1::RecordCareProgressRequest::kDoneTime:
      *care->mutable_done_time() = request.done_time();
      fields.PastSince("done_time", requested, *care->mutable_done_time());
      break;
    case v1::RecordCareProgressRequest::kClockStoppedTime:
      *care->mutable_clock_stopped_time() = request.clock_stopped_time();
      fields.PastSince("clock_stopped_time", requested, *care->mutable_clock_stopped_time());
      break;
    case v1::RecordCareProgressRequest::kCancelled:
      *care->mutable_cancelled_time() = request.cancelled().cancelled_time();
      care->set_cancelled_reason(request.cancelled().reason());
      fields.PastSince("cancelled.cancelled_time", requested, *care->mutable_cancelled_time());
      fields.RequiredText("cancelled.reason", request.cancelled().reason(),
                          casework::kLongestReason);
      break;
    default:
      fields.Wrong("progress", "MISSING", "Say what happened.");
  }
  RETURN_IF_ERROR(fields.ToStatus());
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
