#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/testing/matchers.h"
#include "services/casework/instants.h"
#include "services/scheduling/duties/delivery.h"
#include "services/scheduling/store/notices.h"
#include "services/scheduling/testing/mail_server.h"
#include "services/scheduling/testing/plan_ground.h"

namespace waymark::scheduling {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

constexpr char kSecret[] = "a secret that both of us know, 40 long..";

// A webhook's receiver: one real HTTP server on a loopback port, which answers what it is told to
// and keeps what it was sent.
class Receiver {
 public:
  Receiver() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, any, size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    EXPECT_EQ(::getsockname(socket_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~Receiver() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_, "/hook"); }
  void Answer(int code) { code_ = code; }
  // After the receiver has been destroyed or while nothing is sent.
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  void Serve() {
    while (true) {
      const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      std::string request;
      char buffer[4096];
      while (!Complete(request)) {
        const ssize_t got = ::read(connection, buffer, sizeof(buffer));
        if (got <= 0) break;
        request.append(buffer, static_cast<size_t>(got));
      }
      requests_.push_back(std::move(request));
      const std::string answer =
          absl::StrCat("HTTP/1.1 ", code_.load(),
                       " Answer\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n"
                       "Connection: close\r\n\r\n");
      EXPECT_EQ(::write(connection, answer.data(), answer.size()),
                static_cast<ssize_t>(answer.size()));
      ::close(connection);
    }
  }
  static bool Complete(const std::string& request) {
    const size_t head = request.find("\r\n\r\n");
    const size_t length = request.find("Content-Length: ");
    return head != std::string::npos && length != std::string::npos &&
           request.size() >= head + 4 + std::stoul(request.substr(length + 16));
  }

  const int socket_;
  int port_ = 0;
  std::atomic<int> code_ = 200;
  std::vector<std::string> requests_;
  std::thread thread_;
};

std::string Header(const std::string& request, const std::string& name) {
  const size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const size_t from = at + name.size() + 4;
  return request.substr(from, request.find("\r\n", from) - from);
}

class DeliveryPgTest : public PlanGround {
 protected:
  DeliveryPgTest() : real_(absl::Now()) {}

  // One notice of rung 1 that waits for delivery.
  void FireOne() {
    v1::Plan plan = CasePlan();
    AddAssessment(plan, "hbig_administration");
    Put(plan);
    clock_.Set(Incident() + absl::Minutes(45));
    ASSERT_EQ(Look(), 1);
    real_.Set(absl::Now());
  }
  void Deliver(SenderOptions options = {}) {
    options.timeout = absl::Seconds(5);
    const Sender sender(std::move(options));
    Delivery delivery(*database_, *keys_, sender, clock_, real_, registry_, delivering_);
    EXPECT_THAT(delivery.RunOnce(), IsOk());
  }
  void DeliverBy(const MailServer& mail) {
    SenderOptions options;
    options.smtp_url = mail.url();
    options.smtp_from = "waymark@force.police.uk";
    options.console_url = "https://console.force.police.uk";
    Deliver(std::move(options));
  }
  // A blood test in six weeks, of which the nurse is reminded a week ahead, and that week has come.
  void FireReminder() {
    v1::Plan plan = CasePlan();
    v1::PlannedStep* step = AddStep(plan, "test_6_weeks", absl::Hours(24 * 42));
    AddRung(*step, 1, absl::Hours(24 * 35), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_REMINDER);
    Put(plan);
    clock_.Set(Incident() + absl::Hours(24 * 35));
    ASSERT_EQ(Look(), 1);
    real_.Set(absl::Now());
  }
  // Workforce as it answers: everybody in `people_`, by what they are asked for. Null: it is away.
  void AskWorkforce() {
    delivering_.find_routes =
        [this](const workforce::v1::ResolveRoutesRequest& request,
               absl::Time deadline) -> absl::StatusOr<workforce::v1::ResolveRoutesResponse> {
      asked_.push_back(request);
      EXPECT_LE(deadline - absl::Now(), absl::Seconds(2));
      if (away_) return absl::UnavailableError("away");
      workforce::v1::ResolveRoutesResponse response;
      for (const std::string& user : request.user_ids()) {
        workforce::v1::Reachable& one = *response.add_people();
        one = people_[user];
        one.set_user_id(user);
      }
      for (const std::string& subject : request.subject_ids()) {
        *response.add_people() = people_[subject];
      }
      return response;
    };
  }
  static void AddRoute(workforce::v1::Reachable& person, workforce::v1::Route route,
                       const std::string& address) {
    workforce::v1::RouteTo* to = person.add_routes();
    to->set_route(route);
    to->set_address(address);
  }
  // The officer asked for reminders, at home alone.
  void OfficerAsksForReminders() {
    workforce::v1::Reachable& officer = people_[kSubject];
    officer.set_subject_id(kSubject);
    officer.set_reminders(true);
    officer.add_never(workforce::v1::ROUTE_WORK_EMAIL);
    AddRoute(officer, workforce::v1::ROUTE_PERSONAL_EMAIL, "sam@home.example");
  }
  std::string States() {
    return test_database_.Query(
        "SELECT string_agg(state || '/' || attempts, ' ' ORDER BY fired_at, rung) FROM notice");
  }

