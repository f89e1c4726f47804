// What recording, correcting and telling a result have in common.
#ifndef WAYMARK_SERVICES_BBV_RESULTS_H_
#define WAYMARK_SERVICES_BBV_RESULTS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/bbv/record.h"
#include "services/casework/call.h"
#include "services/casework/fields.h"
#include "waymark/bbv/v1/bbv_case.pb.h"

namespace waymark::bbv {

// Checks "result" and fills in its instant.
void CheckResult(casework::Fields& fields, const v1::BbvCase& before, v1::TestResult& result);

// The result as the case keeps it: what only the service may set is set anew.
v1::TestResult AsRecorded(v1::TestResult result, const casework::Call& call);

// The standing result with this id, inside `bbv_case`. NOT_FOUND RESULT_NOT_FOUND;
// FAILED_PRECONDITION RESULT_SUPERSEDED.
absl::StatusOr<v1::TestResult*> FindResult(v1::BbvCase& bbv_case, absl::string_view result_id);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RESULTS_H_
