// A nurse at a browser, and the whole suite behind the gateway: real processes, mTLS, PostgreSQL
// and the real OpenID provider.
#include "services/gateway/testing/browser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "tests/harness/suite.h"

namespace waymark {
namespace {

using gateway::Browser;
using gateway::ProviderProcess;
using gateway::Reply;
using gateway::Wire;
using harness::Suite;
using Json = nlohmann::json;
using testing::Eventually;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr char kLogExposure[] = "/waymark.bbv.v1.BbvService/LogExposure";
constexpr char kGetCase[] = "/waymark.bbv.v1.BbvService/GetCase";
constexpr char kListWorklist[] = "/waymark.scheduling.v1.SchedulingService/ListWorklist";
constexpr char kWatchWorklist[] = "/waymark.scheduling.v1.SchedulingService/WatchWorklist";

class BrowserJourney : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    signal(SIGPIPE, SIG_IGN);
    folder_ = (std::filesystem::temp_directory_path() / "waymark-journey-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    const std::string secret = folder_ + "/secret";
    std::ofstream(secret) << ProviderProcess::kSecret;
    std::ofstream(folder_ + "/identity.json") << ProviderProcess::Shared().Identity(secret);
    absl::StatusOr<std::unique_ptr<Suite>> suite = Suite::Start(
        {.services = {"audit", "scheduling", "bbv", "gateway"},
         .flags = {{"gateway", {absl::StrCat("--identity=", folder_, "/identity.json")}}}});
    ASSERT_THAT(suite, IsOk());
    suite_ = suite->release();
  }
  static void TearDownTestSuite() {
    delete suite_;
    suite_ = nullptr;
    std::filesystem::remove_all(folder_);
  }
  void SetUp() override { ASSERT_NE(suite_, nullptr); }

  static std::string Host() {
    const std::string port = gateway::ReadFile(suite_->folder() + "/gateway.http");
    return absl::StrCat("localhost:", absl::StripAsciiWhitespace(port));
  }
  static int Port() { return std::stoi(Host().substr(10)); }
  static Browser NewBrowser() {
    return {"https://" + Host(), suite_->folder() + "/tls/gateway/ca.crt"};
  }
  // A needlestick just now, as the page sends it.
  static Json Exposure() {
    const absl::Time when = absl::Now() - absl::Minutes(20);
    absl::TimeZone london;
    EXPECT_TRUE(absl::LoadTimeZone("Europe/London", &london));
    return {{"requestId", ids::NewUuid()},
            {"jurisdiction", "JURISDICTION_ENGLAND"},
            {"people",
             {{{"subjectId", ids::NewUuid()},
               {"exposure",
                {{"incidentTime",
                  {{"civil", absl::FormatTime("%Y-%m-%dT%H:%M:%S", when, london)},
                   {"utcOffsetMinutes", london.At(when).offset / 60}}},
                 {"route", "ROUTE_NEEDLESTICK"},
                 {"fluid", "FLUID_BLOOD"},
                 {"visibleBlood", "ANSWER_YES"},
                 {"site", "BODY_SITE_FINGER"},
                 {"device", "DEVICE_HOLLOW_NEEDLE"},
                 {"firstAid", {"FIRST_AID_WASHED"}},
                 {"activity", "ACTIVITY_SEARCH"},
                 {"hepatitisBStatus", {{"vaccination", "HEP_B_VACCINATION_UNVACCINATED"}}},
                 {"tetanusPriming", "TETANUS_PRIMING_COMPLETE"}}}}}},
            {"source", {{"identity", "SOURCE_IDENTITY_REFUSED"}}}};
  }

  static Suite* suite_;
  static std::string folder_;
};
Suite* BrowserJourney::suite_ = nullptr;
std::string BrowserJourney::folder_;

TEST_F(BrowserJourney, ANurseLogsAnExposureAndSeesItComeOntoTheOpenWorklist) {
  Browser nurse = NewBrowser();
  ASSERT_EQ(nurse.SignIn("nurse").status, 303);
  Wire watch(Port());
  ASSERT_TRUE(watch.connected());
  ASSERT_TRUE(watch.Send(gateway::StreamRequest(
      kWatchWorklist, Host(), absl::StrCat(R"({"requestId": ")", ids::NewUuid(), R"("})"),
      {"cookie: " + nurse.SessionCookie(), "waymark-csrf: " + nurse.csrf()})));
  EXPECT_THAT(watch.Read("\r\n\r\n"), HasSubstr("HTTP/1.1 200"));

  const Json report = Exposure();
  const Reply logged = nurse.Post(kLogExposure, report.dump());
  ASSERT_EQ(logged.status, 200) << logged.body;
  const std::string id = logged.json()["receipts"][0]["caseId"];
  // Sent again, as after a lost connection: the same case.
  EXPECT_EQ(nurse.Post(kLogExposure, report.dump()).json()["receipts"][0]["caseId"], id);
  EXPECT_THAT(watch.Read(id), HasSubstr(id));
  EXPECT_TRUE(
      Eventually([&] { return nurse.Post(kListWorklist).body.find(id) != std::string::npos; }));
  const std::string get = Json{{"caseId", id}}.dump();
  EXPECT_EQ(nurse.Post(kGetCase, get).json()["case"]["header"]["caseId"], id);

  // What the service refuses is refused here, with the same reason.
  Browser manager = NewBrowser();
  ASSERT_EQ(manager.SignIn("manager").status, 303);
  const Reply refused = manager.Post(kGetCase, get);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.json()["details"][0]["debug"]["reason"], "ROLE_REQUIRED");
  EXPECT_EQ(nurse.Post("/waymark.audit.v1.AuditService/AppendEntries").status, 403);
}

TEST_F(BrowserJourney, ASessionOutlivesARestartOfTheGateway) {
  Browser nurse = NewBrowser();
  ASSERT_EQ(nurse.SignIn("nurse").status, 303);
  const std::string cookie = nurse.SessionCookie();
  EXPECT_EQ(suite_->StopService("gateway"), 0);
  ASSERT_THAT(suite_->StartService("gateway"), IsOk());
  // On another port, which a cookie does not mind.
  Browser again = NewBrowser();
  again.Plant(cookie);
  const Json session = again.Session();
  EXPECT_EQ(session["signed_in"], true);
  EXPECT_EQ(again
                .Send("POST", kListWorklist, "{}",
                      {"content-type: application/json",
                       absl::StrCat("waymark-csrf: ", session["csrf_token"].get<std::string>())})
                .status,
            200);
}

TEST_F(BrowserJourney, ABackEndThatIsAwayIsSaidToBeAway) {
  Browser nurse = NewBrowser();
  ASSERT_EQ(nurse.SignIn("nurse").status, 303);
  suite_->KillService("bbv");
  const Reply away =
      nurse.Post(kGetCase, Json{{"caseId", ids::NewUuid()}}.dump(), {"connect-timeout-ms: 2000"});
  EXPECT_THAT(away.status, ::testing::AnyOf(503, 504)) << away.body;
  EXPECT_EQ(nurse.Post(kListWorklist).status, 200) << "the others are still there";
  ASSERT_THAT(suite_->StartService("bbv"), IsOk());
  EXPECT_TRUE(Eventually([&] {
    return nurse.Post(kGetCase, Json{{"caseId", ids::NewUuid()}}.dump()).status == 404;
  }));
}

}  // namespace
}  // namespace waymark
