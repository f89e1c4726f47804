#ifndef WAYMARK_SERVICES_BBV_RECORD_RESULT_TOLD_H_
#define WAYMARK_SERVICES_BBV_RECORD_RESULT_TOLD_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records that the patient was told. NOT_FOUND RESULT_NOT_FOUND; FAILED_PRECONDITION
// RESULT_SUPERSEDED: the correction is what they must be told.
BbvChange RecordResultTold(const v1::BbvCase& before, const v1::RecordResultToldRequest& request,
                           const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_RESULT_TOLD_H_
