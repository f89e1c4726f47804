// What a request's head must look like before anything else reads it. Stricter than HTTP allows on
// purpose: two programs that read one request differently is how requests are smuggled, so whatever
// two programs could read differently is refused (RFC 9112 sections 2.2, 5.1, 6.3 and 11.2). Pure.
#ifndef WAYMARK_SERVICES_GATEWAY_HTTP_HEAD_H_
#define WAYMARK_SERVICES_GATEWAY_HTTP_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/gateway/http.h"

namespace waymark::gateway {

// Bytes up to and with the empty line, whichever line ending is used; 0 while it has not come.
size_t HeadSize(absl::string_view bytes);

struct HeadLimits {
  size_t most_bytes = size_t{16} * 1024;
  size_t most_fields = 64;
  size_t longest_target = size_t{8} * 1024;
  uint64_t most_body_bytes = uint64_t{1024} * 1024;
};

struct Head {
  std::string method;
  std::string path;
  std::string query;
  Headers headers;  // names in lower case
  uint64_t content_length = 0;
  bool keep_alive = true;

  // What is wrong, when `status` is not 0: the HTTP status to refuse with and a fixed sentence.
  int status = 0;
  absl::string_view reason;
};

// `head` is what HeadSize measured. Refused: a line that does not end in CRLF, a folded line, a
// space before a colon, bytes that are no text, any Transfer-Encoding (411: send a
// Content-Length), more than one Content-Length, Host or other single field, HTTP other than 1.1,
// a target that is not a plain absolute path.
Head ReadHead(absl::string_view head, const HeadLimits& limits = {});

// "a=b; c=d": the value of `name`; nothing when it is missing or there are several, because a
// second one may have been set by another host of the same domain.
std::optional<std::string> Cookie(absl::string_view header, absl::string_view name);

// The fields of a query or form, decoded. Nothing when a %-escape is broken, a name comes twice or
// the text holds a control character.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(absl::string_view query);
// Percent-encodes everything but unreserved characters (RFC 3986 section 2.3).
std::string UrlEncode(absl::string_view text);

// True for a place of this console that a sign-in may return to: an absolute path of this origin,
// never "//host", a backslash or a control character.
bool IsLocalPath(absl::string_view path);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_HTTP_HEAD_H_
