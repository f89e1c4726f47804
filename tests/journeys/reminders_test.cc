// An officer and their list, across the real services: who is reminded and by which route, and
// whose names stand beside whose cases.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "services/scheduling/testing/mail_server.h"
#include "tests/chaos/load.h"
#include "tests/harness/suite.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::journeys {
namespace {

namespace people = ::waymark::workforce::v1;
using harness::Suite;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(40);

class RemindersTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    mail_ = new scheduling::MailServer();
    harness::SuiteOptions options;
    options.services = {"audit", "scheduling", "bbv", "workforce"};
    options.flags["scheduling"] = {"--smtp-url=" + mail_->url(),
                                   "--smtp-from=waymark@force.example",
                                   "--console-url=https://console.example"};
    absl::StatusOr<std::unique_ptr<Suite>> suite = Suite::Start(std::move(options));
    ASSERT_THAT(suite, IsOk());
    suite_ = std::move(*suite).release();
    chaos::ActivateTenant(*suite_);
  }
  static void TearDownTestSuite() {
    delete suite_;
    delete mail_;
  }

  template <typename Response, typename Call>
  static Response Ask(const harness::Person& as, Call call) {
    Response response;
    const std::string token = suite_->Token(as);
    EXPECT_THAT(rpc::Invoke({.deadline = absl::Now() + absl::Seconds(20), .token = token},
                            [&](grpc::ClientContext* context) { return call(context, &response); }),
                IsOk());
    return response;
  }
  static people::WorkforceService::Stub& Workforce() {
    static auto* const stub =
        people::WorkforceService::NewStub(suite_->Connect("workforce")).release();
    return *stub;
  }

  // Somebody with an e-mail at work and one at home; their subject id.
  static std::string Enter(const std::string& given, const std::string& family) {
    people::RegisterPersonRequest request;
    request.set_request_id(ids::NewUuid());
    request.mutable_name()->set_given(given);
    request.mutable_name()->set_family(family);
    request.mutable_work()->set_email(absl::StrCat(given, "@force.example"));
    request.mutable_personal()->set_email(absl::StrCat(given, "@home.example"));
    request.set_workforce_type(people::WORKFORCE_TYPE_VOLUNTEER);
    return Ask<people::RegisterPersonResponse>({},
                                               [&](auto* context, auto* response) {
                                                 return Workforce().RegisterPerson(context, request,
                                                                                   response);
                                               })
        .person()
        .subject_id();
  }
  static void Choose(const std::string& subject, const people::Choices& choices) {
    const harness::Person officer = {.user_id = "officer-" + subject,
                                     .roles = {options::v1::ROLE_OFFICER},
                                     .subject_id = subject};
    const auto mine = Ask<people::GetMyRecordResponse>(officer, [&](auto* context, auto* response) {
      return Workforce().GetMyRecord(context, people::GetMyRecordRequest(), response);
    });
    people::SetMyChoicesRequest request;
    request.set_request_id(ids::NewUuid());
    request.set_expected_version(mine.choices_version());
    *request.mutable_choices() = choices;
    Ask<people::SetMyChoicesResponse>(officer, [&](auto* context, auto* response) {
      return Workforce().SetMyChoices(context, request, response);
    });
  }
  // A needlestick, whose deadlines scheduling knows of on return.
  static std::string LogCase(const std::string& subject) {
    const std::string before =
        suite_->database("scheduling").Query("SELECT count(*) FROM plan_case");
    const auto logged =
        chaos::LogOne(*suite_, suite_->Token(), ids::NewUuid(), subject, absl::Seconds(20));
    EXPECT_THAT(logged, IsOk());
    EXPECT_TRUE(testing::Eventually(
        [&] {
          return suite_->database("scheduling").Query("SELECT count(*) FROM plan_case") != before;
        },
        kPatience));
    return logged.value_or("");
  }
  // What a command prints.
  static std::string Run(const std::string& command) {
    std::string text;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> buffer;
    while (const size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
      text.append(buffer.data(), got);
    }
    pclose(pipe);
    return text;
  }
  static std::string Waymark(const std::string& words) {
    const std::string config = suite_->folder() + "/config.json";
    nlohmann::json settings = {{"certificates", "tls/cli"},
                               {"token_key", "keys/token-key.json"},
                               {"issuer", "https://waymark.test"},
                               {"audience", "waymark"},
                               {"tenant", "demo"},
                               {"clock", "clock"}};
    for (const char* service : {"audit", "scheduling", "bbv", "workforce"}) {
      settings["services"][service] = absl::StrCat("127.0.0.1:", suite_->port(service));
    }
    std::ofstream(config) << settings.dump();
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    return Run(absl::StrCat((self.parent_path().parent_path() / "bin" / "waymark").string(),
                            " --config ", config, " ", words));
  }
  // How often workforce was asked for names.
  static double NameCalls() {
    double calls = 0;
    const std::string line =
        Run(absl::StrCat("curl -s http://127.0.0.1:", suite_->metrics_port("workforce"),
                         "/metrics | grep _calls_total | grep ResolveNames | grep -o '[0-9.]*$'"));
    return absl::SimpleAtod(line, &calls) ? calls : 0;
  }

  static Suite* suite_;
  static scheduling::MailServer* mail_;
};
Suite* RemindersTest::suite_ = nullptr;
scheduling::MailServer* RemindersTest::mail_ = nullptr;

