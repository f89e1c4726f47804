#include "services/mental_health/offer_treatment.h"

#include <utility>

#include "common/status/status.h"
#include "services/mental_health/thresholds.h"
#include "services/mental_health/trauma_treatment.h"

namespace waymark::mental_health {

namespace {

absl::Status CheckEverOffered(v1::TreatmentKind kind) {
  if (kind == v1::TREATMENT_KIND_DEBRIEFING) {
    return status::FailedPrecondition(
        "DEBRIEFING_NOT_OFFERED",
        "NICE NG116: psychologically focused debriefing is not offered, to prevent or to treat. "
        "Offer TRiM, active monitoring or trauma-focused CBT.");
  }
  if (kind == v1::TREATMENT_KIND_PREVENTIVE_DRUG) {
    return status::FailedPrecondition(
        "PREVENTIVE_DRUG_NOT_OFFERED",
        "NICE NG116: medicines, benzodiazepines among them, are not offered to prevent PTSD.");
  }
  return absl::OkStatus();
}

absl::Status CheckRecommended(const v1::Treatment& treatment) {
  if (treatment.recommendation() != v1::RECOMMENDATION_NOT_YET &&
      treatment.recommendation() != v1::RECOMMENDATION_DO_NOT_OFFER) {
    return absl::OkStatus();
  }
  switch (treatment.kind()) {
    case v1::TREATMENT_KIND_EMDR:
      return status::FailedPrecondition(
          "EMDR_NOT_YET",
          "NICE NG116: EMDR from one month after the event. Offer trauma-focused CBT now.");
    case v1::TREATMENT_KIND_ACTIVE_MONITORING:
      return status::FailedPrecondition(
          "ACTIVE_MONITORING_NOT_ENOUGH",
          "NICE NG116: clinically important symptoms are treated, not watched. Offer "
          "trauma-focused CBT now.");
    default:
      return status::FailedPrecondition(
          "COMPUTERISED_CBT_NOT_FITTING",
          "NICE NG116: computerised CBT more than three months after the event, for who prefers "
          "it, and not for severe or dissociative symptoms or a risk of harm.");
  }
}

}  // namespace

MentalHealthChange OfferTreatment(const v1::MentalHealthCase& before,
                                  const v1::OfferTreatmentRequest& request,
                                  const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::Treatment treatment;
  treatment.set_kind(request.treatment().kind());
  treatment.set_preferred(request.treatment().preferred());
  *treatment.mutable_offered_time() = request.treatment().offered_time();
  const bool dated = fields.PastSince("treatment.offered_time", BeginOf(before),
                                      *treatment.mutable_offered_time());
  const bool chosen = fields.Choice("treatment.kind", treatment.kind(), v1::TreatmentKind_IsValid);
  fields.MayChoose("treatment.preferred", treatment.preferred(), v1::Answer_IsValid);
  if (chosen) RETURN_IF_ERROR(CheckEverOffered(treatment.kind()));
  if (dated && chosen) {
    const absl::CivilDay asked = DateOf(treatment.offered_time());
    const v1::ClinicalAssessment* assessment = LatestAssessment(before);
    TraumaQuestion question{.kind = treatment.kind(),
                            .event = LatestEvent(before, asked),
                            .asked = asked,
                            .preferred = treatment.preferred() == v1::ANSWER_YES,
                            .severe_or_dissociative = HasActiveIntent(before)};
    if (assessment != nullptr) {
      question.symptoms = assessment->symptoms();
      question.severe_or_dissociative =
          question.severe_or_dissociative || assessment->severe_or_dissociative() == v1::ANSWER_YES;
    }
    treatment.set_recommendation(Recommend(question, TraumaLimitsOf(*call.protocol)));
    RETURN_IF_ERROR(CheckRecommended(treatment));
    if (treatment.kind() == v1::TREATMENT_KIND_EMDR &&
        treatment.recommendation() == v1::RECOMMENDATION_CONSIDER && !question.preferred) {
      fields.Wrong("treatment.preferred", "PREFERENCE_NEEDED",
                   "Up to three months after the event EMDR is for who prefers it (NICE NG116).");
    }
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MentalHealthCase after = before;
  treatment.set_number(before.treatments_size() + 1);
  *after.add_treatments() = std::move(treatment);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
