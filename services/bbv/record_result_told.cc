#include "services/bbv/record_result_told.h"

#include <string>
#include <utility>

#include "common/status/status.h"
#include "services/bbv/results.h"
#include "services/casework/fields.h"

namespace waymark::bbv {
namespace {

constexpr int kMostResults = 100;

}  // namespace

BbvChange RecordResultTold(const v1::BbvCase& before, const v1::RecordResultToldRequest& request,
                           const casework::Call& call) {
  casework::Fields fields(call.now);
  casework::v1::LocalTime told = request.told_time();
  fields.PastSince("told_time", IncidentOf(before), told);
  fields.Range("result_ids", request.result_ids_size(), 1, kMostResults);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  for (const std::string& id : request.result_ids()) {
    ASSIGN_OR_RETURN(v1::TestResult* const result, FindResult(after, id));
    *result->mutable_told_time() = told;
    result->set_told_by(call.user_id);
  }
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