  clock::FakeClock real_;
  DeliveryOptions delivering_;
  std::map<std::string, workforce::v1::Reachable> people_;
  std::vector<workforce::v1::ResolveRoutesRequest> asked_;
  bool away_ = false;
};

TEST_F(DeliveryPgTest, SignsWhatItTellsAWebhookAndSaysNothingClinical) {
  Receiver receiver;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_WEBHOOK, receiver.url(), kSecret);
  GoLive();
  FireOne();
  Deliver();
  EXPECT_EQ(States(), "2/1");
  Deliver();
  ASSERT_EQ(receiver.requests().size(), 1u);
  const std::string& request = receiver.requests()[0];
  EXPECT_THAT(request, HasSubstr("POST /hook HTTP/1.1"));
  const std::string body = request.substr(request.find("\r\n\r\n") + 4);
  EXPECT_THAT(body, HasSubstr("\"kind\":\"REMINDER\""));
  EXPECT_THAT(body, HasSubstr(StepRef("hbig_administration")));
  for (const char* word : {"hbig", "Title", "bbv", kCase, kSubject, "nia"}) {
    EXPECT_THAT(request, Not(HasSubstr(word)));
  }
  // As a receiver checks it, with nothing of ours but the secret.
  const std::string timestamp = Header(request, "Waymark-Timestamp");
  EXPECT_EQ(timestamp, absl::StrCat(absl::ToUnixSeconds(real_.Now())));
  const crypto::Digest digest = crypto::HmacSha256(kSecret, absl::StrCat(timestamp, ".", body));
  EXPECT_EQ(Header(request, "Waymark-Signature"),
            absl::StrCat("v1=", crypto::Hex(crypto::Bytes(digest))));
  EXPECT_EQ(Header(request, "Waymark-Notice-Id"),
            NoticeId({StepRef("hbig_administration"), 1, 1, "nia"}));
}

TEST_F(DeliveryPgTest, TriesAgainWithTheSameIdUntilItIsTaken) {
  Receiver receiver;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_WEBHOOK, receiver.url(), kSecret);
  GoLive();
  FireOne();
  // A redirect is not followed: it would lead somewhere nobody entered.
  for (const int answer : {500, 302}) {
    receiver.Answer(answer);
    Deliver();
    Deliver();  // not yet
    real_.Advance(absl::Seconds(11));
  }
  EXPECT_EQ(States(), "1/2");
  receiver.Answer(204);
  Deliver();
  EXPECT_EQ(States(), "2/3");
  ASSERT_EQ(receiver.requests().size(), 3u);
  EXPECT_EQ(Header(receiver.requests()[0], "Waymark-Notice-Id"),
            Header(receiver.requests()[2], "Waymark-Notice-Id"));
}

