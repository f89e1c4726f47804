// A signed call to somebody else's HTTP endpoint: what it may be addressed to, how it is signed,
// and how it is sent.
//
// A receiver recomputes HMAC-SHA-256 of "<Waymark-Timestamp>.<body>" under the shared secret,
// compares it with each "v1=..." of Waymark-Signature in constant time, and refuses timestamps more
// than five minutes off.
#ifndef WAYMARK_COMMON_WEBHOOK_WEBHOOK_H_
#define WAYMARK_COMMON_WEBHOOK_WEBHOOK_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::webhook {

enum class Transport {
  // For production: https and nothing else.
  kTlsOnly,
  // For development besides: http to 127.0.0.1.
  kTlsOrLoopback,
};

// True for a URL that may be called: printable ASCII, at most 500 characters, without a user name,
// over `transport`. Pure.
bool IsUrl(absl::string_view url, Transport transport);

// True for what may sign: 32 to 200 bytes. Pure.
bool IsSecret(absl::string_view secret);

// "v1=" and HMAC-SHA-256 in hexadecimal of "<timestamp>.<body>"; `timestamp` in seconds since 1970.
// Pure.
std::string Signature(absl::string_view secret, int64_t timestamp, absl::string_view body);

struct Post {
  std::string url;
  // The first is the one in use; the others are accepted still while a receiver changes over.
  std::vector<std::string> secrets;
  // Sent as Content-Type: application/json.
  std::string body;
  // Besides those of the signature.
  std::vector<std::pair<std::string, std::string>> headers;
  Transport transport = Transport::kTlsOnly;
  // Connecting included.
  absl::Duration timeout = absl::Seconds(15);
};

// OK once the receiver has answered 2xx. `real_now` dates and signs it. Redirects are not followed:
// they would lead to an address that nobody entered. FAILED_PRECONDITION WEBHOOK_NOT_TLS for a URL
// that IsUrl refuses, without a connection; UNAVAILABLE WEBHOOK_NOT_TAKEN otherwise, with a message
// that holds no address and the answer in the metadata "answer" (an HTTP status). Thread-safe.
absl::Status Send(const Post& post, absl::Time real_now);

}  // namespace waymark::webhook

#endif  // WAYMARK_COMMON_WEBHOOK_WEBHOOK_H_
