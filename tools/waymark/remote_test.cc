#include "tools/waymark/remote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::cli {
namespace {

using ::testing::HasSubstr;

// 25 October 2026 01:20 in London, the second time that night.
constexpr int64_t kRepeatedHour = 1792891200;

TEST(FindLinkedMethod, TakesTheNameAsPeopleTypeIt) {
  for (const char* name :
       {"BbvService.GetCase", "bbv.getcase", "waymark.bbv.v1.BbvService/GetCase"}) {
    const auto method = FindLinkedMethod(name);
    ASSERT_TRUE(method.ok()) << name;
    EXPECT_EQ((*method)->full_name(), "waymark.bbv.v1.BbvService.GetCase");
    EXPECT_EQ(ServiceOf(**method), "bbv");
  }
}

TEST(FindLinkedMethod, NamesTheNearestWhenThereIsNone) {
  const auto method = FindLinkedMethod("bbv.Case");
  EXPECT_EQ(status::Reason(method.status()), "METHOD_UNKNOWN");
  EXPECT_THAT(std::string(method.status().message()), HasSubstr("BbvService.GetCase"));
}

TEST(FillMessage, SetsFieldsByPathAndMakesARequestId) {
  bbv::v1::LogExposureRequest request;
  ASSERT_TRUE(FillMessage(R"({"people": [{"subject_id": "a"}]})",
                          {"people.0.exposure.route=ROUTE_EYE", "people.1.subject_id=b"},
                          absl::UnixEpoch(), request)
                  .ok());
  EXPECT_TRUE(ids::IsUuid(request.request_id()));
  EXPECT_EQ(request.people(0).exposure().route(), bbv::v1::ROUTE_EYE);
  EXPECT_EQ(request.people(1).subject_id(), "b");
}

TEST(FillMessage, TurnsNowIntoATimeThatNeedsNoQuestionInTheRepeatedHour) {
  bbv::v1::LogExposureRequest request;
  ASSERT_TRUE(FillMessage(R"({"people": [{"exposure": {"incident_time": {"civil": "now-40m"}}}]})",
                          {}, absl::FromUnixSeconds(kRepeatedHour), request)
                  .ok());
  const auto& time = request.people(0).exposure().incident_time();
  EXPECT_EQ(time.civil(), "2026-10-25T01:40:00");
  EXPECT_EQ(time.utc_offset_minutes(), 60);
}

TEST(FillMessage, ReadsEveryReportOfTestsData) {
  int reports = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/data")) {
    if (entry.path().extension() != ".json") continue;
    const auto text = ReadFile(entry.path().string());
    ASSERT_TRUE(text.ok());
    bbv::v1::LogExposureRequest request;
    EXPECT_EQ(FillMessage(*text, {}, absl::FromUnixSeconds(kRepeatedHour), request),
              absl::OkStatus())
        << entry.path();
    EXPECT_EQ(request.people_size(), 1) << entry.path();
    EXPECT_TRUE(request.people(0).exposure().incident_time().has_utc_offset_minutes());
    ++reports;
  }
  EXPECT_EQ(reports, 6);
}

TEST(FillMessage, RefusesWhatTheMessageDoesNotHave) {
  bbv::v1::LogExposureRequest request;
  EXPECT_EQ(status::Reason(FillMessage(R"({"persons": []})", {}, absl::UnixEpoch(), request)),
            "JSON_INVALID");
  EXPECT_EQ(status::Reason(FillMessage(R"({"people": [)", {}, absl::UnixEpoch(), request)),
            "JSON_INVALID");
  EXPECT_EQ(status::Reason(FillMessage("", {"people"}, absl::UnixEpoch(), request)),
            "JSON_INVALID");
}

TEST(ParseSpan, ReadsWhatPeopleType) {
  EXPECT_EQ(*ParseSpan("40m"), absl::Minutes(40));
  EXPECT_EQ(*ParseSpan("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseSpan("6w"), absl::Hours(24 * 42));
  for (const char* wrong : {"", "h", "5", "5x", "-1h", "1h 2m", "99999999d"}) {
    EXPECT_FALSE(ParseSpan(wrong).ok()) << wrong;
  }
}

TEST(ParseSettings, ReadsPathsRelativeToTheFile) {
  const auto settings = ParseSettings(
      R"({"services": {"bbv": "localhost:1"}, "certificates": "tls/cli", "clock": "/x/clock"})",
      "/home/a/.waymark");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->services.at("bbv"), "localhost:1");
  EXPECT_EQ(settings->certificates, "/home/a/.waymark/tls/cli");
  EXPECT_EQ(settings->clock, "/x/clock");
  EXPECT_EQ(settings->token_key, "");
}

TEST(ParseSettings, RefusesWhatIsNoConfiguration) {
  EXPECT_EQ(status::Reason(ParseSettings("[]", "/").status()), "CONFIG_UNREADABLE");
  EXPECT_EQ(status::Reason(ParseSettings(R"({"tenant": 3})", "/").status()), "CONFIG_UNREADABLE");
}

TEST(TokenFor, SaysSoWhenThereIsNoDevelopmentKey) {
  EXPECT_EQ(status::Reason(TokenFor(Settings(), Identity(), absl::Hours(1)).status()), "NO_TOKEN");
  EXPECT_EQ(*TokenFor(Settings(), Identity{.token = "given"}, absl::Hours(1)), "given");
}

}  // namespace
}  // namespace waymark::cli