TEST_F(DeliveryPgTest, BecomesAPersonsTaskAtTheHardStop) {
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_WEBHOOK, "http://127.0.0.1:1/", kSecret);
  GoLive();
  FireOne();
  Deliver();
  EXPECT_EQ(States(), "1/1");
  EXPECT_EQ(List().total, 1);
  clock_.Set(Incident() + absl::Hours(72));
  real_.Advance(absl::Hours(1));
  Deliver();
  EXPECT_EQ(States(), "3/2");
  const WorklistLines lines = List();
  ASSERT_EQ(lines.total, 2);
  const v1::WorklistItem& task = lines.items[1];
  EXPECT_EQ(task.step_key(), "");
  EXPECT_EQ(task.case_id(), kCase);
  EXPECT_THAT(task.title(), HasSubstr("could not be delivered"));
  EXPECT_EQ(task.responsible(), options::v1::ROLE_OH_LEAD);
  real_.Advance(absl::Hours(1));
  Deliver();
  EXPECT_EQ(List().total, 2);
  // A later version of the case leaves the task alone; closing the case ends it.
  v1::Plan plan = CasePlan(kCase, 2);
  AddAssessment(plan, "hbig_administration");
  Put(plan);
  EXPECT_EQ(List().total, 2);
  plan.set_case_version(3);
  plan.set_closed(true);
  Put(plan);
  EXPECT_EQ(List().total, 0);
}

TEST_F(DeliveryPgTest, IsSentAgainByAnotherProcessWhenOneDiedWithIt) {
  Receiver receiver;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_WEBHOOK, receiver.url(), kSecret);
  GoLive();
  FireOne();
  // As a process does that leased the notice and was killed before it said how it went.
  test_database_.Query(absl::StrCat(
      "UPDATE notice SET attempts = 1, next_attempt_at = '",
      absl::FormatTime(absl::RFC3339_full, real_.Now() + absl::Minutes(2), absl::UTCTimeZone()),
      "'"));
  Deliver();
  EXPECT_EQ(States(), "1/1");
  real_.Advance(absl::Minutes(2) + absl::Seconds(1));
  Deliver();
  EXPECT_EQ(States(), "2/2");
}

TEST_F(DeliveryPgTest, MailsWithoutAWordAboutAnybody) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nia@force.police.uk");
  GoLive();
  FireOne();
  SenderOptions options;
  options.smtp_url = mail.url();
  options.smtp_from = "waymark@force.police.uk";
  options.console_url = "https://console.force.police.uk";
  Deliver(std::move(options));
  EXPECT_EQ(States(), "2/1");
  const std::string text = mail.Mail(0);
  EXPECT_THAT(text, HasSubstr("To: <nia@force.police.uk>"));
  EXPECT_THAT(text, HasSubstr("Subject: A deadline is near"));
  EXPECT_THAT(text, HasSubstr("Due at 2026-03-28T23:14:00Z"));
  EXPECT_THAT(text, HasSubstr(absl::StrCat("https://console.force.police.uk/steps/",
                                           StepRef("hbig_administration"))));
  EXPECT_THAT(text, HasSubstr(NoticeId({StepRef("hbig_administration"), 1, 1, "nia"})));
  for (const char* word : {"hbig", "Title", "bbv", kCase, kSubject}) {
    EXPECT_THAT(text, Not(HasSubstr(word)));
  }
}

TEST_F(DeliveryPgTest, KeepsTryingAnAddressThatTheMailServerRefuses) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nobody@force.police.uk");
  GoLive();
  FireOne();
  SenderOptions options;
  options.smtp_url = mail.url();
  options.smtp_from = "waymark@force.police.uk";
  Deliver(std::move(options));
  EXPECT_EQ(States(), "1/1");
  EXPECT_EQ(mail.Mail(0), "");
}

