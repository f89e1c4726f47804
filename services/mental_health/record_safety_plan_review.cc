#include "services/mental_health/record_safety_plan_review.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange RecordSafetyPlanReview(const v1::MentalHealthCase& before,
                                          const v1::RecordSafetyPlanReviewRequest& request,
                                          const casework::Call& call) {
  v1::MentalHealthCase after = before;
  v1::SafetyPlan* plan = PlanInForce(after);
  if (plan == nullptr) {
    return status::FailedPrecondition("NO_SAFETY_PLAN", "There is no safety plan to review yet.");
  }
  casework::Fields fields(call.now);
  casework::v1::LocalTime reviewed = request.reviewed_time();
  fields.PastSince("reviewed_time", casework::InstantOf(plan->agreed_time()), reviewed);
  RETURN_IF_ERROR(fields.ToStatus());

  *plan->add_reviewed_times() = std::move(reviewed);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
