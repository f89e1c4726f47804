#ifndef WAYMARK_SERVICES_DENTAL_RECORD_REVIEW_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_REVIEW_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records a visit. A finding changes what the tooth is asked for from then on; it never moves a
// visit.
DentalChange RecordReview(const v1::DentalCase& before, const v1::RecordReviewRequest& request,
                          const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_REVIEW_H_
