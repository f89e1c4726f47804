#include "services/msk/record_physician_review.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::msk {

MskChange RecordPhysicianReview(const v1::MskCase& before,
                                const v1::RecordPhysicianReviewRequest& request,
                                const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  v1::PhysicianReview review = request.review();
  fields.PastSince("review.reviewed_time", CourseStart(before), *review.mutable_reviewed_time());
  fields.RequiredText("review.plan", review.plan(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  *after.add_physician_reviews() = std::move(review);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
