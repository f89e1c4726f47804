#include "services/scheduling/duties/sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"

namespace waymark::scheduling {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(StaysOnThisMachine, TakesOnlyTheLoopbackAddressItself) {
  for (const char* here :
       {"smtp://127.0.0.1", "smtp://127.0.0.1:2525", "smtp://localhost", "smtp://localhost:25/"}) {
    EXPECT_TRUE(StaysOnThisMachine(here)) << here;
  }
  for (const char* elsewhere :
       {"smtp://mail.example", "smtp://localhost.example:25", "smtp://127.0.0.1.example",
        "smtp://127.0.0.10", "smtp://localhost:25@mail.example", "smtp://localhost@mail.example",
        "smtps://localhost", "http://localhost", ""}) {
    EXPECT_FALSE(StaysOnThisMachine(elsewhere)) << elsewhere;
  }
}

v1::Notice Last() {
  v1::Notice notice;
  notice.set_notice_id("01900000-0000-7000-8000-000000000001");
  notice.set_step_ref("01900000-0000-7000-8000-000000000002");
  notice.set_kind(v1::RUNG_KIND_LAST_CALL);
  notice.mutable_due_time()->set_seconds(1790000000);
  return notice;
}

TEST(MailText, SaysThatSomethingIsDueAndNothingOfWhatOrWhose) {
  const std::string text = MailText(Last(), "waymark@force.example", "nia@force.example",
                                    "https://console.example", absl::FromUnixSeconds(1790000000));
  EXPECT_THAT(text, StartsWith("From: <waymark@force.example>\r\nTo: <nia@force.example>\r\n"));
  EXPECT_THAT(text, HasSubstr("https://console.example/steps/01900000-"));
  for (const char* telling : {"blood", "virus", "HIV", "exposure", "health", "bbv", "officer"}) {
    EXPECT_THAT(text, Not(HasSubstr(telling)));
  }
}

TEST(Sender, InProductionTellsAWebhookNothingWithoutTls) {
  const Sender sender({.transport = webhook::Transport::kTlsOnly});
  v1::Contact contact;
  contact.set_channel(v1::CHANNEL_WEBHOOK);
  contact.set_address("http://127.0.0.1:1/hook");
  contact.set_secret(std::string(32, 's'));
  EXPECT_THAT(sender.Send(Last(), contact, "demo", absl::FromUnixSeconds(1790000000)),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "WEBHOOK_NOT_TLS"));
}

}  // namespace
}  // namespace waymark::scheduling
