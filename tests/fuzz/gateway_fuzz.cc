// What browsers send to the gateway before anybody is known: the head of a request, its query and
// cookies, and the body as a message or an envelope of one.
#include <google/protobuf/stubs/logging.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/gateway/connect.h"
#include "services/gateway/http_head.h"
#include "tests/fuzz/fuzz_target.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::gateway {
namespace {

void TryBody(absl::string_view body) {
  if (const auto message = OpenEnvelope(body); message.ok()) {
    FUZZ_REQUIRE(Envelope(0, *message) == body);
  }
  const google::protobuf::Descriptor& type = *bbv::v1::LogExposureRequest::descriptor();
  const auto binary = JsonToBinary(type, body);
  if (!binary.ok()) {
    // Never what was sent, beyond the name of a field.
    FUZZ_REQUIRE(binary.status().message().size() < 300);
    const std::string error = ErrorJson(status::InvalidArgument("FUZZ", body));
    FUZZ_REQUIRE(!absl::StrContains(error, "<") && !absl::StrContains(error, "&"));
    return;
  }
  const auto json = BinaryToJson(type, *binary);
  FUZZ_REQUIRE(json.ok());
  const auto again = JsonToBinary(type, *json);
  FUZZ_REQUIRE(again.ok());
  bbv::v1::LogExposureRequest first, second;
  FUZZ_REQUIRE(first.ParseFromString(*binary) && second.ParseFromString(*again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  [[maybe_unused]] static auto* const silenced = google::protobuf::SetLogHandler(nullptr);
  const absl::string_view input = fuzz::Text(data, size);
  const size_t end = HeadSize(input);
  FUZZ_REQUIRE(end <= input.size());
  TryBody(input.substr(end));
  if (end == 0) return 0;
  const Head head = ReadHead(input.substr(0, end));
  if (head.status != 0) {
    FUZZ_REQUIRE(head.status >= 400 && !head.reason.empty() && !head.keep_alive);
    return 0;
  }
  FUZZ_REQUIRE(absl::EndsWith(input.substr(0, end), "\r\n\r\n"));
  FUZZ_REQUIRE(absl::StartsWith(head.path, "/") && !absl::StrContains(head.path, "//"));
  FUZZ_REQUIRE(!absl::StrContains(head.path, "/../") && !absl::EndsWith(head.path, "/.."));
  FUZZ_REQUIRE(!absl::StrContains(head.path, "%") && !absl::StrContains(head.path, "\\"));
  int lengths = 0;
  int hosts = 0;
  for (const auto& [name, value] : head.headers) {
    FUZZ_REQUIRE(value.find_first_of("\r\n") == std::string::npos);
    FUZZ_REQUIRE(name != "transfer-encoding");
    lengths += name == "content-length" ? 1 : 0;
    hosts += name == "host" ? 1 : 0;
    if (name == "cookie") (void)Cookie(value, "__Host-waymark-session");
    if (name == "content-type") (void)ParseContentType(value);
    if (name == "connect-timeout-ms") (void)ParseTimeout(value);
  }
  FUZZ_REQUIRE(lengths <= 1 && hosts == 1);
  FUZZ_REQUIRE(lengths == 1 || head.content_length == 0);
  (void)ParseGet(head.query);
  if (const auto fields = ParseQuery(head.query); fields.has_value()) {
    for (const auto& [name, value] : *fields) {
      FUZZ_REQUIRE(value.find_first_of("\r\n") == std::string::npos);
      FUZZ_REQUIRE(ParseQuery(absl::StrCat("a=", UrlEncode(value)))->front().second == value);
      if (IsLocalPath(value)) {
        FUZZ_REQUIRE(value.size() > 0 && value[0] == '/' && value.substr(0, 2) != "//" &&
                     value.substr(0, 2) != "/\\");
      }
    }
  }
  return 0;
}

}  // namespace waymark::gateway
