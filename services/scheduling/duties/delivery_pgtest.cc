#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "services/casework/instants.h"
#include "services/scheduling/duties/delivery.h"
#include "services/scheduling/store/notices.h"
#include "services/scheduling/testing/plan_ground.h"

namespace waymark::scheduling {
namespace {

using testing::Eventually;
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

// A real mail server, aiosmtpd, that keeps each message as a file and refuses one address.
class MailServer {
 public:
  MailServer()
      : folder_(std::filesystem::temp_directory_path() / absl::StrCat("mail-", ::getpid())) {
    std::filesystem::create_directories(folder_);
    const std::string program = (folder_ / "server.py").string();
    std::ofstream(program) << R"py(
import asyncio, pathlib, sys
from aiosmtpd.smtp import SMTP
folder = pathlib.Path(sys.argv[1])
class Keep:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        (folder / f"{len(list(folder.glob('*.eml')))}.eml").write_bytes(envelope.content)
        return "250 OK"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Keep(), hostname="localhost"), host="127.0.0.1", port=0)
    (folder / "port.next").write_text(str(server.sockets[0].getsockname()[1]))
    (folder / "port.next").rename(folder / "port")
    await server.serve_forever()
asyncio.run(main())
)py";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execl("/usr/bin/python3", "python3", program.c_str(), folder_.c_str(), nullptr);
      ::_exit(127);
    }
    EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(folder_ / "port"); }));
    std::ifstream(folder_ / "port") >> port_;
  }
  ~MailServer() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }

  std::string url() const { return absl::StrCat("smtp://127.0.0.1:", port_); }
  std::string Mail(int number) const {
    std::ifstream file(folder_ / absl::StrCat(number, ".eml"));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  const std::filesystem::path folder_;
  pid_t pid_ = 0;
  int port_ = 0;
};

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
    Delivery delivery(*database_, *keys_, sender, clock_, real_, registry_);
    EXPECT_THAT(delivery.RunOnce(), IsOk());
  }
  std::string States() {
    return test_database_.Query(
        "SELECT string_agg(state || '/' || attempts, ' ' ORDER BY fired_at, rung) FROM notice");
  }

  clock::FakeClock real_;
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

}  // namespace
}  // namespace waymark::scheduling
