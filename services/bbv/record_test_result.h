#ifndef WAYMARK_SERVICES_BBV_RECORD_TEST_RESULT_H_
#define WAYMARK_SERVICES_BBV_RECORD_TEST_RESULT_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records a laboratory result. The step it belongs to follows from when the blood was taken; a
// positive one brings confirmation, comparison with the stored baseline, referral, and RIDDOR.
BbvChange RecordTestResult(const v1::BbvCase& before, const v1::RecordTestResultRequest& request,
                           const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_TEST_RESULT_H_
