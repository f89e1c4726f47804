#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_CLINICAL_ASSESSMENT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_CLINICAL_ASSESSMENT_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records an assessment; the first is the triage. What stepped care suggests stands beside it.
MentalHealthChange RecordClinicalAssessment(const v1::MentalHealthCase& before,
                                            const v1::RecordClinicalAssessmentRequest& request,
                                            const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_CLINICAL_ASSESSMENT_H_
