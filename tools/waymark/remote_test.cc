#include "tools/waymark/remote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "google/protobuf/message.h"
#include "waymark/bbv/v1/bbv_service.pb.h"
#include "waymark/referral/v1/referral_service.pb.h"

namespace waymark::cli {
namespace {

using ::testing::Contains;
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

TEST(FillMessage, ReadsADateAsPeopleWriteIt) {
  const auto dose = [](const std::string& date) {
    bbv::v1::LogExposureRequest request;
    EXPECT_EQ(FillMessage("",
                          {"people.0.exposure.hepatitis_b_status.last_dose_date=" + date,
                           "people.0.exposure.description=today"},
                          absl::FromUnixSeconds(kRepeatedHour), request),
              absl::OkStatus());
    EXPECT_EQ(request.people(0).exposure().description(), "today");
    return request.people(0).exposure().hepatitis_b_status().last_dose_date().ShortDebugString();
  };
  EXPECT_EQ(dose("2026-02-02"), "year: 2026 month: 2 day: 2");
  EXPECT_EQ(dose("today"), "year: 2026 month: 10 day: 25");
  EXPECT_EQ(dose("today-4w"), "year: 2026 month: 9 day: 27");
  EXPECT_EQ(dose("{\"year\": 2026, \"month\": 2, \"day\": 2}"), "year: 2026 month: 2 day: 2");
  for (const char* wrong : {"yesterday", "today-3h", "today3d", "2026-02"}) {
    bbv::v1::LogExposureRequest request;
    EXPECT_EQ(status::Reason(FillMessage(
                  "", {absl::StrCat("people.0.exposure.hepatitis_b_status.last_dose_date=", wrong)},
                  absl::UnixEpoch(), request)),
              "JSON_INVALID")
        << wrong;
  }
}

TEST(FillMessage, ReadsAnInstantAsPeopleWriteIt) {
  referral::v1::BookReferralRequest request;
  ASSERT_TRUE(FillMessage("", {"booking.start_time=now+40m", "booking.place=now"},
                          absl::FromUnixSeconds(kRepeatedHour), request)
                  .ok());
  EXPECT_EQ(request.booking().start_time().seconds(), kRepeatedHour + 40 * 60);
  EXPECT_EQ(request.booking().place(), "now");
  EXPECT_TRUE(
      FillMessage("", {"booking.start_time=2026-03-01T12:00:00Z"}, absl::UnixEpoch(), request)
          .ok());
  EXPECT_EQ(
      status::Reason(FillMessage("", {"booking.start_time=now40m"}, absl::UnixEpoch(), request)),
      "JSON_INVALID");
}

TEST(FindOpenings, KnowsWhichMethodsOpenCases) {
  EXPECT_THAT(Pathways(), Contains("bbv"));
  const auto all = FindOpenings("bbv", "");
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front()->name(), "LogExposure");
  EXPECT_TRUE(FindOpenings("bbv", "LogExposure").ok());
  EXPECT_EQ(status::Reason(FindOpenings("bbv", "CloseCase").status()), "NOT_AN_OPENING");
  EXPECT_EQ(status::Reason(FindOpenings("bbv", "Nothing").status()), "METHOD_UNKNOWN");
  EXPECT_EQ(status::Reason(FindOpenings("audit", "").status()), "METHOD_UNKNOWN");
}

// Reports of BBV stand in the folder itself, those of the other pathways in one of their name.
TEST(FillMessage, ReadsEveryReportOfTestsData) {
  std::map<std::string, int> reports;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("tests/data")) {
    if (entry.path().extension() != ".json") continue;
    const std::string folder = entry.path().parent_path().filename().string();
    const std::string pathway = folder == "data" ? "bbv" : folder;
    const auto text = ReadFile(entry.path().string());
    ASSERT_TRUE(text.ok());
    if (folder == "answers") {
      referral::v1::RecordPartnerAnswerRequest answer;
      EXPECT_EQ(FillMessage(*text, {}, absl::FromUnixSeconds(kRepeatedHour), answer),
                absl::OkStatus())
          << entry.path();
      continue;
    }
    const auto openings = FindOpenings(pathway, "");
    ASSERT_TRUE(openings.ok()) << pathway;
    absl::Status read;
    for (const auto* method : *openings) {
      const std::unique_ptr<google::protobuf::Message> request(
          google::protobuf::MessageFactory::generated_factory()
              ->GetPrototype(method->input_type())
              ->New());
      read = FillMessage(*text, {}, absl::FromUnixSeconds(kRepeatedHour), *request);
      if (read.ok()) break;
    }
    EXPECT_EQ(read, absl::OkStatus()) << entry.path();
    ++reports[pathway];
  }
  EXPECT_EQ(reports["bbv"], 6);
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
