#include "services/gateway/scim.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "waymark/workforce/v1/hr_feed_service.pb.h"

namespace waymark::gateway {
namespace {

constexpr char kMedia[] = "application/scim+json";
constexpr char kError[] = "urn:ietf:params:scim:api:messages:2.0:Error";

bool IsSearch(absl::string_view path) { return absl::EndsWith(path, "/.search"); }

bool Takes(absl::string_view media_type, bool) {
  return media_type == kMedia || media_type == "application/json";
}

std::string ReadRequest(const RestCall& call) {
  workforce::v1::ReadScimRequest request;
  request.set_http_method(call.http.method);
  request.set_path(call.path);
  request.set_query(call.http.query);
  request.set_if_none_match(std::string(call.http.Header("if-none-match")));
  request.set_base_url(call.base_url);
  request.set_body(call.http.body);
  return request.SerializeAsString();
}

std::string ChangeRequest(const RestCall& call) {
  workforce::v1::ChangeScimRequest request;
  // A client that sends one may send the request again and gets the same answer.
  request.set_request_id(
      ids::NormaliseUuid(call.http.Header("x-request-id")).value_or(call.http.id));
  request.set_http_method(call.http.method);
  request.set_path(call.path);
  request.set_if_match(std::string(call.http.Header("if-match")));
  request.set_base_url(call.base_url);
  request.set_body(call.http.body);
  return request.SerializeAsString();
}

template <class Response>
std::optional<HttpResponse> AnswerOf(const std::string& bytes) {
  Response message;
  if (!message.ParseFromString(bytes)) return std::nullopt;
  workforce::v1::ScimAnswer& scim = *message.mutable_answer();
  HttpResponse response = {.status = scim.status(), .body = std::move(*scim.mutable_body())};
  if (!scim.etag().empty()) response.headers.emplace_back("etag", scim.etag());
  if (!scim.location().empty()) response.headers.emplace_back("location", scim.location());
  if (!response.body.empty()) response.headers.emplace_back("content-type", kMedia);
  return response;
}

std::string Refusal(int http_status, absl::string_view detail) {
  return nlohmann::json({{"schemas", {kError}},
                         {"status", absl::StrCat(http_status)},
                         {"detail", std::string(detail)}})
      .dump();
}

}  // namespace

RestStandard Scim() {
  return {.name = "scim",
          .root = "/scim/v2",
          .media = kMedia,
          .methods = {"GET", "POST", "PUT", "PATCH", "DELETE"},
          .service = "workforce",
          .read_method = "/waymark.workforce.v1.HrFeedService/ReadScim",
          .change_method = "/waymark.workforce.v1.HrFeedService/ChangeScim",
          // A bulk of users takes its time.
          .longest_call = absl::Seconds(30),
          // Changes of a force wait for each other anyway.
          .most_calls_each = 8,
          .is_search = &IsSearch,
          .takes = &Takes,
          .read_request = &ReadRequest,
          .change_request = &ChangeRequest,
          .read_answer = &AnswerOf<workforce::v1::ReadScimResponse>,
          .change_answer = &AnswerOf<workforce::v1::ChangeScimResponse>,
          .refusal = &Refusal};
}

}  // namespace waymark::gateway
