#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_SCORE_TREND_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_SCORE_TREND_H_

#include <vector>

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// The measurements over all cases of an officer, a line for each instrument, oldest first; and
// whether the latest valid total differs reliably from the earliest, by the reliable change that
// the latest was judged by.
void FillScoreTrend(const std::vector<v1::MentalHealthCase>& cases,
                    const v1::GetScoreTrendRequest& request, v1::GetScoreTrendResponse& response);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_SCORE_TREND_H_
