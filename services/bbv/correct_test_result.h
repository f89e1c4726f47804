#ifndef WAYMARK_SERVICES_BBV_CORRECT_TEST_RESULT_H_
#define WAYMARK_SERVICES_BBV_CORRECT_TEST_RESULT_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Replaces a wrong result: it stays, superseded, and the patient is to be told again. NOT_FOUND
// RESULT_NOT_FOUND; FAILED_PRECONDITION RESULT_SUPERSEDED for one that was corrected before.
BbvChange CorrectTestResult(const v1::BbvCase& before, const v1::CorrectTestResultRequest& request,
                            const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_CORRECT_TEST_RESULT_H_
