#ifndef WAYMARK_SERVICES_MSK_RECORD_SCORE_H_
#define WAYMARK_SERVICES_MSK_RECORD_SCORE_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// The answers as they were given; total and band are worked out here. INVALID_FIELDS,
// CARE_ALREADY_ENDED.
MskChange RecordScore(const v1::MskCase& before, const v1::RecordScoreRequest& request,
                      const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_SCORE_H_
