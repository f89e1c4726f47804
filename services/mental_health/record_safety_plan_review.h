#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SAFETY_PLAN_REVIEW_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SAFETY_PLAN_REVIEW_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records that the plan in force was reviewed with the officer. NO_SAFETY_PLAN.
MentalHealthChange RecordSafetyPlanReview(const v1::MentalHealthCase& before,
                                          const v1::RecordSafetyPlanReviewRequest& request,
                                          const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_SAFETY_PLAN_REVIEW_H_
