#include "services/gateway/fhir_door.h"

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
#include "waymark/referral/v1/partner_service.pb.h"

namespace waymark::gateway {
namespace {

constexpr absl::string_view kRoot = "/fhir/R4";
constexpr char kMedia[] = "application/fhir+json";
constexpr char kForm[] = "application/x-www-form-urlencoded";
constexpr char kRead[] = "/waymark.referral.v1.PartnerService/ReadFhir";
constexpr char kChange[] = "/waymark.referral.v1.PartnerService/ChangeFhir";
constexpr size_t kWorthCompressing = 1400;
constexpr int kQuick = 4;

// What a request says besides its body. Nothing else goes on.
constexpr const char* kCarried[] = {"accept",
                                    "if-match",
                                    "if-none-match",
                                    "nhsd-end-user-organisation",
                                    "prefer",
                                    "use-context",
                                    "nhsd-requesting-software",
                                    "nhsd-requesting-practitioner",
                                    "x-request-id",
                                    "x-correlation-id",
                                    "nhsd-target-identifier"};

bool IsMedia(absl::string_view header, bool search) {
  const absl::string_view type =
      absl::StripAsciiWhitespace(header.substr(0, std::min(header.find(';'), header.size())));
  if (search) return absl::EqualsIgnoreCase(type, kForm);
  return absl::EqualsIgnoreCase(type, kMedia) || absl::EqualsIgnoreCase(type, "application/json");
}

// issue-type for an HTTP status of the gateway's own.
const char* IssueOf(int http_status) {
  switch (http_status) {
    case 401:
      return "login";
    case 403:
      return "forbidden";
    case 404:
      return "not-found";
    case 405:
      return "not-supported";
    case 408:
    case 504:
      return "timeout";
    case 429:
      return "throttled";
    case 503:
      return "transient";
    default:
      return http_status >= 500 ? "exception" : "invalid";
  }
}

template <class Request>
void Carry(const HttpRequest& asked, Request& request) {
  for (const char* name : kCarried) {
    const absl::string_view value = asked.Header(name);
    if (value.empty()) continue;
    referral::v1::FhirHeader& header = *request.add_headers();
    header.set_name(name);
    header.set_value(std::string(value));
  }
}

}  // namespace

struct FhirDoor::Call {
  HttpRequest request;
  std::shared_ptr<Exchange> exchange;
  // Below the root.
  std::string path;
  bool reads = false;
  absl::Time started;
  std::string token;
  std::string who;
};

FhirDoor::FhirDoor(FhirDoorOptions options, access::TokenVerifier& verifier, Forwarder& forwarder,
                   rpc::Workers& blocking, const clock::Clock& clock)
    : options_(std::move(options)),
      verifier_(verifier),
      forwarder_(forwarder),
      blocking_(blocking),
      clock_(clock) {}

bool FhirDoor::Serves(absl::string_view path) {
  return absl::ConsumePrefix(&path, kRoot) && (path.empty() || path.front() == '/');
}

void FhirDoor::Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->exchange = std::move(exchange);
  call->started = clock_.Now();
  const HttpRequest& asked = call->request;
  call->path = asked.path.substr(kRoot.size());
  const bool get = asked.method == "GET";
  const bool search = asked.method == "POST" && absl::EndsWith(call->path, "/_search");
  call->reads = get || search;
  if (!get && asked.method != "POST" && asked.method != "PUT") {
    return Refuse(*call, 405, "not-supported", "GET, POST and PUT are served.",
                  {{"allow", "GET, POST, PUT"}});
  }
  // Programs alone: a browser's cookie counts for nothing here, so no page can be made to call.
  absl::string_view authorization = asked.Header("authorization");
  if (!absl::ConsumePrefix(&authorization, "Bearer ")) {
    return Refuse(*call, status::Unauthenticated("TOKEN_MISSING", "Send a bearer token."));
  }
  call->token = std::string(authorization);
  const absl::string_view encoding = asked.Header("content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    return Refuse(*call, 415, "not-supported", "Send requests uncompressed.");
  }
  if (!asked.body.empty() && !IsMedia(asked.Header("content-type"), search)) {
    return Refuse(*call, 415, "not-supported",
                  absl::StrCat("The body is ", search ? kForm : kMedia, "."));
  }
  // May fetch keys.
  if (!blocking_.TrySubmit([this, call] {
        const absl::StatusOr<access::Caller> caller = verifier_.Verify(call->token);
        if (!caller.ok()) return Refuse(*call, caller.status());
        call->who = absl::StrCat(caller->tenant, "/", caller->user_id);
        Forward(call);
      })) {
    Refuse(*call, 503, "transient", "The server is busy. Try again.", {{"retry-after", "1"}});
  }
}

