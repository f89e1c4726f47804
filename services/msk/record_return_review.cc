#include "services/msk/record_return_review.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::msk {

MskChange RecordReturnReview(const v1::MskCase& before,
                             const v1::RecordReturnReviewRequest& request,
                             const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  v1::ReturnReview review = request.review();
  fields.PastSince("review.held_time", CourseStart(before), *review.mutable_held_time());
  fields.Choice("review.work_ability", review.work_ability(), v1::WorkAbility_IsValid);
  fields.Text("review.note", review.note(), casework::kLongestText);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  *after.add_return_reviews() = std::move(review);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
