#ifndef WAYMARK_SERVICES_BBV_RECORD_SAMPLE_H_
#define WAYMARK_SERVICES_BBV_RECORD_SAMPLE_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records that blood was taken for a test step, so that a result that does not come is missed.
// NOT_FOUND STEP_NOT_FOUND; FAILED_PRECONDITION STEP_ALREADY_ENDED.
BbvChange RecordSample(const v1::BbvCase& before, const v1::RecordSampleRequest& request,
                       const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_SAMPLE_H_
