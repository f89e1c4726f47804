#include "services/gateway/fhir.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "common/ids/ids.h"
#include "waymark/referral/v1/partner_service.pb.h"

namespace waymark::gateway {
namespace {

constexpr char kMedia[] = "application/fhir+json";

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

bool IsSearch(absl::string_view path) { return absl::EndsWith(path, "/_search"); }

bool Takes(absl::string_view media_type, bool search) {
  if (search) return media_type == "application/x-www-form-urlencoded";
  return media_type == kMedia || media_type == "application/json";
}

template <class Request>
Request RequestOf(const RestCall& call) {
  Request request;
  request.set_http_method(call.http.method);
  request.set_path(call.path);
  for (const char* name : kCarried) {
    const absl::string_view value = call.http.Header(name);
    if (value.empty()) continue;
    referral::v1::FhirHeader& header = *request.add_headers();
    header.set_name(name);
    header.set_value(std::string(value));
  }
  request.set_base_url(call.base_url);
  request.set_body(call.http.body);
  return request;
}

std::string ReadRequest(const RestCall& call) {
  auto request = RequestOf<referral::v1::ReadFhirRequest>(call);
  request.set_query(call.http.query);
  return request.SerializeAsString();
}

std::string ChangeRequest(const RestCall& call) {
  auto request = RequestOf<referral::v1::ChangeFhirRequest>(call);
  // A client that sends one may send the request again and gets the same answer.
  request.set_request_id(
      ids::NormaliseUuid(call.http.Header("x-request-id")).value_or(call.http.id));
  return request.SerializeAsString();
}

template <class Response>
std::optional<HttpResponse> AnswerOf(const std::string& bytes) {
  Response message;
  if (!message.ParseFromString(bytes)) return std::nullopt;
  referral::v1::FhirAnswer& fhir = *message.mutable_answer();
  HttpResponse response = {.status = fhir.status(), .body = std::move(*fhir.mutable_body())};
  for (const referral::v1::FhirHeader& header : fhir.headers()) {
    response.headers.emplace_back(header.name(), header.value());
  }
  return response;
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
    case 415:
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

std::string Refusal(int http_status, absl::string_view detail) {
  const nlohmann::json issue = {
      {"severity", "error"}, {"code", IssueOf(http_status)}, {"diagnostics", std::string(detail)}};
  return nlohmann::json(
             {{"resourceType", "OperationOutcome"}, {"issue", nlohmann::json::array({issue})}})
      .dump();
}

}  // namespace

RestStandard Fhir() {
  return {.name = "fhir",
          .root = "/fhir/R4",
          .media = kMedia,
          .methods = {"GET", "POST", "PUT"},
          .service = "referral",
          .read_method = "/waymark.referral.v1.PartnerService/ReadFhir",
          .change_method = "/waymark.referral.v1.PartnerService/ChangeFhir",
          // The Booking and Referral Standard gives every answer 5 s.
          .longest_call = absl::Seconds(5),
          .most_calls_each = 4,
          .is_search = &IsSearch,
          .takes = &Takes,
          .read_request = &ReadRequest,
          .change_request = &ChangeRequest,
          .read_answer = &AnswerOf<referral::v1::ReadFhirResponse>,
          .change_answer = &AnswerOf<referral::v1::ChangeFhirResponse>,
          .refusal = &Refusal};
}

}  // namespace waymark::gateway