TEST_F(DeliveryPgTest, GoesToTheDutyAddressWhenTheEntryOnTheRotaHasGone) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nia@force.police.uk");
  GoLive();
  FireOne();
  test_database_.Query("DELETE FROM rota_entry");
  SenderOptions options;
  options.smtp_url = mail.url();
  options.smtp_from = "waymark@force.police.uk";
  Deliver(std::move(options));
  EXPECT_THAT(mail.Mail(0), HasSubstr("To: <duty@force.police.uk>"));
}

TEST_F(DeliveryPgTest, RemindsAnOfficerWhereTheyChoseAndKeepsNoAddress) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia");
  GoLive();
  AskWorkforce();
  OfficerAsksForReminders();
  FireReminder();
  EXPECT_EQ(Notices(), "*:1 nia:1");
  DeliverBy(mail);
  const std::string text = mail.Mail(0);
  EXPECT_THAT(text, HasSubstr("To: <sam@home.example>"));
  EXPECT_THAT(text, HasSubstr("appointment to arrange or to keep by 9 May 2026"));
  EXPECT_THAT(text, HasSubstr("or ring 01223 555 0199"));
  EXPECT_EQ(mail.Mail(1), "");
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_EQ(asked_[0].tenant(), kTenant);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE notice::text LIKE '%sam@%'"),
            "0");
  real_.Advance(absl::Hours(1));
  DeliverBy(mail);
  EXPECT_EQ(mail.Mail(1), "") << "once";
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(DeliveryPgTest, TellsEverybodyElseWhenThePlanBehindAReminderCannotBeRead) {
  Receiver receiver;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_WEBHOOK, receiver.url(), kSecret);
  GoLive();
  AskWorkforce();
  OfficerAsksForReminders();
  FireReminder();
  EXPECT_EQ(Notices(), "*:1 nia:1");
  test_database_.Query("UPDATE plan_case SET sealed_plan = 'x'");
  Deliver();
  EXPECT_EQ(receiver.requests().size(), 1u);
}

TEST_F(DeliveryPgTest, SendsAnOfficerNothingTheyDidNotChooseAndNothingOnceTheyHaveDied) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia");
  GoLive();
  AskWorkforce();
  OfficerAsksForReminders();
  for (const bool dead : {false, true}) {
    people_[kSubject].set_reminders(dead);
    people_[kSubject].set_deceased(dead);
    v1::Plan plan = CasePlan(kCase, dead ? 2 : 1);
    v1::PlannedStep* step =
        AddStep(plan, dead ? "test_3_months" : "test_6_weeks", absl::Hours(24 * (dead ? 90 : 42)));
    AddRung(*step, 1, absl::Hours(24 * (dead ? 83 : 35)), options::v1::ROLE_OH_NURSE,
            v1::RUNG_KIND_REMINDER);
    Put(plan);
    clock_.Set(Incident() + absl::Hours(24 * (dead ? 83 : 35)));
    EXPECT_EQ(Look(), 1);
    real_.Advance(absl::Hours(1));
    DeliverBy(mail);
  }
  EXPECT_EQ(test_database_.Query("SELECT string_agg(state::text, ' ') FROM notice"
                                 " WHERE recipient = '*'"),
            "4 4");
  EXPECT_EQ(mail.Mail(0), "");
  EXPECT_EQ(List().total, 1) << "and it is nobody's task";
}

