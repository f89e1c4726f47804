// The Connect protocol, version 1 (connectrpc.com/docs/protocol), as texts and bytes: names of
// codes, errors as JSON, envelopes of a stream, time-outs, GET queries. Pure; no HTTP, no gRPC.
#ifndef WAYMARK_SERVICES_GATEWAY_CONNECT_H_
#define WAYMARK_SERVICES_GATEWAY_CONNECT_H_

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::gateway {

enum class Codec { kJson, kProto };

// What a content type says of a request; nothing for one that Connect does not know.
struct ContentType {
  Codec codec = Codec::kJson;
  bool stream = false;
};
std::optional<ContentType> ParseContentType(absl::string_view header);
absl::string_view ContentTypeName(const ContentType& type);

// "invalid_argument", and the HTTP status that a unary error carries.
absl::string_view CodeName(absl::StatusCode code);
int HttpStatus(absl::StatusCode code);

// {"code": ..., "message": ..., "details": [{"type", "value", "debug"}]}: the same details that
// gRPC carries. What a browser shows as text may hold no markup: '<', '>' and '&' are escaped.
std::string ErrorJson(const absl::Status& status);
// The last message of a stream: {} or {"error": ...}.
std::string EndOfStreamJson(const absl::Status& status);

// A message of a stream: flags, length in four bytes, bytes.
inline constexpr unsigned char kEndOfStream = 2;
std::string Envelope(unsigned char flags, absl::string_view bytes);
// The one message that a server-streaming request consists of. INVALID_ARGUMENT ENVELOPE_BROKEN for
// less, more or another flag; UNIMPLEMENTED COMPRESSION_UNSUPPORTED when it is compressed.
absl::StatusOr<std::string> OpenEnvelope(absl::string_view body);

// Connect-Timeout-Ms: up to ten digits. InfiniteDuration when the header is empty; nothing when it
// is no such number.
std::optional<absl::Duration> ParseTimeout(absl::string_view header);

// The request message that a GET's query holds (connect=v1&encoding=json&message=...&base64=1).
struct GetRequest {
  Codec codec = Codec::kJson;
  std::string message;
};
absl::StatusOr<GetRequest> ParseGet(absl::string_view query);

// A message as JSON read into the binary form, and back, by its descriptor (which must be of the
// generated pool). Unknown fields and unknown enum names are refused, never dropped: a dropped
// clinical answer would be worse than an error. INVALID_ARGUMENT JSON_INVALID names the field where
// it can, and never repeats what was sent.
absl::StatusOr<std::string> JsonToBinary(const google::protobuf::Descriptor& type,
                                         absl::string_view json);
// INTERNAL RESPONSE_UNREADABLE when `binary` is no such message.
absl::StatusOr<std::string> BinaryToJson(const google::protobuf::Descriptor& type,
                                         absl::string_view binary);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_CONNECT_H_
