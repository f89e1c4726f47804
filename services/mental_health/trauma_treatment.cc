#include "services/mental_health/trauma_treatment.h"

#include "common/civil/civil.h"

namespace waymark::mental_health {
namespace {

bool After(const std::optional<absl::CivilDay>& event, int months, absl::CivilDay asked) {
  return event && asked > civil::AddMonths(*event, months);
}

v1::Recommendation RecommendMonitoring(const TraumaQuestion& question) {
  switch (question.symptoms) {
    case v1::SYMPTOMS_CLINICALLY_IMPORTANT:
      return v1::RECOMMENDATION_DO_NOT_OFFER;
    case v1::SYMPTOMS_SUBTHRESHOLD:
      return After(question.event, 1, question.asked) ? v1::RECOMMENDATION_CLINICAL_CHOICE
                                                      : v1::RECOMMENDATION_CONSIDER;
    default:
      return v1::RECOMMENDATION_CLINICAL_CHOICE;
  }
}

v1::Recommendation RecommendEmdr(const TraumaQuestion& question, const TraumaLimits& limits) {
  if (!question.event) return v1::RECOMMENDATION_CLINICAL_CHOICE;
  if (question.asked >= EmdrOfferFrom(*question.event, limits)) return v1::RECOMMENDATION_OFFER;
  return question.asked >= EmdrConsiderFrom(*question.event, limits) ? v1::RECOMMENDATION_CONSIDER
                                                                     : v1::RECOMMENDATION_NOT_YET;
}

v1::Recommendation RecommendComputerised(const TraumaQuestion& question,
                                         const TraumaLimits& limits) {
  if (question.severe_or_dissociative || !question.preferred) {
    return v1::RECOMMENDATION_DO_NOT_OFFER;
  }
  return After(question.event, limits.computerised_from_months, question.asked)
             ? v1::RECOMMENDATION_CONSIDER
             : v1::RECOMMENDATION_NOT_YET;
}

}  // namespace

v1::Recommendation Recommend(const TraumaQuestion& question, const TraumaLimits& limits) {
  switch (question.kind) {
    case v1::TREATMENT_KIND_DEBRIEFING:
    case v1::TREATMENT_KIND_PREVENTIVE_DRUG:
      return v1::RECOMMENDATION_DO_NOT_OFFER;
    case v1::TREATMENT_KIND_ACTIVE_MONITORING:
      return RecommendMonitoring(question);
    case v1::TREATMENT_KIND_TRAUMA_FOCUSED_CBT:
      return question.symptoms == v1::SYMPTOMS_CLINICALLY_IMPORTANT
                 ? v1::RECOMMENDATION_OFFER
                 : v1::RECOMMENDATION_CLINICAL_CHOICE;
    case v1::TREATMENT_KIND_EMDR:
      return RecommendEmdr(question, limits);
    case v1::TREATMENT_KIND_COMPUTERISED_CBT:
      return RecommendComputerised(question, limits);
    case v1::TREATMENT_KIND_ANTIDEPRESSANT:
      return question.preferred ? v1::RECOMMENDATION_CONSIDER : v1::RECOMMENDATION_CLINICAL_CHOICE;
    default:
      return v1::RECOMMENDATION_CLINICAL_CHOICE;
  }
}

absl::CivilDay EmdrConsiderFrom(absl::CivilDay event, const TraumaLimits& limits) {
  return civil::AddMonths(event, limits.emdr_consider_from_months);
}

absl::CivilDay EmdrOfferFrom(absl::CivilDay event, const TraumaLimits& limits) {
  return civil::AddMonths(event, limits.emdr_offer_from_months) + 1;
}

}  // namespace waymark::mental_health
