// Bytes that arrive as a request, before any room sees them: the generic validation of a message,
// and what is told to a caller whose bytes are none.
#include <google/protobuf/stubs/logging.h>

#include <string>

#include "common/rpc/validate.h"
#include "common/status/status.h"
#include "tests/fuzz/fuzz_target.h"
#include "waymark/audit/v1/audit_service.pb.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::rpc {
namespace {

template <typename Request>
void Check(const uint8_t* data, size_t size) {
  Request request;
  if (request.ParseFromArray(data, static_cast<int>(size))) {
    const absl::Status status = CheckRequest(request);
    FUZZ_REQUIRE(status.ok() || status.code() == absl::StatusCode::kInvalidArgument);
    // Details travel in a header of at most 8 KiB.
    FUZZ_REQUIRE(status.ToString().size() < 7000);
    return;
  }
  Request marked;
  FUZZ_REQUIRE(
      marked.ParseFromString(MalformedMarker(*Request::descriptor(), fuzz::Text(data, size))));
  FUZZ_REQUIRE(!CheckRequest(marked).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // protobuf would print a line about every text that is not UTF-8.
  [[maybe_unused]] static auto* const silenced = google::protobuf::SetLogHandler(nullptr);
  Check<bbv::v1::LogExposureRequest>(data, size);
  Check<audit::v1::AppendEntriesRequest>(data, size);
  return 0;
}

}  // namespace waymark::rpc
