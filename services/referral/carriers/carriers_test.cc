#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/referral/carriers/bars_client.h"
#include "services/referral/carriers/circuit.h"
#include "services/referral/carriers/file_drop.h"
#include "services/referral/carriers/letter.h"
#include "services/referral/carriers/partners.h"
#include "services/referral/carriers/testing/simulator.h"
#include "services/referral/fhir/reader.h"

namespace waymark::referral {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReferral[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80";

v1::ReceiveReferralRequest Sent() {
  v1::ReceiveReferralRequest sent;
  sent.set_referral_id(kReferral);
  sent.set_tenant("RYE");
  sent.mutable_return_route()->set_tenant("heddlu-gwent-police");
  sent.mutable_provider()->set_organisation_code("RYE");
  sent.mutable_provider()->set_organisation_name("Royal Example Hospital");
  v1::ReferralContent& content = *sent.mutable_content();
  content.mutable_patient()->set_given_name("Siân");
  content.mutable_patient()->set_family_name("O'Neil <b>");
  content.mutable_patient()->set_nhs_number("9000000009");
  content.mutable_need()->set_title("HIV test at six weeks");
  content.mutable_need()->set_priority(v1::PRIORITY_URGENT);
  content.mutable_need()->mutable_closes_time()->set_seconds(1'790'000'000 + 3600);
  content.mutable_need()->mutable_origin()->set_case_id("PLANTED");
  content.add_safety_needs(v1::SAFETY_NEED_SEPARATE_WAITING);
  content.mutable_referrer()->set_organisation_name("Occupational health service");
  content.mutable_referrer()->set_phone("+441632960000");
  content.mutable_consent()->set_basis(v1::CONSENT_BASIS_EXPLICIT);
  content.mutable_consent()->set_recorded_by("PLANTED");
  sent.mutable_sending()->set_message_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c81");
  sent.mutable_sending()->set_correlation_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c82");
  sent.mutable_sending()->mutable_sent_time()->set_seconds(1'790'000'000);
  return sent;
}

fhir::ReferralToWrite Written() {
  const v1::ReceiveReferralRequest sent = Sent();
  return {sent.referral_id(), sent.provider(), sent.content(), sent.sending()};
}

v1::PartnerMessage Message() {
  v1::PartnerMessage message;
  *message.mutable_referral() = Sent();
  message.set_message_id(message.referral().sending().message_id());
  return message;
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ids::NewUuid()) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_.string(); }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
    }
    return names;
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(path_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path path_;
};

// Letters ----------------------------------------------------------------------------------------

TEST(Letters, SayTheSameInBothLanguages) {
  const std::string english = LetterText(Written(), LetterLanguage::kEnglish);
  EXPECT_THAT(english, HasSubstr("How soon: Urgent"));
  EXPECT_THAT(english, HasSubstr("NHS number: 900 000 0009"));
  EXPECT_THAT(english, HasSubstr("Too late after: 21 September 2026, 16:13 BST"));
  EXPECT_THAT(english, HasSubstr("Let the patient wait apart from others"));
  const std::string welsh = LetterText(Written(), LetterLanguage::kWelsh);
  EXPECT_THAT(welsh, HasSubstr("Pa mor fuan: Brys"));
  EXPECT_THAT(welsh, HasSubstr("Rhif GIG: 900 000 0009"));
  EXPECT_THAT(welsh, HasSubstr("21 Medi 2026"));
  EXPECT_EQ(std::count(english.begin(), english.end(), '\n'),
            std::count(welsh.begin(), welsh.end(), '\n'));
}

TEST(Letters, HoldNothingThatDoesNotLeave) {
  for (const LetterLanguage language : {LetterLanguage::kEnglish, LetterLanguage::kWelsh}) {
    for (const std::string& letter :
         {LetterHtml(Written(), language), LetterText(Written(), language)}) {
      EXPECT_THAT(letter, Not(HasSubstr("PLANTED")));
      EXPECT_THAT(letter, Not(HasSubstr("olice")));
      EXPECT_THAT(letter, Not(HasSubstr("eddlu")));
    }
  }
  fhir::ReferralToWrite consented = Written();
  consented.content.mutable_employer()->set_organisation_name("Heddlu Gwent");
  EXPECT_THAT(LetterText(consented, LetterLanguage::kEnglish), HasSubstr("Employer: Heddlu Gwent"));
}

TEST(Letters, AnswerAQuestionAndQuoteTheReferral) {
  v1::Question question;
  question.set_text("Any allergies?");
  question.set_answer("None <known>.");
  question.mutable_answered_time()->set_seconds(1'790'090'000);
  const std::string english = AnswerText(Written(), question, LetterLanguage::kEnglish);
  EXPECT_THAT(english, HasSubstr("Answer to your question"));
  EXPECT_THAT(english, HasSubstr("Date: 22 September 2026"));
  EXPECT_THAT(english, HasSubstr(absl::StrCat("Our reference: ", kReferral)));
  EXPECT_THAT(english, HasSubstr("About our referral of: 21 September 2026"));
  EXPECT_THAT(english, HasSubstr("You asked: Any allergies?"));
  EXPECT_THAT(english, HasSubstr("Our answer: None <known>."));
  // Who it is, and nothing else of them.
  EXPECT_THAT(english, HasSubstr("900 000 0009"));
  EXPECT_THAT(english, Not(HasSubstr("HIV")));
  const std::string welsh = AnswerHtml(Written(), question, LetterLanguage::kWelsh);
  EXPECT_THAT(welsh, HasSubstr("Ateb i&#39;ch cwestiwn"));
  EXPECT_THAT(welsh, HasSubstr("None &lt;known&gt;."));
}

TEST(Letters, TakeMarkupInNamesAsText) {
  const std::string html = LetterHtml(Written(), LetterLanguage::kEnglish);
  EXPECT_THAT(html, HasSubstr("O&#39;Neil &lt;b&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
  EXPECT_THAT(html, Not(HasSubstr("http")));  // needs nothing from elsewhere
}

// Files ------------------------------------------------------------------------------------------

v1::FileDrop DropIn(const std::string& folder) {
  v1::FileDrop drop;
  drop.set_folder(folder);
  drop.set_to_mailbox("X26OT1");
  drop.set_from_mailbox("X26OT2");
  drop.set_workflow_id("REFERRAL & CO");
  return drop;
}

TEST(FileDrops, LeaveDataAndControlOnceAlsoAfterTheyWereTaken) {
  const Folder folder;
  const v1::FileDrop drop = DropIn(folder.path());
  ASSERT_TRUE(DropMessage(drop, kReferral, "{}").ok());
  EXPECT_THAT(folder.Names(), ::testing::UnorderedElementsAre(absl::StrCat(kReferral, ".dat"),
                                                              absl::StrCat(kReferral, ".ctl")));
  EXPECT_EQ(folder.Read(absl::StrCat(kReferral, ".dat")), "{}");
  EXPECT_THAT(folder.Read(absl::StrCat(kReferral, ".ctl")),
              HasSubstr("<WorkflowId>REFERRAL &amp; CO</WorkflowId>"));
  for (const std::string& name : folder.Names()) {
    std::filesystem::remove(std::filesystem::path(folder.path()) / name);
  }
  ASSERT_TRUE(DropMessage(drop, kReferral, "{}").ok());
  EXPECT_TRUE(folder.Names().empty());
}

TEST(FileDrops, AreWrittenAgainUnderANameThatShowsItWhenAPersonAsksForIt) {
  const Folder folder;
  const v1::FileDrop drop = DropIn(folder.path());
  for (int resend = 0; resend < 3; ++resend) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      ASSERT_TRUE(DropMessage(drop, DropName(kReferral, resend), "{}").ok());
    }
  }
  EXPECT_EQ(folder.Names().size(), 6);
  const std::string again = absl::StrCat(kReferral, ".resend-2");
  EXPECT_EQ(folder.Read(absl::StrCat(again, ".dat")), "{}");
  EXPECT_THAT(folder.Read(absl::StrCat(again, ".ctl")), HasSubstr(again));
}

TEST(FileDrops, WithoutTheirFolderAreTriedAgain) {
  EXPECT_EQ(status::Reason(DropMessage(DropIn("/nowhere/at/all"), kReferral, "{}")),
            "FILE_NOT_WRITTEN");
}

// BaRS -------------------------------------------------------------------------------------------

TEST(BarsReplies, AreJudgedByTheStandardsRules) {
  BarsPost post;
  post.request_id = kReferral;
  post.correlation_id = kReferral;
  const auto outcome = [](const char* code) {
    return absl::StrCat(R"({"resourceType": "OperationOutcome", "issue": [
        {"severity": "error", "code": ")",
                        code, "\"}]}");
  };
  struct Row {
    int status;
    bool echoed;
    std::string body;
    const char* reason;  // "": taken
  };
  const Row rows[] = {
      {200, true, outcome("informational"), ""},
      {201, true, "", ""},
      {200, false, outcome("informational"), "PARTNER_UNAVAILABLE"},
      {0, false, "", "PARTNER_UNAVAILABLE"},
      {408, true, outcome("timeout"), "PARTNER_UNAVAILABLE"},
      {429, true, outcome("throttled"), "PARTNER_UNAVAILABLE"},
      {503, false, "", "PARTNER_UNAVAILABLE"},
      {409, true, outcome("duplicate"), ""},
      {409, false, outcome("duplicate"), ""},
      {409, true, outcome("conflict"), "PARTNER_REFUSED"},
      {400, true, outcome("invariant"), "PARTNER_REFUSED"},
      {400, true, "<html>", "PARTNER_UNAVAILABLE"},
      {400, false, outcome("invariant"), "PARTNER_UNAVAILABLE"},
      {422, true, outcome("not-supported"), "PARTNER_REFUSED"},
      {500, true, outcome("transient"), "PARTNER_UNAVAILABLE"},
      {500, true, outcome("exception"), "PARTNER_REFUSED"},
      {301, true, "", "PARTNER_UNAVAILABLE"},
  };
  for (const Row& row : rows) {
    BarsReply reply;
    reply.status = row.status;
    reply.body = row.body;
    if (row.echoed) reply.request_id = reply.correlation_id = kReferral;
    EXPECT_EQ(status::Reason(JudgeReply(post, reply)), row.reason) << row.status << row.body;
  }
}

TEST(BarsPosts, GoNowhereInClear) {
  BarsPost post;
  post.endpoint.set_url("http://partner.example");
  EXPECT_EQ(status::Reason(SendBars(post).status()), "PARTNER_NOT_TLS");
}

TEST(Circuits, OpenAfterARunOfFailuresAndAreTriedOnce) {
  Circuit circuit;
  absl::Time now = absl::FromUnixSeconds(0);
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(circuit.Allow(now));
    circuit.Failed(now);
  }
  EXPECT_EQ(circuit.state(now), Circuit::State::kClosed);
  circuit.Failed(now);
  EXPECT_EQ(circuit.state(now), Circuit::State::kOpen);
  EXPECT_FALSE(circuit.Allow(now + absl::Seconds(29)));
  now += absl::Seconds(30);
  EXPECT_EQ(circuit.state(now), Circuit::State::kHalfOpen);
  EXPECT_TRUE(circuit.Allow(now));
  EXPECT_FALSE(circuit.Allow(now));  // the trial is under way
  circuit.Failed(now);
  EXPECT_EQ(circuit.retry_at(), now + absl::Seconds(60));
  now += absl::Hours(1);
  EXPECT_TRUE(circuit.Allow(now));
  circuit.Succeeded();
  EXPECT_EQ(circuit.state(now), Circuit::State::kClosed);
}

// Partners ---------------------------------------------------------------------------------------

class PartnersTest : public ::testing::Test {
 protected:
  PartnersTest() : clock_(absl::FromUnixSeconds(1'790'000'000)) {}

  std::unique_ptr<Partners> Served(int port) {
    v1::PartnerList list;
    list.set_loopback(true);
    list.set_source_system("https://fhir.nhs.uk/Id/product-id");
    list.set_source_value("P.1");
    list.set_operator_code("X26");
    v1::Partner& partner = *list.add_partners();
    partner.set_organisation_code("RYE");
    partner.mutable_bars()->set_url(absl::StrCat("http://127.0.0.1:", port));
    partner.mutable_bars()->set_target_system("https://fhir.nhs.uk/Id/dos-service-id");
    partner.mutable_bars()->set_target_value("1");
    auto partners = Partners::Make(list, clock_);
    EXPECT_TRUE(partners.ok()) << partners.status();
    return *std::move(partners);
  }

  absl::Status Deliver(Partners& partners, const v1::PartnerMessage& message) {
    return partners.Deliver(message, absl::Now() + absl::Seconds(20)).status();
  }

  clock::FakeClock clock_;
};

TEST_F(PartnersTest, TakeAReferralOnceHoweverOftenItIsSent) {
  const testing::Simulator simulator("drop,take");
  ASSERT_NE(simulator.port(), 0);
  const std::unique_ptr<Partners> partners = Served(simulator.port());
  EXPECT_TRUE(partners->Acknowledges("RYE"));
  // Kept, and the answer lost: sent again it is a duplicate, which is as good as taken.
  EXPECT_EQ(status::Reason(Deliver(*partners, Message())), "PARTNER_UNAVAILABLE");
  EXPECT_EQ(Deliver(*partners, Message()), absl::OkStatus());
}

TEST_F(PartnersTest, ThatRefuseAreNotAskedAgainAndNotThoughtAway) {
  const testing::Simulator simulator("refuse");
  const std::unique_ptr<Partners> partners = Served(simulator.port());
  EXPECT_EQ(status::Reason(Deliver(*partners, Message())), "PARTNER_REFUSED");
  EXPECT_EQ(partners->Circuits()[0].state, Circuit::State::kClosed);
}

TEST_F(PartnersTest, ThatAreAwayAreLeftAloneForAWhile) {
  const std::unique_ptr<Partners> partners = Served(9);  // nobody listens there
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(status::Reason(Deliver(*partners, Message())), "PARTNER_UNAVAILABLE");
  }
  EXPECT_EQ(partners->Circuits()[0].state, Circuit::State::kOpen);
  EXPECT_TRUE(status::RetryAfter(Deliver(*partners, Message())).has_value());
}

TEST_F(PartnersTest, AreSentNothingAfterTheHardStop) {
  const std::unique_ptr<Partners> partners = Served(9);
  clock_.Set(absl::FromUnixSeconds(1'790'000'000 + 3601));
  EXPECT_EQ(status::Reason(Deliver(*partners, Message())), "WINDOW_CLOSED");
}

TEST_F(PartnersTest, AreToldOfCancellationsWhereTheirCarrierCan) {
  const testing::Simulator simulator("take");
  const std::unique_ptr<Partners> partners = Served(simulator.port());
  v1::PartnerMessage message = Message();
  message.mutable_update()->mutable_updated_time()->set_seconds(1'790'000'100);
  message.mutable_update()->mutable_cancelled()->set_reason(v1::CANCEL_REASON_PATIENT_WITHDREW);
  message.set_message_id(kReferral);
  EXPECT_EQ(Deliver(*partners, message), absl::OkStatus());
}

TEST_F(PartnersTest, AreToldAnswersToTheirQuestions) {
  const testing::Simulator simulator("take");
  const Folder files;
  const Folder letters;
  v1::PartnerList list;
  list.set_loopback(true);
  list.set_source_system("https://fhir.nhs.uk/Id/product-id");
  list.set_source_value("P.1");
  v1::Partner& by_bars = *list.add_partners();
  by_bars.set_organisation_code("RYE");
  by_bars.mutable_bars()->set_url(absl::StrCat("http://127.0.0.1:", simulator.port()));
  by_bars.mutable_bars()->set_target_system("https://fhir.nhs.uk/Id/dos-service-id");
  by_bars.mutable_bars()->set_target_value("1");
  v1::Partner& by_file = *list.add_partners();
  by_file.set_organisation_code("RYF");
  *by_file.mutable_file() = DropIn(files.path());
  v1::Partner& by_letter = *list.add_partners();
  by_letter.set_organisation_code("RYL");
  by_letter.mutable_letter()->set_folder(letters.path());
  const auto partners = Partners::Make(list, clock_);
  ASSERT_TRUE(partners.ok()) << partners.status();
  v1::PartnerMessage message = Message();
  message.mutable_update()->mutable_updated_time()->set_seconds(1'790'000'100);
  v1::Question& answered = *message.mutable_update()->mutable_answered();
  answered.set_question_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c99");
  answered.set_text("Any allergies?");
  answered.set_answer("None known.");
  message.set_message_id(kReferral);
  for (const char* code : {"RYE", "RYF", "RYL"}) {
    message.mutable_referral()->mutable_provider()->set_organisation_code(code);
    EXPECT_EQ(Deliver(**partners, message), absl::OkStatus()) << code;
  }
  const std::string data = files.Read(absl::StrCat(kReferral, ".dat"));
  EXPECT_FALSE(fhir::HasError(fhir::ReadResource(data).issues));
  EXPECT_THAT(data, HasSubstr("None known."));
  // It refers to the first document by the referral's id.
  EXPECT_THAT(data, HasSubstr(absl::StrCat("urn:uuid:", kReferral)));
  EXPECT_THAT(letters.Read(absl::StrCat(kReferral, ".en.html")), HasSubstr("None known."));
  // That the referrer is done is nothing to post.
  message.mutable_update()->mutable_completed();
  message.set_message_id("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c9a");
  EXPECT_EQ(Deliver(**partners, message), absl::OkStatus());
  EXPECT_EQ(letters.Names().size(), 1);
}

TEST_F(PartnersTest, GetAResendUnderItsOwnNameOrUnderTheSameId) {
  const testing::Simulator simulator("take");
  const std::unique_ptr<Partners> by_bars = Served(simulator.port());
  v1::PartnerMessage message = Message();
  ASSERT_EQ(Deliver(*by_bars, message), absl::OkStatus());
  message.set_resend(1);
  EXPECT_EQ(Deliver(*by_bars, message), absl::OkStatus());  // 409 duplicate: it has it
  const Folder letters;
  v1::PartnerList list;
  v1::Partner& by_letter = *list.add_partners();
  by_letter.set_organisation_code("RYE");
  by_letter.mutable_letter()->set_folder(letters.path());
  const auto partners = Partners::Make(list, clock_);
  ASSERT_TRUE(partners.ok()) << partners.status();
  for (int resend = 0; resend < 2; ++resend) {
    message.set_resend(resend);
    const absl::StatusOr<std::string> name =
        (*partners)->Deliver(message, absl::Now() + absl::Seconds(20));
    ASSERT_TRUE(name.ok()) << name.status();
    EXPECT_THAT(letters.Read(*name), HasSubstr("HIV test at six weeks"));
  }
  EXPECT_EQ(letters.Names().size(), 2);
}

TEST_F(PartnersTest, AreAskedBeforeAReferralIsDrafted) {
  const std::unique_ptr<Partners> partners = Served(9);
  v1::Provider provider;
  provider.set_organisation_code("RYE");
  provider.set_carrier(v1::CARRIER_BARS);
  EXPECT_EQ(partners->CheckProvider(provider), absl::OkStatus());
  provider.set_carrier(v1::CARRIER_LETTER);
  EXPECT_EQ(status::Reason(partners->CheckProvider(provider)), "PARTNER_UNKNOWN");
  provider.set_organisation_code("RXX");
  EXPECT_EQ(status::Reason(partners->CheckProvider(provider)), "PARTNER_UNKNOWN");
  EXPECT_THAT(std::string(partners->CheckProvider(provider).message()), HasSubstr("--partners"));
}

TEST_F(PartnersTest, GetFilesAndLettersThatHoldNoEmployer) {
  const Folder files;
  const Folder letters;
  v1::PartnerList list;
  v1::Partner& by_file = *list.add_partners();
  by_file.set_organisation_code("RYE");
  *by_file.mutable_file() = DropIn(files.path());
  v1::Partner& by_letter = *list.add_partners();
  by_letter.set_organisation_code("RVE");
  by_letter.mutable_letter()->set_folder(letters.path());
  by_letter.mutable_letter()->set_welsh(true);
  const auto partners = Partners::Make(list, clock_);
  ASSERT_TRUE(partners.ok()) << partners.status();
  EXPECT_FALSE((*partners)->Acknowledges("RYE"));
  v1::PartnerMessage message = Message();
  ASSERT_EQ(Deliver(**partners, message), absl::OkStatus());
  message.mutable_referral()->mutable_provider()->set_organisation_code("RVE");
  ASSERT_EQ(Deliver(**partners, message), absl::OkStatus());
  EXPECT_EQ(files.Names().size(), 2);
  EXPECT_EQ(letters.Names().size(), 2);
  for (const Folder* folder : {&files, &letters}) {
    for (const std::string& name : folder->Names()) {
      const std::string text = folder->Read(name);
      EXPECT_THAT(text, Not(HasSubstr("olice")));
      EXPECT_THAT(text, Not(HasSubstr("eddlu")));
      EXPECT_THAT(text, Not(HasSubstr("PLANTED")));
    }
  }
  const std::string data = files.Read(absl::StrCat(message.message_id(), ".dat"));
  EXPECT_FALSE(fhir::HasError(fhir::ReadResource(data).issues));
  message.mutable_referral()->mutable_provider()->set_organisation_code("RXX");
  EXPECT_EQ(status::Reason(Deliver(**partners, message)), "PARTNER_UNKNOWN");
}

TEST_F(PartnersTest, AreReadFromAFileThatSaysWhatIsWrong) {
  const Folder folder;
  const std::string path = folder.path() + "/partners.textproto";
  const auto load = [&](const char* text) {
    std::ofstream(path) << text;
    return Partners::Load(path, clock_).status();
  };
  EXPECT_EQ(load("partners { organisation_code: 'RYE' letter { folder: '/tmp' } }"),
            absl::OkStatus());
  EXPECT_EQ(load("laboratories { organisation_code: 'RQL' tenants: 'E1' tenants: 'E2' "
                 "unmatched_tenant: 'E1' }"),
            absl::OkStatus());
  for (const char* wrong :
       {"laboratories { organisation_code: 'RQL' }",
        "laboratories { organisation_code: 'RQL' tenants: 'E1' unmatched_tenant: 'E2' }",
        "partners { organisation_code: 'RYE' }", "partners { organisation_code: 'r' }", "x",
        "partners { organisation_code: 'RYE' bars { url: 'https://a' } }",
        R"(partners { organisation_code: 'RYE' letter { folder: '/tmp' } }
           partners { organisation_code: 'RYE' letter { folder: '/tmp' } })"}) {
    EXPECT_EQ(status::Reason(load(wrong)), "PARTNERS_INVALID") << wrong;
  }
}

}  // namespace
}  // namespace waymark::referral
