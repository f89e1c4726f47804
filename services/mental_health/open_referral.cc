#include "services/mental_health/open_referral.h"

#include "common/status/status.h"

namespace waymark::mental_health {

namespace {

bool IsReferral(v1::Origin origin) {
  return origin == v1::ORIGIN_MANAGEMENT || origin == v1::ORIGIN_PEER ||
         origin == v1::ORIGIN_GENERAL_PRACTITIONER;
}

}  // namespace

MentalHealthChange OpenReferral(const v1::OpenReferralRequest& request,
                                const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  CheckSubject("subject_id", fields, request.subject_id());
  if (!IsReferral(request.origin()) ||
      (!IsClinician(call) && request.origin() != v1::ORIGIN_MANAGEMENT)) {
    fields.Wrong("origin", "NOT_A_REFERRAL",
                 "Choose MANAGEMENT, PEER or GENERAL_PRACTITIONER; a supervisor, MANAGEMENT.");
  }
  if (!IsClinician(call) && request.answers().sheets_size() > 0) {
    fields.Wrong("answers", "NOT_FROM_A_SUPERVISOR",
                 "A supervisor sends no forms: the officer hands them to occupational health.");
  }
  v1::Referral referral = request.referral();
  CheckReferral(fields, /*by_officer=*/false, referral);
  v1::AnswerSheets answers = request.answers();
  CheckSheets("answers", fields, answers);
  RETURN_IF_ERROR(fields.ToStatus());
  return OpenReferred(OpenFor(call.NewId("case/0"), request.jurisdiction(), request.subject_id(),
                              request.origin(), call),
                      referral, answers, call);
}

}  // namespace waymark::mental_health
