#include "services/bbv/correct_test_result.h"

#include <utility>

#include "common/status/status.h"
#include "services/bbv/results.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange CorrectTestResult(const v1::BbvCase& before, const v1::CorrectTestResultRequest& request,
                            const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::TestResult result = request.result();
  CheckResult(fields, before, result);
  fields.RequiredText("reason", request.reason(), casework::kLongestReason);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  ASSIGN_OR_RETURN(v1::TestResult* const wrong, FindResult(after, request.result_id()));
  v1::TestResult correct = AsRecorded(std::move(result), call);
  wrong->set_superseded_by(correct.result_id());
  *after.add_results() = std::move(correct);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