void FhirDoor::Forward(const std::shared_ptr<Call>& call) {
  if (!Enter(*call)) {
    return Refuse(*call, 429, "throttled",
                  "You have too many requests under way. Try again shortly.",
                  {{"retry-after", "1"}});
  }
  HttpRequest& asked = call->request;
  const std::string base = absl::StrCat(options_.public_url, kRoot);
  BackendCall out = {.service = "referral",
                     .path = call->reads ? kRead : kChange,
                     .token = call->token,
                     .request_id = asked.id,
                     .deadline = call->started + options_.longest_call};
  if (call->reads) {
    referral::v1::ReadFhirRequest request;
    request.set_http_method(asked.method);
    request.set_path(call->path);
    request.set_query(asked.query);
    Carry(asked, request);
    request.set_base_url(base);
    request.set_body(std::move(asked.body));
    out.request = request.SerializeAsString();
  } else {
    referral::v1::ChangeFhirRequest request;
    // A client that sends one may send the request again and gets the same answer.
    request.set_request_id(ids::NormaliseUuid(asked.Header("x-request-id")).value_or(asked.id));
    request.set_http_method(asked.method);
    request.set_path(call->path);
    Carry(asked, request);
    request.set_base_url(base);
    request.set_body(std::move(asked.body));
    out.request = request.SerializeAsString();
  }
  forwarder_.Unary(out, [this, call](const absl::StatusOr<std::string>& answer) {
    Leave(*call);
    Answer(*call, answer);
  });
}

void FhirDoor::Answer(const Call& call, const absl::StatusOr<std::string>& answer) {
  if (!answer.ok()) return Refuse(call, answer.status());
  referral::v1::FhirAnswer fhir;
  referral::v1::ReadFhirResponse read;
  referral::v1::ChangeFhirResponse changed;
  if (call.reads && read.ParseFromString(*answer)) fhir = std::move(*read.mutable_answer());
  if (!call.reads && changed.ParseFromString(*answer)) fhir = std::move(*changed.mutable_answer());
  if (fhir.status() < 200 || fhir.status() > 599) {
    return Refuse(call, 502, "exception", "The service's answer cannot be read.");
  }
  HttpResponse response = {.status = fhir.status(), .headers = {{"cache-control", "no-store"}}};
  for (const referral::v1::FhirHeader& header : fhir.headers()) {
    response.headers.emplace_back(header.name(), header.value());
  }
  if (!fhir.body().empty()) {
    response.headers.emplace_back("vary", "accept-encoding");
    response.body = std::move(*fhir.mutable_body());
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

void FhirDoor::Refuse(const Call& call, int http_status, absl::string_view issue_type,
                      absl::string_view diagnostics, Headers headers) {
  Report(call, http_status);
  const nlohmann::json issue = {{"severity", "error"},
                                {"code", std::string(issue_type)},
                                {"diagnostics", std::string(diagnostics)}};
  const nlohmann::json body = {{"resourceType", "OperationOutcome"},
                               {"issue", nlohmann::json::array({issue})}};
  headers.emplace_back("content-type", kMedia);
  headers.emplace_back("cache-control", "no-store");
  call.exchange->Respond(
      {.status = http_status, .headers = std::move(headers), .body = body.dump()});
}

void FhirDoor::Refuse(const Call& call, const absl::Status& status) {
  Headers headers;
  if (absl::IsUnauthenticated(status)) headers.emplace_back("www-authenticate", "Bearer");
  if (const auto delay = status::RetryAfter(status); delay.has_value()) {
    headers.emplace_back("retry-after",
                         absl::StrCat(std::max<int64_t>(1, absl::ToInt64Seconds(*delay))));
  }
  const int http_status = HttpStatus(status.code());
  Refuse(call, http_status, IssueOf(http_status), status.message(), std::move(headers));
}

bool FhirDoor::Enter(const Call& call) {
  absl::MutexLock lock(&mutex_);
  int& count = calls_each_[call.who];
  if (count >= options_.most_calls_each) return false;
  ++count;
  return true;
}

void FhirDoor::Leave(const Call& call) {
  absl::MutexLock lock(&mutex_);
  const auto found = calls_each_.find(call.who);
  if (found != calls_each_.end() && --found->second == 0) calls_each_.erase(found);
}

// Neither path nor query, in which an identifier may stand.
void FhirDoor::Report(const Call& call, int http_status) const {
  metrics::Default()
      .GetHistogram("waymark_gateway_fhir_seconds", "From a FHIR request to its answer.",
                    metrics::CallSeconds(), {{"status", absl::StrCat(http_status / 100, "xx")}})
      .Observe(absl::ToDoubleSeconds(clock_.Now() - call.started));
  log::Info("fhir", {{"status", http_status},
                     {"request_id", call.request.id},
                     {"milliseconds", absl::ToInt64Milliseconds(clock_.Now() - call.started)}});
}

}  // namespace waymark::gateway
