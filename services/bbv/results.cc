#include "services/bbv/results.h"

#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::bbv {
namespace {

constexpr double kHighestValue = 1000000;

}  // namespace

void CheckResult(casework::Fields& fields, const v1::BbvCase& before, v1::TestResult& result) {
  fields.PastSince("result.sampled_time", IncidentOf(before), *result.mutable_sampled_time());
  fields.Choice("result.test", result.test(), v1::TestCode_IsValid);
  fields.Choice("result.outcome", result.outcome(), v1::TestOutcome_IsValid);
  if (result.has_value()) fields.Range("result.value", result.value(), 0, kHighestValue);
  fields.Text("result.laboratory_reference", result.laboratory_reference(), casework::kLongestName);
}

v1::TestResult AsRecorded(v1::TestResult result, const casework::Call& call) {
  result.set_result_id(call.NewId("result"));
  *result.mutable_recorded_time() = casework::ToTimestamp(call.now);
  result.clear_superseded_by();
  result.clear_told_time();
  result.clear_told_by();
  return result;
}

absl::StatusOr<v1::TestResult*> FindResult(v1::BbvCase& bbv_case, absl::string_view result_id) {
  for (v1::TestResult& result : *bbv_case.mutable_results()) {
    if (result.result_id() != result_id) continue;
    if (!Stands(result)) {
      return status::FailedPrecondition("RESULT_SUPERSEDED",
                                        "The result was corrected. Use the one that replaced it.");
    }
    return &result;
  }
  return status::NotFound("RESULT_NOT_FOUND", "The case has no result with this id.");
}

}  // namespace waymark::bbv
