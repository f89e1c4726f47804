// What another system speaks over HTTP (SCIM, FHIR): carries its requests to the service that knows
// what they mean, and answers back. Here are bytes, headers, limits, and the caller's token; the
// standards are values of their own: scim.h, fhir.h.
#ifndef WAYMARK_SERVICES_GATEWAY_REST_DOOR_H_
#define WAYMARK_SERVICES_GATEWAY_REST_DOOR_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/access/token.h"
#include "common/clock/clock.h"
#include "common/rpc/workers.h"
#include "services/gateway/forward.h"
#include "services/gateway/http.h"

namespace waymark::gateway {

// A request that was let through.
struct RestCall {
  const HttpRequest& http;
  // Below the standard's root.
  std::string path;
  // "https://waymark.example/scim/v2".
  std::string base_url;
};

struct RestStandard {
  // Of its metric and its log lines: "scim".
  std::string name;
  // "/scim/v2".
  std::string root;
  // What the gateway's own refusals are written in.
  std::string media;
  std::vector<std::string> methods;
  // The service behind, and its methods for what changes nothing and for what does:
  // "/waymark.workforce.v1.HrFeedService/ReadScim".
  std::string service;
  std::string read_method;
  std::string change_method;
  absl::Duration longest_call;
  // Of one client at once.
  int most_calls_each = 0;
  // Is a POST at this path a question whose words are in its body?
  bool (*is_search)(absl::string_view path) = nullptr;
  // May a body of this media type be sent?
  bool (*takes)(absl::string_view media_type, bool search) = nullptr;
  // The messages of the two methods, serialised.
  std::string (*read_request)(const RestCall& call) = nullptr;
  std::string (*change_request)(const RestCall& call) = nullptr;
  // Out of their answers; nothing: it cannot be read.
  std::optional<HttpResponse> (*read_answer)(const std::string& bytes) = nullptr;
  std::optional<HttpResponse> (*change_answer)(const std::string& bytes) = nullptr;
  // The body of a refusal of the gateway's own.
  std::string (*refusal)(int http_status, absl::string_view detail) = nullptr;
};

class RestDoor {
 public:
  // `public_url`: "https://waymark.example".
  RestDoor(RestStandard standard, std::string public_url, access::TokenVerifier& verifier,
           Forwarder& forwarder, rpc::Workers& blocking, const clock::Clock& clock);

  // Called on a network thread; never blocks.
  bool Serves(absl::string_view path) const;
  void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange);

 private:
  struct Call;

  void Forward(const std::shared_ptr<Call>& call);
  void Answer(const Call& call, const absl::StatusOr<std::string>& answer);
  void Refuse(const Call& call, int http_status, absl::string_view detail, Headers headers = {});
  void Refuse(const Call& call, const absl::Status& status);
  bool Enter(const Call& call);
  void Leave(const Call& call);
  void Report(const Call& call, int http_status) const;

  const RestStandard standard_;
  const std::string public_url_;
  access::TokenVerifier& verifier_;
  Forwarder& forwarder_;
  rpc::Workers& blocking_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  std::map<std::string, int> calls_each_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_REST_DOOR_H_
