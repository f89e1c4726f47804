#include "services/scheduling/domain/routes.h"

#include <gtest/gtest.h>

#include "google/protobuf/text_format.h"

namespace waymark::scheduling {
namespace {

using What = Destination::What;
using workforce::v1::Reachable;

Reachable Known(const std::string& text) {
  Reachable known;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &known));
  known.set_subject_id("0190a000-0000-7000-8000-0000000000aa");
  return known;
}

constexpr char kWork[] = R"(routes { route: ROUTE_WORK_EMAIL address: "sam@force.example" })";
constexpr char kHome[] = R"(routes { route: ROUTE_PERSONAL_EMAIL address: "sam@home.example" })";
constexpr char kPhone[] = R"(routes { route: ROUTE_PERSONAL_PHONE address: "+447700900123" })";
constexpr char kNever[] = "never: ROUTE_WORK_EMAIL";

v1::Contact Contact(v1::Channel channel, const std::string& address) {
  v1::Contact contact;
  contact.set_channel(channel);
  contact.set_address(address);
  return contact;
}

class ForStaffTest : public ::testing::Test {
 protected:
  std::string Address(const Reachable* known) {
    const Destination to = ForStaff(rota_, duty_, known);
    EXPECT_EQ(to.what, What::kSend) << "somebody is always told";
    return to.contact.address();
  }
  std::string Address(const std::string& text) {
    const Reachable known = Known(text);
    return Address(&known);
  }
  v1::Contact rota_ = Contact(v1::CHANNEL_EMAIL, "on-call@force.example");
  const v1::Contact duty_ = Contact(v1::CHANNEL_EMAIL, "duty@force.example");
};

TEST_F(ForStaffTest, GoesByTheRotaWhenWorkforceIsSilentOrKnowsNobody) {
  EXPECT_EQ(Address(nullptr), "on-call@force.example");
  const Reachable nobody;
  EXPECT_EQ(Address(&nobody), "on-call@force.example");
}

TEST_F(ForStaffTest, ObeysWhatThePersonChose) {
  EXPECT_EQ(Address(""), "on-call@force.example") << "no address on record is no refusal";
  EXPECT_EQ(Address(kWork), "on-call@force.example");
  EXPECT_EQ(Address(std::string(kHome) + kWork), "sam@home.example");
  EXPECT_EQ(Address(std::string(kNever) + " " + kHome), "sam@home.example");
  const Reachable welsh = Known(std::string("language: LANGUAGE_WELSH ") + kWork);
  EXPECT_EQ(ForStaff(rota_, duty_, &welsh).language, workforce::v1::LANGUAGE_WELSH);
}

TEST_F(ForStaffTest, TellsTheDutyAddressWhenThePersonCannotBe) {
  EXPECT_EQ(Address(kNever), "duty@force.example");
  EXPECT_EQ(Address("deceased: true"), "duty@force.example");
}

TEST_F(ForStaffTest, LeavesThePagingSystemOfTheForceAlone) {
  rota_ = Contact(v1::CHANNEL_WEBHOOK, "https://pager.example/");
  EXPECT_EQ(Address(std::string(kNever) + " " + kHome), "https://pager.example/");
  EXPECT_EQ(Address("deceased: true"), "duty@force.example");
}

TEST(ForOfficer, SendsToNobodyWhoDidNotAskForIt) {
  const Reachable known = Known(kHome);
  EXPECT_EQ(ForOfficer(&known, 1).what, What::kWithdraw);
  const Reachable nobody;
  EXPECT_EQ(ForOfficer(&nobody, 1).what, What::kWithdraw);
}

TEST(ForOfficer, SendsNothingToSomebodyWhoHasDied) {
  const Reachable known = Known(std::string("reminders: true deceased: true ") + kHome);
  EXPECT_EQ(ForOfficer(&known, 1).what, What::kWithdraw);
}

TEST(ForOfficer, WaitsForWorkforceRatherThanGuess) {
  EXPECT_EQ(ForOfficer(nullptr, 1).what, What::kWait);
}

TEST(ForOfficer, TakesTheRoutesInTurn) {
  const Reachable known =
      Known(std::string("reminders: true language: LANGUAGE_WELSH ") + kPhone + kHome + kWork);
  EXPECT_EQ(ForOfficer(&known, 1).contact.address(), "sam@home.example");
  EXPECT_EQ(ForOfficer(&known, 2).contact.address(), "sam@force.example");
  EXPECT_EQ(ForOfficer(&known, 3).contact.address(), "sam@home.example");
  EXPECT_EQ(ForOfficer(&known, 1).language, workforce::v1::LANGUAGE_WELSH);
}

TEST(ForOfficer, AsksAPersonToRingWhoeverHasNoMail) {
  Reachable known = Known(std::string("reminders: true ") + kPhone);
  EXPECT_EQ(ForOfficer(&known, 1).what, What::kAskAPerson);
  known.add_routes()->set_route(workforce::v1::ROUTE_CONSOLE);
  EXPECT_EQ(ForOfficer(&known, 1).what, What::kWithdraw) << "they look for themselves";
}

}  // namespace
}  // namespace waymark::scheduling