TEST_F(DeliveryPgTest, WaitsForWorkforceWithAnOfficersReminderUntilItIsANursesTask) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia");
  GoLive();
  AskWorkforce();
  OfficerAsksForReminders();
  away_ = true;
  FireReminder();
  DeliverBy(mail);
  away_ = false;
  real_.Advance(absl::Seconds(11));
  DeliverBy(mail);
  EXPECT_THAT(mail.Mail(0), HasSubstr("To: <sam@home.example>"));

  // The next one finds workforce away for days: past the hard stop somebody is to ring.
  away_ = true;
  v1::Plan plan = CasePlan(kCase, 2);
  v1::PlannedStep* step = AddStep(plan, "test_3_months", absl::Hours(24 * 90));
  AddRung(*step, 1, absl::Hours(24 * 83), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_REMINDER);
  Put(plan);
  clock_.Set(Incident() + absl::Hours(24 * 83));
  EXPECT_EQ(Look(), 1);
  DeliverBy(mail);
  EXPECT_EQ(List().total, 1);
  clock_.Set(Incident() + absl::Hours(24 * 90));
  real_.Advance(absl::Hours(1));
  DeliverBy(mail);
  EXPECT_EQ(mail.Mail(1), "");
  const WorklistLines lines = List();
  ASSERT_EQ(lines.total, 2);
  const v1::WorklistItem& task =
      lines.items[0].step_key().empty() ? lines.items[0] : lines.items[1];
  EXPECT_THAT(task.title(), HasSubstr("ring them"));
  EXPECT_EQ(task.responsible(), options::v1::ROLE_OH_NURSE);
  EXPECT_EQ(task.subject_id(), kSubject);
}

TEST_F(DeliveryPgTest, NeverKeepsAPageWaitingForWorkforce) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nia@force.police.uk");
  GoLive();
  AskWorkforce();
  away_ = true;
  FireOne();
  DeliverBy(mail);
  EXPECT_THAT(mail.Mail(0), HasSubstr("To: <nia@force.police.uk>"));
  EXPECT_EQ(States(), "2/1");
}

TEST_F(DeliveryPgTest, ReachesStaffAsTheyChose) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nia@force.police.uk");
  GoLive();
  AskWorkforce();
  workforce::v1::Reachable& nia = people_["nia"];
  nia.set_subject_id("00000000-0000-4000-8000-0000000000bb");
  nia.set_language(workforce::v1::LANGUAGE_WELSH);
  nia.add_never(workforce::v1::ROUTE_WORK_EMAIL);
  AddRoute(nia, workforce::v1::ROUTE_PERSONAL_EMAIL, "nia@home.example");
  FireOne();
  DeliverBy(mail);
  EXPECT_THAT(mail.Mail(0), HasSubstr("To: <nia@home.example>"));
  EXPECT_THAT(mail.Mail(0), HasSubstr("Mewngofnodwch i weld"));
}

TEST_F(DeliveryPgTest, AsksWorkforceOnceForAWholeRound) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nia@force.police.uk");
  OnDuty(options::v1::ROLE_OH_NURSE, "ned", v1::CHANNEL_EMAIL, "ned@force.police.uk");
  GoLive();
  AskWorkforce();
  OfficerAsksForReminders();
  FireReminder();
  DeliverBy(mail);
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_EQ(asked_[0].user_ids_size(), 2);
  EXPECT_EQ(asked_[0].subject_ids_size(), 1);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE state = 2"), "3");
}

// Alarm fatigue: of thirty deadlines in one hour five page, the others go out together.
TEST_F(DeliveryPgTest, PagesARoleOnlySoOftenInAnHourAndSendsTheRestTogether) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nia@force.police.uk");
  GoLive();
  delivering_.pages_an_hour = 5;
  v1::Plan plan = CasePlan();
  for (int i = 0; i < 30; ++i) {
    v1::PlannedStep* step = AddStep(plan, absl::StrCat("step_", i), absl::Hours(24));
    AddRung(*step, 1, absl::Hours(1), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  }
  // A hard stop, and a step whose window is about to shut: never merged.
  v1::PlannedStep* last = AddStep(plan, "last", absl::Hours(24));
  AddRung(*last, 1, absl::Hours(1), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_LAST_CALL);
  v1::PlannedStep* shutting = AddStep(plan, "shutting", absl::Minutes(90));
  *shutting->mutable_closes_time() = casework::ToTimestamp(Incident() + absl::Minutes(90));
  AddRung(*shutting, 1, absl::Hours(1), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  Put(plan);
  clock_.Set(Incident() + absl::Hours(1));
  EXPECT_EQ(Look(), 32);
  // Not at the end of an hour: the budget begins anew there.
  real_.Set(absl::UnixEpoch() + absl::Floor(absl::Now() - absl::UnixEpoch(), absl::Hours(1)) +
            absl::Hours(1) + absl::Minutes(2));
  DeliverBy(mail);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE state = 2"), "7");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE digest AND state = 1"), "25");
  for (const char* key : {"last", "shutting"}) {
    EXPECT_EQ(test_database_.Query(
                  absl::StrCat("SELECT state FROM notice WHERE step_ref = '", StepRef(key), "'")),
              "2")
        << key;
  }
  real_.Advance(absl::Minutes(5));
  DeliverBy(mail);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE state = 2"), "32");
  EXPECT_THAT(mail.Mail(7), HasSubstr("Subject: Deadlines that need attention: 25"));
  EXPECT_EQ(mail.Mail(8), "") << "one message";
  // The next hour has a budget of its own.
  EXPECT_EQ(test_database_.Query("SELECT pages FROM page_count"), "30");
}

