#include "services/mental_health/record_trim.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/mental_health/thresholds.h"
#include "services/mental_health/trim_score.h"

namespace waymark::mental_health {

namespace {

absl::Status CheckGoesOn(const v1::TrimPath& trim) {
  if (!trim.has_declined_time()) return absl::OkStatus();
  return status::FailedPrecondition("TRIM_DECLINED",
                                    "TRiM was declined. Occupational health stays open to them.");
}

void CheckAssessment(casework::Fields& fields, absl::Time event, const casework::Call& call,
                     v1::TrimAssessment& assessment) {
  fields.Choice("assessment.point", assessment.point(), v1::TrimPoint_IsValid);
  if (fields.PastSince("assessment.held_time", event, *assessment.mutable_held_time()) &&
      casework::InstantOf(assessment.held_time()) - event <
          absl::Hours(Whole(*call.protocol, kTrimFromHours))) {
    fields.Wrong("assessment.held_time", "TOO_EARLY",
                 "An assessment so soon after the event cannot be read. It opens at 72 hours.");
  }
  if (assessment.answers_size() != kTrimItems) {
    fields.Wrong("assessment.answers", "WRONG_COUNT",
                 absl::StrCat("Give ", kTrimItems, " answers; none may be left blank."));
    return;
  }
  for (int i = 0; i < kTrimItems; ++i) {
    fields.Range(absl::StrCat("assessment.answers[", i, "]"), assessment.answers(i), 0,
                 kTrimLargest);
  }
}

absl::Status Apply(casework::Fields& fields, const v1::RecordTrimRequest& request, absl::Time event,
                   const casework::Call& call, v1::TrimPath& trim) {
  switch (request.act_case()) {
    case v1::RecordTrimRequest::kFirstContactTime:
      *trim.mutable_first_contact_time() = request.first_contact_time();
      fields.PastSince("first_contact_time", event, *trim.mutable_first_contact_time());
      return absl::OkStatus();
    case v1::RecordTrimRequest::kOfferedTime:
      // Whoever declined may think again.
      trim.clear_declined_time();
      *trim.mutable_offered_time() = request.offered_time();
      fields.PastSince("offered_time", event, *trim.mutable_offered_time());
      return absl::OkStatus();
    case v1::RecordTrimRequest::kDeclinedTime:
      RETURN_IF_ERROR(CheckGoesOn(trim));
      *trim.mutable_declined_time() = request.declined_time();
      fields.PastSince("declined_time", event, *trim.mutable_declined_time());
      return absl::OkStatus();
    case v1::RecordTrimRequest::kAssessment: {
      RETURN_IF_ERROR(CheckGoesOn(trim));
      if (!trim.has_offered_time()) {
        return status::FailedPrecondition("TRIM_NOT_OFFERED",
                                          "Record the offer of TRiM before an assessment.");
      }
      v1::TrimAssessment assessment = request.assessment();
      CheckAssessment(fields, event, call, assessment);
      *trim.add_assessments() = std::move(assessment);
      return absl::OkStatus();
    }
    case v1::RecordTrimRequest::kReferredTime:
      *trim.mutable_referred_time() = request.referred_time();
      fields.PastSince("referred_time", event, *trim.mutable_referred_time());
      return absl::OkStatus();
    case v1::RecordTrimRequest::ACT_NOT_SET:
      fields.Wrong("act", "MISSING", "Say what was done: contact, offer, assessment and so on.");
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

MentalHealthChange RecordTrim(const v1::MentalHealthCase& before,
                              const v1::RecordTrimRequest& request, const casework::Call& call) {
  v1::MentalHealthCase after = before;
  v1::Incident* incident = FindIncident(after, request.incident_number());
  if (incident == nullptr) return NoSuchIncident();
  casework::Fields fields(call.now);
  RETURN_IF_ERROR(Apply(fields, request, casework::InstantOf(incident->occurred_time()), call,
                        *incident->mutable_trim()));
  RETURN_IF_ERROR(fields.ToStatus());
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
