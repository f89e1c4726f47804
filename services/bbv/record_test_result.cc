#include "services/bbv/record_test_result.h"

#include <utility>

#include "common/status/status.h"
#include "services/bbv/results.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange RecordTestResult(const v1::BbvCase& before, const v1::RecordTestResultRequest& request,
                           const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::TestResult result = request.result();
  CheckResult(fields, before, result);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  *after.add_results() = AsRecorded(std::move(result), call);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