TEST_F(DeliveryPgTest, MarksAWholeDigestInOneStatement) {
  MailServer mail;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nia@force.police.uk");
  GoLive();
  delivering_.pages_an_hour = 1;
  v1::Plan plan = CasePlan();
  for (int i = 0; i < 40; ++i) {
    v1::PlannedStep* step = AddStep(plan, absl::StrCat("step_", i), absl::Hours(24));
    AddRung(*step, 1, absl::Hours(1), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  }
  Put(plan);
  clock_.Set(Incident() + absl::Hours(1));
  EXPECT_EQ(Look(), 40);
  real_.Set(absl::UnixEpoch() + absl::Floor(absl::Now() - absl::UnixEpoch(), absl::Hours(1)) +
            absl::Hours(1) + absl::Minutes(2));
  DeliverBy(mail);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE digest AND state = 1"), "39");
  test_database_.Query(
      "CREATE TABLE statements (n serial); GRANT ALL ON statements, statements_n_seq TO PUBLIC;"
      "CREATE FUNCTION count_it() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN INSERT INTO statements DEFAULT VALUES; RETURN NULL; END';"
      "CREATE TRIGGER counts AFTER UPDATE ON notice FOR EACH STATEMENT EXECUTE FUNCTION "
      "count_it()");
  real_.Advance(absl::Minutes(5));
  DeliverBy(mail);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE state = 2"), "40");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE delivered_at IS NULL"), "0");
  // Taken, marked, and the look that finds no more.
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM statements"), "4");
}

TEST_F(DeliveryPgTest, TriesADigestAgainWhole) {
  Receiver receiver;
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_WEBHOOK, receiver.url(), kSecret);
  GoLive();
  delivering_.pages_an_hour = 1;
  v1::Plan plan = CasePlan();
  for (int i = 0; i < 4; ++i) {
    v1::PlannedStep* step = AddStep(plan, absl::StrCat("step_", i), absl::Hours(24));
    AddRung(*step, 1, absl::Hours(1), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  }
  Put(plan);
  clock_.Set(Incident() + absl::Hours(1));
  EXPECT_EQ(Look(), 4);
  real_.Set(absl::UnixEpoch() + absl::Floor(absl::Now() - absl::UnixEpoch(), absl::Hours(1)) +
            absl::Hours(1) + absl::Minutes(2));
  Deliver();
  ASSERT_EQ(receiver.requests().size(), 1u);
  receiver.Answer(500);
  real_.Advance(absl::Minutes(5));
  Deliver();
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE state = 1 AND attempts = 1"),
            "3");
  receiver.Answer(204);
  real_.Advance(absl::Seconds(6));
  Deliver();
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice WHERE state = 2"), "4");
  ASSERT_EQ(receiver.requests().size(), 3u);
  EXPECT_EQ(Header(receiver.requests()[1], "Waymark-Notice-Id"),
            Header(receiver.requests()[2], "Waymark-Notice-Id"));
}

}  // namespace
}  // namespace waymark::scheduling
