#include "services/mental_health/self_refer.h"

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange SelfRefer(const v1::SelfReferRequest& request, const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  std::string subject_id = request.subject_id();
  if (!IsClinician(call)) {
    if (subject_id.empty()) subject_id = call.subject_id;
    if (subject_id != call.subject_id) {
      fields.Wrong("subject_id", "NOT_YOURSELF", "An officer refers themselves and nobody else.");
    }
  }
  CheckSubject("subject_id", fields, subject_id);
  v1::Referral referral = request.referral();
  CheckReferral(fields, /*by_officer=*/true, referral);
  v1::AnswerSheets answers = request.answers();
  CheckSheets("answers", fields, answers);
  RETURN_IF_ERROR(fields.ToStatus());
  return OpenReferred(
      OpenFor(call.NewId("case/0"), request.jurisdiction(), subject_id, v1::ORIGIN_SELF, call),
      referral, answers, call);
}

}  // namespace waymark::mental_health
