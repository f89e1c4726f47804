#include "services/mental_health/record_clinical_assessment.h"

#include <utility>

#include "common/status/status.h"
#include "services/mental_health/stepped_care.h"

namespace waymark::mental_health {

namespace {

CareNeeds NeedsOf(const v1::MentalHealthCase& record, v1::Symptoms symptoms) {
  CareNeeds needs{.symptoms = symptoms};
  if (const auto* phq9 = Latest(record, v1::INSTRUMENT_PHQ9)) needs.depression = phq9->severity();
  if (const auto* gad7 = Latest(record, v1::INSTRUMENT_GAD7)) needs.anxiety = gad7->severity();
  if (const auto* pcl5 = Latest(record, v1::INSTRUMENT_PCL5)) needs.post_traumatic = pcl5->screen();
  if (const auto* itq = Latest(record, v1::INSTRUMENT_ITQ)) needs.pattern = itq->pattern();
  return needs;
}

}  // namespace

MentalHealthChange RecordClinicalAssessment(const v1::MentalHealthCase& before,
                                            const v1::RecordClinicalAssessmentRequest& request,
                                            const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::ClinicalAssessment assessment = request.assessment();
  fields.PastSince("assessment.assessed_time", BeginOf(before),
                   *assessment.mutable_assessed_time());
  fields.Choice("assessment.urgency", assessment.urgency(), v1::Urgency_IsValid);
  fields.Choice("assessment.symptoms", assessment.symptoms(), v1::Symptoms_IsValid);
  fields.MayChoose("assessment.impaired", assessment.impaired(), v1::Answer_IsValid);
  fields.MayChoose("assessment.severe_or_dissociative", assessment.severe_or_dissociative(),
                   v1::Answer_IsValid);
  fields.MayChoose("assessment.decided_step", assessment.decided_step(), v1::CareStep_IsValid);
  fields.Text("assessment.note", assessment.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());

  assessment.set_suggested_step(SuggestStep(NeedsOf(before, assessment.symptoms())));
  assessment.set_assessed_by(call.user_id);
  v1::MentalHealthCase after = before;
  *after.add_assessments() = std::move(assessment);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
