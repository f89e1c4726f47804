// What the rooms of the gateway see of HTTP: a whole request, and the place its answer goes to. The
// wire itself is in http_server; nothing here knows Beast.
#ifndef WAYMARK_SERVICES_GATEWAY_HTTP_H_
#define WAYMARK_SERVICES_GATEWAY_HTTP_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace waymark::gateway {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Read whole and found to be unambiguous (http_head.h).
struct HttpRequest {
  std::string method;  // "POST"
  std::string path;    // begins with '/'; never decoded
  std::string query;   // without '?'
  Headers headers;     // names in lower case; none twice but those that are lists
  std::string body;
  std::string address;  // of the other end of the connection
  std::string id;       // made here: the x-request-id of answer, log and back end

  // Empty when there is none.
  absl::string_view Header(absl::string_view lower_case_name) const;
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  // In place of `body`, for what many answers share.
  std::shared_ptr<const std::string> shared_body;
};

// One request's answer. Every function may be called from any thread and returns at once; after the
// client has gone they do nothing.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // The whole answer. Only the first of Respond and Begin counts.
  virtual void Respond(HttpResponse response) = 0;

  // An answer in pieces: `gone` is called once, when the client has gone, is too slow or the
  // exchange has been finished; nothing has to be written any more then.
  virtual void Begin(HttpResponse head, std::function<void()> gone) = 0;
  // `written` is called when the bytes were taken by the network, and never after `gone`.
  virtual void Write(std::string bytes, std::function<void()> written) = 0;
  // Ends a begun answer.
  virtual void Finish() = 0;
};

using Handler = std::function<void(HttpRequest, std::shared_ptr<Exchange>)>;

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_HTTP_H_
