#include "services/mental_health/stepped_care.h"

namespace waymark::mental_health {

v1::CareStep SuggestStep(const CareNeeds& needs) {
  if (needs.pattern == v1::TRAUMA_PATTERN_COMPLEX_PTSD) return v1::CARE_STEP_4;
  if (needs.pattern == v1::TRAUMA_PATTERN_PTSD || needs.post_traumatic == v1::SCREEN_POSITIVE ||
      needs.symptoms == v1::SYMPTOMS_CLINICALLY_IMPORTANT ||
      needs.depression >= v1::SEVERITY_MODERATELY_SEVERE || needs.anxiety == v1::SEVERITY_SEVERE) {
    return v1::CARE_STEP_3;
  }
  if (needs.depression >= v1::SEVERITY_MILD || needs.anxiety >= v1::SEVERITY_MILD) {
    return v1::CARE_STEP_2;
  }
  return v1::CARE_STEP_1;
}

}  // namespace waymark::mental_health
