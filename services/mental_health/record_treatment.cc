#include "services/mental_health/record_treatment.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

namespace {

absl::Status CheckGoesOn(const v1::Treatment& treatment) {
  if (!treatment.has_ended_time() && !treatment.has_declined_time()) return absl::OkStatus();
  return status::FailedPrecondition("TREATMENT_ENDED",
                                    "The treatment ended or was declined. Offer it anew.");
}

absl::Status CheckStarted(const v1::Treatment& treatment) {
  // Active monitoring begins when it is agreed.
  if (treatment.has_started_time() || treatment.kind() == v1::TREATMENT_KIND_ACTIVE_MONITORING) {
    return absl::OkStatus();
  }
  return status::FailedPrecondition("TREATMENT_NOT_STARTED", "Record its start first.");
}

absl::Status Apply(casework::Fields& fields, const v1::RecordTreatmentRequest& request,
                   v1::Treatment& treatment) {
  RETURN_IF_ERROR(CheckGoesOn(treatment));
  const absl::Time offered = casework::InstantOf(treatment.offered_time());
  const absl::Time begun =
      treatment.has_started_time() ? casework::InstantOf(treatment.started_time()) : offered;
  switch (request.act_case()) {
    case v1::RecordTreatmentRequest::kDeclinedTime:
      *treatment.mutable_declined_time() = request.declined_time();
      fields.PastSince("declined_time", offered, *treatment.mutable_declined_time());
      return absl::OkStatus();
    case v1::RecordTreatmentRequest::kStartedTime:
      *treatment.mutable_started_time() = request.started_time();
      fields.PastSince("started_time", offered, *treatment.mutable_started_time());
      return absl::OkStatus();
    case v1::RecordTreatmentRequest::kSessionTime: {
      RETURN_IF_ERROR(CheckStarted(treatment));
      casework::v1::LocalTime session = request.session_time();
      fields.PastSince("session_time", begun, session);
      *treatment.add_session_times() = std::move(session);
      return absl::OkStatus();
    }
    case v1::RecordTreatmentRequest::kEnded:
      RETURN_IF_ERROR(CheckStarted(treatment));
      *treatment.mutable_ended_time() = request.ended().ended_time();
      fields.PastSince("ended.ended_time", begun, *treatment.mutable_ended_time());
      fields.Choice("ended.ending", request.ended().ending(), v1::TreatmentEnding_IsValid);
      treatment.set_ending(request.ended().ending());
      return absl::OkStatus();
    case v1::RecordTreatmentRequest::ACT_NOT_SET:
      fields.Wrong("act", "MISSING", "Say what happened: declined, started, a session, ended.");
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

MentalHealthChange RecordTreatment(const v1::MentalHealthCase& before,
                                   const v1::RecordTreatmentRequest& request,
                                   const casework::Call& call) {
  if (request.treatment_number() < 1 || request.treatment_number() > before.treatments_size()) {
    return status::NotFound("TREATMENT_NOT_FOUND", "The case has no treatment with this number.");
  }
  v1::MentalHealthCase after = before;
  casework::Fields fields(call.now);
  RETURN_IF_ERROR(
      Apply(fields, request, *after.mutable_treatments(request.treatment_number() - 1)));
  RETURN_IF_ERROR(fields.ToStatus());
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
