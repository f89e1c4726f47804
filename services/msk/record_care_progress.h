#ifndef WAYMARK_SERVICES_MSK_RECORD_CARE_PROGRESS_H_
#define WAYMARK_SERVICES_MSK_RECORD_CARE_PROGRESS_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Without an id the only thing asked for is meant. INVALID_FIELDS, CARE_AMBIGUOUS; NOT_FOUND
// CARE_NOT_FOUND; FAILED_PRECONDITION CARE_ENDED for what was cancelled.
MskChange RecordCareProgress(const v1::MskCase& before,
                             const v1::RecordCareProgressRequest& request,
                             const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_CARE_PROGRESS_H_
