#include "services/gateway/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "services/gateway/methods.h"
#include "waymark/testing/v1/echo_service.pb.h"

namespace waymark::gateway {
namespace {

using Json = nlohmann::json;
using testing::IsOk;
using testing::StatusIs;
using testing::v1::EchoRequest;

TEST(ErrorJson, CarriesTheDetailsThatGrpcCarries) {
  status::FieldViolations violations;
  violations.Add("incident_time", "TIME_REPEATED", "Say which of the two hours it was.");
  const Json error = Json::parse(ErrorJson(violations.ToStatus()));
  EXPECT_EQ(error["code"], "invalid_argument");
  EXPECT_EQ(error["message"], "incident_time: Say which of the two hours it was.");
  ASSERT_EQ(error["details"].size(), 2u);
  std::vector<std::string> types;
  for (const Json& detail : error["details"]) {
    types.push_back(detail["type"]);
    EXPECT_EQ(detail["value"].get<std::string>().find('='), std::string::npos);
    if (detail["type"] == "google.rpc.ErrorInfo") {
      EXPECT_EQ(detail["debug"]["reason"], "INVALID_FIELDS");
    }
  }
  EXPECT_THAT(types,
              ::testing::UnorderedElementsAre("google.rpc.ErrorInfo", "google.rpc.BadRequest"));
}

TEST(ErrorJson, HoldsNoMarkup) {
  const std::string json = ErrorJson(absl::InvalidArgumentError("<script>alert('&')</script>"));
  EXPECT_EQ(json.find('<'), std::string::npos);
  EXPECT_EQ(json.find('&'), std::string::npos);
  EXPECT_EQ(Json::parse(json)["message"], "<script>alert('&')</script>");
}

TEST(Envelope, OpensWhatItWroteAndNothingElse) {
  EXPECT_EQ(*OpenEnvelope(Envelope(0, "abc")), "abc");
  EXPECT_EQ(Envelope(2, "{}"), absl::string_view("\x02\0\0\0\x02{}", 7));
  for (const std::string& broken :
       {std::string(), std::string("\0\0\0\0", 4), Envelope(0, "abc") + "d",
        Envelope(0, "abc").substr(0, 7), Envelope(2, "abc"), Envelope(0, "a") + Envelope(0, "b"),
        std::string("\0\xff\xff\xff\xff", 5)}) {
    EXPECT_THAT(OpenEnvelope(broken).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(OpenEnvelope(Envelope(1, "abc")).status(),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(ParseContentType, KnowsFour) {
  EXPECT_TRUE(ParseContentType("application/json; charset=UTF-8").has_value());
  EXPECT_TRUE(ParseContentType("application/connect+proto")->stream);
  for (const char* other : {"", "text/plain", "application/x-www-form-urlencoded",
                            "application/grpc", "application/json; boundary=x"}) {
    EXPECT_FALSE(ParseContentType(other).has_value()) << other;
  }
}

TEST(ParseTimeout, TakesTenDigitsAndNoMore) {
  EXPECT_EQ(ParseTimeout(""), absl::InfiniteDuration());
  EXPECT_EQ(ParseTimeout("1500"), absl::Milliseconds(1500));
  for (const char* wrong : {"-1", "1.5", "12345678901", "1s", " 1"}) {
    EXPECT_FALSE(ParseTimeout(wrong).has_value()) << wrong;
  }
}

TEST(ParseGet, ReadsTheMessageFromTheQuery) {
  const auto plain = ParseGet("connect=v1&encoding=json&message=%7B%7D");
  ASSERT_THAT(plain.status(), IsOk());
  EXPECT_EQ(plain->message, "{}");
  EXPECT_EQ(ParseGet("encoding=proto&base64=1&message=CgNhYmM=")->message,
            "\n\x03"
            "abc");
  for (const char* wrong : {"", "message=%7B%7D", "encoding=json", "encoding=xml&message=a",
                            "encoding=json&message=a&x=1", "connect=v2&encoding=json&message=a",
                            "encoding=proto&base64=1&message=%25"}) {
    EXPECT_FALSE(ParseGet(wrong).ok()) << wrong;
  }
}

TEST(JsonToBinary, GoesThereAndBack) {
  const auto binary =
      JsonToBinary(*EchoRequest::descriptor(),
                   R"json({"text": "a", "shade": "SHADE_DARK", "parts": [{"note": "n"}]})json");
  ASSERT_THAT(binary.status(), IsOk());
  EchoRequest request;
  ASSERT_TRUE(request.ParseFromString(*binary));
  EXPECT_EQ(request.shade(), testing::v1::SHADE_DARK);
  const auto json = BinaryToJson(*EchoRequest::descriptor(), *binary);
  ASSERT_THAT(json.status(), IsOk());
  EXPECT_EQ(Json::parse(*json)["parts"][0]["note"], "n");
}

TEST(JsonToBinary, DropsNothingAndRepeatsNothing) {
  for (const char* wrong :
       {"", "[]", "{", R"({"unknown": 1})", R"({"shade": "SHADE_PINK"})", R"({"shade": {}})",
        R"({"parts": [{"note": 1.5e400}]})", R"({"parts": "secret"})"}) {
    const absl::Status status = JsonToBinary(*EchoRequest::descriptor(), wrong).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << wrong;
    EXPECT_EQ(std::string(status.message()).find("secret"), std::string::npos);
  }
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += R"({"parts":{"a":)";
  EXPECT_FALSE(JsonToBinary(*EchoRequest::descriptor(), deep).ok());
}

TEST(Methods, AreThoseOfTheDescriptorsThatCarryARule) {
  const Methods methods({{"echo", testing::v1::EchoRequest::descriptor()->file()->service(0)}});
  const Method* echo = methods.Find("/waymark.testing.v1.EchoService/Echo");
  ASSERT_NE(echo, nullptr);
  EXPECT_TRUE(echo->for_people);
  EXPECT_TRUE(echo->safe);
  EXPECT_FALSE(methods.Find("/waymark.testing.v1.EchoService/Change")->safe);
  EXPECT_FALSE(methods.Find("/waymark.testing.v1.EchoService/Deliver")->for_people);
  EXPECT_EQ(methods.Find("/waymark.testing.v1.EchoService/Unruled"), nullptr);
  EXPECT_EQ(methods.Find("/waymark.testing.v1.EchoService/echo"), nullptr);
  EXPECT_TRUE(methods.IsService("/waymark.testing.v1.EchoService/Nothing"));
  EXPECT_FALSE(methods.IsService("/grpc.health.v1.Health/Check"));
  EXPECT_FALSE(methods.IsService("/"));
}

}  // namespace
}  // namespace waymark::gateway
