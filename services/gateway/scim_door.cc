#include "services/gateway/scim_door.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/gateway/connect.h"
#include "services/gateway/static_files.h"
#include "waymark/workforce/v1/hr_feed_service.pb.h"

namespace waymark::gateway {
namespace {

constexpr absl::string_view kRoot = "/scim/v2";
constexpr char kMedia[] = "application/scim+json";
constexpr char kError[] = "urn:ietf:params:scim:api:messages:2.0:Error";
constexpr char kRead[] = "/waymark.workforce.v1.HrFeedService/ReadScim";
constexpr char kChange[] = "/waymark.workforce.v1.HrFeedService/ChangeScim";
constexpr size_t kWorthCompressing = 1400;
constexpr int kQuick = 4;

bool IsMedia(absl::string_view header) {
  const absl::string_view type =
      absl::StripAsciiWhitespace(header.substr(0, std::min(header.find(';'), header.size())));
  return absl::EqualsIgnoreCase(type, kMedia) || absl::EqualsIgnoreCase(type, "application/json");
}

}  // namespace

struct ScimDoor::Call {
  HttpRequest request;
  std::shared_ptr<Exchange> exchange;
  // Below the root.
  std::string path;
  bool reads = false;
  absl::Time started;
  std::string token;
  std::string who;
};

ScimDoor::ScimDoor(ScimDoorOptions options, access::TokenVerifier& verifier, Forwarder& forwarder,
                   rpc::Workers& blocking, const clock::Clock& clock)
    : options_(std::move(options)),
      verifier_(verifier),
      forwarder_(forwarder),
      blocking_(blocking),
      clock_(clock) {}

bool ScimDoor::Serves(absl::string_view path) {
  return absl::ConsumePrefix(&path, kRoot) && (path.empty() || path.front() == '/');
}

void ScimDoor::Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->exchange = std::move(exchange);
  call->started = clock_.Now();
  const HttpRequest& asked = call->request;
  call->path = asked.path.substr(kRoot.size());
  const bool get = asked.method == "GET";
  call->reads = get || (asked.method == "POST" && absl::EndsWith(call->path, "/.search"));
  if (!get && asked.method != "POST" && asked.method != "PUT" && asked.method != "PATCH" &&
      asked.method != "DELETE") {
    return Refuse(*call, 405, "GET, POST, PUT, PATCH and DELETE are served.",
                  {{"allow", "GET, POST, PUT, PATCH, DELETE"}});
  }
  // Programs alone: a browser's cookie counts for nothing here, so no page can be made to call.
  absl::string_view authorization = asked.Header("authorization");
  if (!absl::ConsumePrefix(&authorization, "Bearer ")) {
    return Refuse(*call, status::Unauthenticated("TOKEN_MISSING", "Send a bearer token."));
  }
  call->token = std::string(authorization);
  const absl::string_view encoding = asked.Header("content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    return Refuse(*call, 415, "Send requests uncompressed.");
  }
  if (!asked.body.empty() && !IsMedia(asked.Header("content-type"))) {
    return Refuse(*call, 415, "The body is application/scim+json.",
                  {{"accept", absl::StrCat(kMedia, ", application/json")}});
  }
  // May fetch keys.
  if (!blocking_.TrySubmit([this, call] {
        const absl::StatusOr<access::Caller> caller = verifier_.Verify(call->token);
        if (!caller.ok()) return Refuse(*call, caller.status());
        call->who = absl::StrCat(caller->tenant, "/", caller->user_id);
        Forward(call);
      })) {
    Refuse(*call, 503, "The server is busy. Try again.", {{"retry-after", "1"}});
  }
}

void ScimDoor::Forward(const std::shared_ptr<Call>& call) {
  if (!Enter(*call)) {
    return Refuse(*call, 429, "You have too many requests under way. Try again shortly.",
                  {{"retry-after", "1"}});
  }
  HttpRequest& asked = call->request;
  const std::string base = absl::StrCat(options_.public_url, kRoot);
  BackendCall out = {.service = "workforce",
                     .path = call->reads ? kRead : kChange,
                     .token = call->token,
                     .request_id = asked.id,
                     .deadline = call->started + options_.longest_call};
  if (call->reads) {
    workforce::v1::ReadScimRequest request;
    request.set_http_method(asked.method);
    request.set_path(call->path);
    request.set_query(asked.query);
    request.set_if_none_match(std::string(asked.Header("if-none-match")));
    request.set_base_url(base);
    request.set_body(std::move(asked.body));
    out.request = request.SerializeAsString();
  } else {
    workforce::v1::ChangeScimRequest request;
    // A client that sends one may send the request again and gets the same answer.
    const absl::string_view own = asked.Header("x-request-id");
    request.set_request_id(ids::IsUuid(own) ? std::string(own) : asked.id);
    request.set_http_method(asked.method);
    request.set_path(call->path);
    request.set_if_match(std::string(asked.Header("if-match")));
    request.set_base_url(base);
    request.set_body(std::move(asked.body));
    out.request = request.SerializeAsString();
  }
  forwarder_.Unary(out, [this, call](const absl::StatusOr<std::string>& answer) {
    Leave(*call);
    Answer(*call, answer);
  });
}

