// How much help the measurements suggest: the least intensive that may be enough. NICE, stepped
// care for depression and anxiety; NG116 for post-traumatic stress. A suggestion beside what a
// clinician decides.

#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_STEPPED_CARE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_STEPPED_CARE_H_

#include "waymark/mental_health/v1/mental_health_case.pb.h"

namespace waymark::mental_health {

// The latest valid measurements; unspecified when there is none.
struct CareNeeds {
  v1::Severity depression = v1::SEVERITY_UNSPECIFIED;
  v1::Severity anxiety = v1::SEVERITY_UNSPECIFIED;
  v1::Screen post_traumatic = v1::SCREEN_UNSPECIFIED;
  v1::TraumaPattern pattern = v1::TRAUMA_PATTERN_UNSPECIFIED;
  v1::Symptoms symptoms = v1::SYMPTOMS_UNSPECIFIED;
};

v1::CareStep SuggestStep(const CareNeeds& needs);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_STEPPED_CARE_H_