TEST_F(RemindersTest, ListsShowNamesToThoseWhoMayByOneCallAPage) {
  const std::string subject = Enter("Nova", "Quill");
  const std::string hidden = Enter("Undine", "Covert");
  const std::string case_id = LogCase(subject);
  LogCase(hidden);
  EXPECT_THAT(Waymark("person protect " + hidden + " --alias 'Alex Grey' --allow nobody-yet"),
              HasSubstr("version"));
  const double before = NameCalls();
  const std::string page = Waymark("--as OH_NURSE worklist");
  EXPECT_THAT(page, HasSubstr("Nova Quill  case " + case_id));
  EXPECT_THAT(page, HasSubstr("Alex Grey  case "));
  EXPECT_THAT(page, Not(HasSubstr("Covert")));
  EXPECT_EQ(NameCalls(), before + 1) << "one call for the page";
  const std::string shown = Waymark("--as OH_NURSE bbv show " + case_id);
  EXPECT_THAT(shown, HasSubstr("Nova Quill"));
  EXPECT_EQ(NameCalls(), before + 2);
  EXPECT_THAT(Waymark("--as OH_NURSE bbv list"), HasSubstr("Nova Quill"));

  // Of another force, and a line manager whose staff they are not.
  EXPECT_THAT(Waymark("--as OH_NURSE --tenant E23000025-test worklist"), Not(HasSubstr("Nova")));
  EXPECT_THAT(Waymark("--as OH_NURSE --tenant E23000025-test person names " + subject),
              Not(HasSubstr("Nova")));
  EXPECT_THAT(Waymark("--as LINE_MANAGER --subject " + ids::NewUuid() + " person names " + subject),
              Not(HasSubstr("Nova")));
  // A list without names rather than none, when workforce is away.
  suite_->KillService("workforce");
  EXPECT_THAT(Waymark("--as OH_NURSE --timeout 3s worklist"), HasSubstr("—  case " + case_id));
  ASSERT_THAT(suite_->StartService("workforce"), IsOk());
}

TEST_F(RemindersTest, AnOfficerIsRemindedAtHomeAloneAndNotOnceTheyHaveDied) {
  const std::string sam = Enter("sam", "Jones");
  const std::string silent = Enter("silent", "Smith");
  people::Choices choices;
  choices.add_never(people::ROUTE_WORK_EMAIL);
  choices.set_reminders(true);
  Choose(sam, choices);
  LogCase(sam);
  LogCase(silent);
  // A week before the test at six weeks.
  ASSERT_THAT(suite_->AdvanceClock(absl::Hours(24 * 36)), IsOk());
  EXPECT_TRUE(testing::Eventually([] { return mail_->CountTo("sam@home.example") > 0; }, kPatience))
      << suite_->Log("scheduling");
  const auto waiting = [] {
    return suite_->database("scheduling")
        .Query("SELECT count(*) FROM notice WHERE recipient = '*' AND state = 1");
  };
  EXPECT_TRUE(testing::Eventually([&] { return waiting() == "0"; }, kPatience));
  EXPECT_EQ(mail_->CountTo("sam@force.example"), 0);
  EXPECT_EQ(mail_->CountTo("silent@home.example") + mail_->CountTo("silent@force.example"), 0)
      << "who did not ask is not written to";
  for (int i = 0; !mail_->Mail(i).empty(); ++i) {
    const std::string mail = mail_->Mail(i);
    for (const char* telling : {"Jones", "bbv", "blood", "virus", "exposure", "hepatitis"}) {
      EXPECT_THAT(mail, Not(HasSubstr(telling)));
    }
  }

  const int reminded = mail_->CountTo("sam@home.example");
  people::RecordDeathRequest death;
  death.set_request_id(ids::NewUuid());
  death.set_subject_id(sam);
  death.mutable_death_date()->set_year(2026);
  death.mutable_death_date()->set_month(11);
  death.mutable_death_date()->set_day(1);
  Ask<people::RecordDeathResponse>({}, [&](auto* context, auto* response) {
    return Workforce().RecordDeath(context, death, response);
  });
  const std::string withdrawn = "SELECT count(*) FROM notice WHERE recipient = '*' AND state = 4";
  const std::string before = suite_->database("scheduling").Query(withdrawn);
  // A week before the test at three months.
  ASSERT_THAT(suite_->AdvanceClock(absl::Hours(24 * 52)), IsOk());
  EXPECT_TRUE(testing::Eventually(
      [&] { return suite_->database("scheduling").Query(withdrawn) != before; }, kPatience));
  EXPECT_TRUE(testing::Eventually([&] { return waiting() == "0"; }, kPatience));
  EXPECT_EQ(mail_->CountTo("sam@home.example"), reminded);
  EXPECT_EQ(mail_->CountTo("sam@force.example"), 0);
}

}  // namespace
}  // namespace waymark::journeys