void ScimDoor::Answer(const Call& call, const absl::StatusOr<std::string>& answer) {
  if (!answer.ok()) return Refuse(call, answer.status());
  workforce::v1::ScimAnswer scim;
  workforce::v1::ReadScimResponse read;
  workforce::v1::ChangeScimResponse changed;
  if (call.reads && read.ParseFromString(*answer)) scim = std::move(*read.mutable_answer());
  if (!call.reads && changed.ParseFromString(*answer)) scim = std::move(*changed.mutable_answer());
  if (scim.status() < 200 || scim.status() > 599) {
    return Refuse(call, 502, "The service's answer cannot be read.");
  }
  HttpResponse response = {.status = scim.status(), .headers = {{"cache-control", "no-store"}}};
  if (!scim.etag().empty()) response.headers.emplace_back("etag", scim.etag());
  if (!scim.location().empty()) response.headers.emplace_back("location", scim.location());
  if (!scim.body().empty()) {
    response.headers.emplace_back("content-type", kMedia);
    response.headers.emplace_back("vary", "accept-encoding");
    response.body = std::move(*scim.mutable_body());
    if (response.body.size() >= kWorthCompressing &&
        AcceptsGzip(call.request.Header("accept-encoding"))) {
      std::string small = Gzip(response.body, kQuick);
      if (!small.empty() && small.size() < response.body.size()) {
        response.body = std::move(small);
        response.headers.emplace_back("content-encoding", "gzip");
      }
    }
  }
  Report(call, response.status);
  call.exchange->Respond(std::move(response));
}

void ScimDoor::Refuse(const Call& call, int http_status, absl::string_view detail,
                      Headers headers) {
  Report(call, http_status);
  const nlohmann::json body = {{"schemas", {kError}},
                               {"status", absl::StrCat(http_status)},
                               {"detail", std::string(detail)}};
  headers.emplace_back("content-type", kMedia);
  headers.emplace_back("cache-control", "no-store");
  call.exchange->Respond(
      {.status = http_status, .headers = std::move(headers), .body = body.dump()});
}

void ScimDoor::Refuse(const Call& call, const absl::Status& status) {
  Headers headers;
  if (absl::IsUnauthenticated(status)) headers.emplace_back("www-authenticate", "Bearer");
  if (const auto delay = status::RetryAfter(status); delay.has_value()) {
    headers.emplace_back("retry-after",
                         absl::StrCat(std::max<int64_t>(1, absl::ToInt64Seconds(*delay))));
  }
  Refuse(call, HttpStatus(status.code()), status.message(), std::move(headers));
}

bool ScimDoor::Enter(const Call& call) {
  absl::MutexLock lock(&mutex_);
  int& count = calls_each_[call.who];
  if (count >= options_.most_calls_each) return false;
  ++count;
  return true;
}

void ScimDoor::Leave(const Call& call) {
  absl::MutexLock lock(&mutex_);
  const auto found = calls_each_.find(call.who);
  if (found != calls_each_.end() && --found->second == 0) calls_each_.erase(found);
}

// As the door for RPCs has it: neither path nor query, in which a name may stand.
void ScimDoor::Report(const Call& call, int http_status) const {
  metrics::Default()
      .GetHistogram("waymark_gateway_scim_seconds", "From a SCIM request to its answer.",
                    metrics::CallSeconds(), {{"status", absl::StrCat(http_status / 100, "xx")}})
      .Observe(absl::ToDoubleSeconds(clock_.Now() - call.started));
  log::Info("scim", {{"status", http_status},
                     {"request_id", call.request.id},
                     {"milliseconds", absl::ToInt64Milliseconds(clock_.Now() - call.started)}});
}

}  // namespace waymark::gateway
