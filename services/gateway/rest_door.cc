#include "services/gateway/rest_door.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/gateway/connect.h"
#include "services/gateway/static_files.h"

namespace waymark::gateway {
namespace {

// "application/scim+json" of "application/scim+json; charset=utf-8", in lower case.
std::string MediaType(absl::string_view header) {
  return absl::AsciiStrToLower(
      absl::StripAsciiWhitespace(header.substr(0, std::min(header.find(';'), header.size()))));
}

}  // namespace

struct RestDoor::Call {
  HttpRequest request;
  std::shared_ptr<Exchange> exchange;
  // Below the root.
  std::string path;
  bool reads = false;
  absl::Time started;
  std::string token;
  std::string who;
};

RestDoor::RestDoor(RestStandard standard, std::string public_url, access::TokenVerifier& verifier,
                   Forwarder& forwarder, rpc::Workers& blocking, const clock::Clock& clock)
    : standard_(std::move(standard)),
      public_url_(std::move(public_url)),
      verifier_(verifier),
      forwarder_(forwarder),
      blocking_(blocking),
      clock_(clock) {}

bool RestDoor::Serves(absl::string_view path) const {
  return absl::ConsumePrefix(&path, standard_.root) && (path.empty() || path.front() == '/');
}

void RestDoor::Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->exchange = std::move(exchange);
  call->started = clock_.Now();
  const HttpRequest& asked = call->request;
  call->path = asked.path.substr(standard_.root.size());
  const bool search = asked.method == "POST" && standard_.is_search(call->path);
  call->reads = search || asked.method == "GET";
  if (!absl::c_linear_search(standard_.methods, asked.method)) {
    const std::string served = absl::StrJoin(standard_.methods, ", ");
    return Refuse(*call, 405, absl::StrCat("Served are ", served, "."), {{"allow", served}});
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
  if (!asked.body.empty() && !standard_.takes(MediaType(asked.Header("content-type")), search)) {
    return Refuse(*call, 415, absl::StrCat("A body is ", standard_.media, "."),
                  {{"accept", standard_.media}});
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

void RestDoor::Forward(const std::shared_ptr<Call>& call) {
  if (!Enter(*call)) {
    return Refuse(*call, 429, "You have too many requests under way. Try again shortly.",
                  {{"retry-after", "1"}});
  }
  const RestCall asked = {.http = call->request,
                          .path = call->path,
                          .base_url = absl::StrCat(public_url_, standard_.root)};
  const BackendCall out = {
      .service = standard_.service,
      .path = call->reads ? standard_.read_method : standard_.change_method,
      .token = call->token,
      .request_id = call->request.id,
      .request = call->reads ? standard_.read_request(asked) : standard_.change_request(asked),
      .deadline = call->started + standard_.longest_call};
  forwarder_.Unary(out, [this, call](const absl::StatusOr<std::string>& answer) {
    Leave(*call);
    Answer(*call, answer);
  });
}

void RestDoor::Answer(const Call& call, const absl::StatusOr<std::string>& answer) {
  if (!answer.ok()) return Refuse(call, answer.status());
  std::optional<HttpResponse> response =
      call.reads ? standard_.read_answer(*answer) : standard_.change_answer(*answer);
  if (!response || response->status < 200 || response->status > 599) {
    return Refuse(call, 502, "The service's answer cannot be read.");
  }
  response->headers.emplace_back("cache-control", "no-store");
  if (!response->body.empty()) {
    response->headers.emplace_back("vary", "accept-encoding");
    CompressFor(call.request, *response);
  }
  Report(call, response->status);
  call.exchange->Respond(*std::move(response));
}

void RestDoor::Refuse(const Call& call, int http_status, absl::string_view detail,
                      Headers headers) {
  Report(call, http_status);
  headers.emplace_back("content-type", standard_.media);
  headers.emplace_back("cache-control", "no-store");
  call.exchange->Respond({.status = http_status,
                          .headers = std::move(headers),
                          .body = standard_.refusal(http_status, detail)});
}

void RestDoor::Refuse(const Call& call, const absl::Status& status) {
  Headers headers;
  if (absl::IsUnauthenticated(status)) headers.emplace_back("www-authenticate", "Bearer");
  if (const auto delay = status::RetryAfter(status); delay.has_value()) {
    headers.emplace_back("retry-after",
                         absl::StrCat(std::max<int64_t>(1, absl::ToInt64Seconds(*delay))));
  }
  Refuse(call, HttpStatus(status.code()), status.message(), std::move(headers));
}

bool RestDoor::Enter(const Call& call) {
  absl::MutexLock lock(&mutex_);
  int& count = calls_each_[call.who];
  if (count >= standard_.most_calls_each) return false;
  ++count;
  return true;
}

void RestDoor::Leave(const Call& call) {
  absl::MutexLock lock(&mutex_);
  const auto found = calls_each_.find(call.who);
  if (found != calls_each_.end() && --found->second == 0) calls_each_.erase(found);
}

// As the door for RPCs has it: neither path nor query, in which a name may stand.
void RestDoor::Report(const Call& call, int http_status) const {
  metrics::Default()
      .GetHistogram(absl::StrCat("waymark_gateway_", standard_.name, "_seconds"),
                    "From a request to its answer.", metrics::CallSeconds(),
                    {{"status", absl::StrCat(http_status / 100, "xx")}})
      .Observe(absl::ToDoubleSeconds(clock_.Now() - call.started));
  log::Info("rest", {{"standard", standard_.name},
                     {"status", http_status},
                     {"request_id", call.request.id},
                     {"milliseconds", absl::ToInt64Milliseconds(clock_.Now() - call.started)}});
}

}  // namespace waymark::gateway
