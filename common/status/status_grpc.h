// The one place where absl::Status and grpc::Status meet.
#ifndef WAYMARK_COMMON_STATUS_STATUS_GRPC_H_
#define WAYMARK_COMMON_STATUS_STATUS_GRPC_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace waymark::status {

// The same code and message, the payloads as google.rpc.Status details. The message is cut at
// 1,000 bytes and details that would burst the trailer are left out, ErrorInfo last.
grpc::Status ToGrpc(const absl::Status& status);

// The reverse, for a status that a stub returned: details become payloads, so Reason() and
// Violations() work on a remote error as on a local one. Details that do not parse are dropped.
absl::Status FromGrpc(const grpc::Status& status);

// Adds to `status` the payloads found in `details`, a serialised google.rpc.Status from outside.
// False, and `status` untouched, when it does not parse.
bool ExtractDetails(const std::string& details, absl::Status& status);

}  // namespace waymark::status

#endif  // WAYMARK_COMMON_STATUS_STATUS_GRPC_H_
