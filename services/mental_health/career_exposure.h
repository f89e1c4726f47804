#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_CAREER_EXPOSURE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_CAREER_EXPOSURE_H_

#include <vector>

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Counts the traumatic events over all cases of an officer: each once, however many cases name it.
void FillCareerExposure(const std::vector<v1::MentalHealthCase>& cases,
                        const v1::GetCareerExposureRequest& request,
                        v1::GetCareerExposureResponse& response);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_CAREER_EXPOSURE_H_
