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
  const std::string text =
      MailText(Last(), workforce::v1::LANGUAGE_ENGLISH, "waymark@force.example",
               "nia@force.example", "https://console.example", absl::FromUnixSeconds(1790000000));
  EXPECT_THAT(text, StartsWith("From: <waymark@force.example>\r\nTo: <nia@force.example>\r\n"));
  EXPECT_THAT(text, HasSubstr("https://console.example/steps/01900000-"));
  for (const char* telling : {"blood", "virus", "HIV", "exposure", "health", "bbv", "officer"}) {
    EXPECT_THAT(text, Not(HasSubstr(telling)));
  }
}

TEST(MailText, SpeaksWelshToWhoeverChoseIt) {
  const std::string text = MailText(Last(), workforce::v1::LANGUAGE_WELSH, "waymark@force.example",
                                    "nia@force.example", "", absl::FromUnixSeconds(1790000000));
  EXPECT_THAT(text, HasSubstr("Subject: Galwad olaf: mae terfyn amser ar fin mynd heibio am byth"));
  v1::Notice near = Last();
  near.set_kind(v1::RUNG_KIND_REMINDER);
  EXPECT_THAT(MailText(near, workforce::v1::LANGUAGE_WELSH, "a@b", "c@d", "",
                       absl::FromUnixSeconds(1790000000)),
              HasSubstr("Subject: =?UTF-8?B?TWFlIHRlcmZ5biBhbXNlciB5biBhZ29zw6F1?="));
}

TEST(ReminderText, SaysWhatToDoByWhenAndNothingOfHealth) {
  const std::string text = ReminderText(
      Last(), workforce::v1::LANGUAGE_ENGLISH, "waymark@force.example", "sam@home.example",
      "https://console.example", "01223 555 0199", absl::FromUnixSeconds(1789000000));
  EXPECT_THAT(text, HasSubstr("Subject: A reminder\r\n"));
  EXPECT_THAT(text,
              HasSubstr("You have an appointment to arrange or to keep by 21 September 2026."));
  EXPECT_THAT(text, HasSubstr("Sign in at https://console.example or ring 01223 555 0199."));
  for (const char* telling : {"blood", "virus", "exposure", "health", "bbv", "clinic", "nurse",
                              "deadline", "/steps/", "01900000-0000-7000-8000-000000000002"}) {
    EXPECT_THAT(text, Not(HasSubstr(telling))) << telling;
  }
  EXPECT_THAT(ReminderText(Last(), workforce::v1::LANGUAGE_WELSH, "a@b", "c@d", "", "",
                           absl::FromUnixSeconds(1789000000)),
              HasSubstr("Mae gennych apwyntiad i'w drefnu neu i'w gadw erbyn 21 Medi "
                        "2026.\r\n\r\nMewngofnodwch.\r\n"));
}

TEST(DigestText, ListsEachDeadlineAndKeepsItsIdWhateverTheOrder) {
  v1::Notice other = Last();
  other.set_notice_id("01900000-0000-7000-8000-000000000003");
  other.set_step_ref("01900000-0000-7000-8000-000000000004");
  other.set_kind(v1::RUNG_KIND_BREACH);
  const std::string text =
      DigestText({Last(), other}, workforce::v1::LANGUAGE_ENGLISH, "a@b", "c@d",
                 "https://console.example", absl::FromUnixSeconds(1789000000));
  EXPECT_THAT(text, HasSubstr("Subject: Deadlines that need attention: 2\r\n"));
  EXPECT_THAT(text, HasSubstr("https://console.example/steps/" + Last().step_ref()));
  EXPECT_THAT(text, HasSubstr("https://console.example/steps/" + other.step_ref()));
  EXPECT_EQ(DigestId({Last(), other}), DigestId({other, Last()}));
  EXPECT_THAT(DigestBody({Last(), other}, "demo", ""), HasSubstr(R"("kind":"DIGEST")"));
}

TEST(Sender, SendsNothingToAnAddressThatHoldsMoreThanAnAddress) {
  const Sender sender({.smtp_url = "smtp://127.0.0.1:1"});
  v1::Contact contact;
  contact.set_channel(v1::CHANNEL_EMAIL);
  for (const char* address : {"a@b>\r\nRCPT TO:<c@d", "a@b,c@d", "Sam <a@b>"}) {
    contact.set_address(address);
    EXPECT_THAT(sender.SendReminder(Last(), contact, workforce::v1::LANGUAGE_ENGLISH, "",
                                    absl::FromUnixSeconds(1790000000)),
                testing::StatusIs(absl::StatusCode::kInvalidArgument, "ADDRESS_INVALID"));
  }
}

TEST(Sender, InProductionTellsAWebhookNothingWithoutTls) {
  const Sender sender({.transport = webhook::Transport::kTlsOnly});
  v1::Contact contact;
  contact.set_channel(v1::CHANNEL_WEBHOOK);
  contact.set_address("http://127.0.0.1:1/hook");
  contact.set_secret(std::string(32, 's'));
  EXPECT_THAT(sender.Send(Last(), contact, workforce::v1::LANGUAGE_ENGLISH, "demo",
                          absl::FromUnixSeconds(1790000000)),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, "WEBHOOK_NOT_TLS"));
}

}  // namespace
}  // namespace waymark::scheduling
