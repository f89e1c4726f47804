// What can be said about a request without knowing what it means.
#ifndef WAYMARK_COMMON_RPC_VALIDATE_H_
#define WAYMARK_COMMON_RPC_VALIDATE_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace waymark::rpc {

// INVALID_ARGUMENT INVALID_FIELDS naming every field, however deep, whose enum number this build
// does not know, or that holds _UNSPECIFIED where a value was sent on purpose (a list element, a
// field that can tell unset from zero), and every Timestamp outside the years 1 to 9999. Bytes that
// were no message (see MalformedMarker) are refused here too. Costs a few microseconds for a
// request of fifty fields.
absl::Status CheckRequest(const google::protobuf::Message& request);

// gRPC 1.51 answers bytes that do not parse with UNIMPLEMENTED and no text, before any of our code
// has run. The server therefore hands the corridor this instead: an empty message of the same type
// that carries, as an unknown field, where the fault is. `bytes` is what arrived.
std::string MalformedMarker(const google::protobuf::Descriptor& type, absl::string_view bytes);

// The same for a request that is larger than its method takes, and so was not even read:
// INVALID_ARGUMENT REQUEST_TOO_LARGE.
std::string TooLargeMarker();

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_VALIDATE_H_
