#include "services/scheduling/duties/sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

// HMAC-SHA-256 of "1790000000.{}" under 32 times "s", computed with openssl.
TEST(WebhookSignature, IsWhatAReceiverComputes) {
  EXPECT_EQ(WebhookSignature(std::string(32, 's'), 1790000000, "{}"),
            "v1=0424597c0cb2bcfe8834c80214b6ad44bffa6b97d9a4782368d8585e6d830d4a");
}

}  // namespace
}  // namespace waymark::scheduling
