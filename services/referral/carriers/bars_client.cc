#include "services/referral/carriers/bars_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/referral/fhir/outcome.h"
#include "services/referral/fhir/systems.h"

namespace waymark::referral {
namespace {

using fhir::Json;

constexpr size_t kLongestReply = 1 << 20;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

void Add(List& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

size_t TakeBody(char* data, size_t size, size_t count, void* reply) {
  std::string& body = static_cast<BarsReply*>(reply)->body;
  if (body.size() + size * count > kLongestReply) return 0;
  body.append(data, size * count);
  return size * count;
}

size_t TakeHeader(char* data, size_t size, size_t count, void* into) {
  auto* reply = static_cast<BarsReply*>(into);
  const absl::string_view line(data, size * count);
  const size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    const absl::string_view name = line.substr(0, colon);
    const std::string value(absl::StripAsciiWhitespace(line.substr(colon + 1)));
    if (absl::EqualsIgnoreCase(name, "x-request-id")) reply->request_id = value;
    if (absl::EqualsIgnoreCase(name, "x-correlation-id")) reply->correlation_id = value;
  }
  return size * count;
}

std::string Encoded(const Json& json) { return absl::Base64Escape(fhir::WriteJson(json)); }

bool SameId(const std::string& echoed, const std::string& sent) {
  return ids::NormaliseUuid(echoed).value_or("") == sent;
}

absl::Status Again(absl::string_view why, int answer) {
  return status::WithMetadata(
      status::Unavailable("PARTNER_UNAVAILABLE",
                          absl::StrCat("The partner did not take it: ", why)),
      "answer", absl::StrCat(answer));
}

}  // namespace

absl::Status JudgeReply(const BarsPost& post, const BarsReply& reply) {
  if (reply.status == 0) return Again("no answer came.", 0);
  const bool echoed = SameId(reply.request_id, post.request_id) &&
                      SameId(reply.correlation_id, post.correlation_id);
  const absl::StatusOr<Json> body = fhir::ParseJson(reply.body);
  const fhir::OutcomeCodes codes = body.ok() ? fhir::ReadOutcome(*body) : fhir::OutcomeCodes();
  const auto says = [&codes](absl::string_view issue) {
    return std::find(codes.issues.begin(), codes.issues.end(), issue) != codes.issues.end();
  };
  if (reply.status == 409 && says("duplicate")) return absl::OkStatus();
  if (reply.status == 408 || reply.status == 429 || reply.status == 503) {
    return Again("it asks to be sent the message again.", reply.status);
  }
  if (!echoed) return Again("its answer is not marked as one to this message.", reply.status);
  if (reply.status >= 200 && reply.status < 300) return absl::OkStatus();
  if (codes.issues.empty()) return Again("its error says nothing.", reply.status);
  if (says("transient") || says("timeout") || says("throttled") || says("no-store") ||
      says("lock-error")) {
    return Again("its error will pass.", reply.status);
  }
  return status::WithMetadata(
      status::WithMetadata(status::FailedPrecondition(
                               "PARTNER_REFUSED", "The partner refuses the message; call them."),
                           "answer", absl::StrCat(reply.status)),
      "codes",
      absl::StrCat(absl::StrJoin(codes.http_errors, ","), "/", absl::StrJoin(codes.issues, ",")));
}

std::vector<std::string> HeadersOf(const BarsPost& post) {
  return {
      "Content-Type: application/fhir+json",
      "Accept: application/fhir+json; version=1.4.0",
      "Expect:",
      absl::StrCat("X-Request-Id: ", post.request_id),
      absl::StrCat("X-Correlation-Id: ", post.correlation_id),
      absl::StrCat("NHSD-Target-Identifier: ", Encoded({{"system", post.endpoint.target_system()},
                                                        {"value", post.endpoint.target_value()}})),
      absl::StrCat(
          "NHSD-Requesting-Software: ",
          Encoded({{"resourceType", "Device"},
                   {"deviceName", Json::array({{{"name", "Waymark"}, {"type", "model-name"}}})}})),
      absl::StrCat("NHSD-End-User-Organisation: ",
                   Encoded({{"resourceType", "Organization"},
                            {"identifier", Json::array({{{"system", fhir::kOdsCode},
                                                         {"value", post.operator_code}}})}})),
      absl::StrCat("use-context: ", post.use_context),
  };
}

std::string AcknowledgementOf(const BarsReply& reply) {
  const absl::StatusOr<Json> body = fhir::ParseJson(reply.body);
  const std::string id = body.ok() ? fhir::Text(*body, "id") : "";
  const bool is_id = id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
                       return absl::ascii_isalnum(c) || c == '-' || c == '.';
                     });
  return is_id ? id : "";
}

absl::StatusOr<std::string> SendBars(const BarsPost& post) {
  const bool loopback = post.loopback && absl::StartsWith(post.endpoint.url(), "http://127.0.0.1:");
  if (!loopback && !absl::StartsWith(post.endpoint.url(), "https://")) {
    return status::FailedPrecondition("PARTNER_NOT_TLS",
                                      "The partner's address is not https: enter one that is.");
  }
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, EasyDeleter> easy(curl_easy_init());
  CURL* curl = easy.get();
  List headers;
  for (const std::string& header : HeadersOf(post)) Add(headers, header);
  if (!post.endpoint.token_file().empty()) {
    std::ifstream file(post.endpoint.token_file());
    std::stringstream token;
    token << file.rdbuf();
    Add(headers, absl::StrCat("Authorization: Bearer ", absl::StripAsciiWhitespace(token.str())));
  }
  BarsReply reply;
  const std::string url = absl::StrCat(post.endpoint.url(), "/$process-message");
  const auto milliseconds = static_cast<long>(absl::ToInt64Milliseconds(post.timeout));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, loopback ? "http" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds / 2);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post.body.c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &TakeBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &TakeHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply);
  if (const std::string& folder = post.endpoint.certificates(); !folder.empty()) {
    curl_easy_setopt(curl, CURLOPT_SSLCERT, absl::StrCat(folder, "/tls.crt").c_str());
    curl_easy_setopt(curl, CURLOPT_SSLKEY, absl::StrCat(folder, "/tls.key").c_str());
    curl_easy_setopt(curl, CURLOPT_CAINFO, absl::StrCat(folder, "/ca.crt").c_str());
  }
  if (curl_easy_perform(curl) == CURLE_OK) {
    long answer = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    reply.status = static_cast<int>(answer);
  }
  RETURN_IF_ERROR(JudgeReply(post, reply));
  return AcknowledgementOf(reply);
}

}  // namespace waymark::referral
