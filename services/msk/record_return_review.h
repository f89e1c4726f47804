#ifndef WAYMARK_SERVICES_MSK_RECORD_RETURN_REVIEW_H_
#define WAYMARK_SERVICES_MSK_RECORD_RETURN_REVIEW_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// INVALID_FIELDS, CARE_ALREADY_ENDED.
MskChange RecordReturnReview(const v1::MskCase& before,
                             const v1::RecordReturnReviewRequest& request,
                             const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_RETURN_REVIEW_H_
