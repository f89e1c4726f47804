#include "services/bbv/record_source_result.h"

#include <utility>

#include "common/status/status.h"
#include "services/bbv/exposure_check.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange RecordSourceResult(const v1::BbvCase& before,
                             const v1::RecordSourceResultRequest& request,
                             const casework::Call& call) {
  casework::Fields fields(call.now);
  CheckSource("source", fields, request.source());
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  *after.mutable_source() = request.source();
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
