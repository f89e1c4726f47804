#include "services/scheduling/domain/recipients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/civil_time.h"

namespace waymark::scheduling {
namespace {

using options::v1::ROLE_OH_LEAD;
using options::v1::ROLE_OH_NURSE;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2026, 6, 1, 12, 0, 0), absl::UTCTimeZone());

Duty OnDuty(const std::string& id, options::v1::Role role, const std::string& person,
            v1::Channel channel = v1::CHANNEL_EMAIL) {
  return {id, role, person, kNow - absl::Hours(4), kNow + absl::Hours(4), channel};
}

Cover For(const std::string& from, const std::string& to) {
  return {from, to, kNow - absl::Hours(24), kNow + absl::Hours(24)};
}

TEST(RecipientsAt, AreThoseWhoseDutyRunsBeginningIncludedAndEndNot) {
  Duty begins = OnDuty("a", ROLE_OH_NURSE, "ann");
  begins.starts = kNow;
  Duty ended = OnDuty("b", ROLE_OH_NURSE, "bob");
  ended.ends = kNow;
  EXPECT_THAT(RecipientsAt({begins, ended}, {}, kNow),
              ElementsAre(Recipient{ROLE_OH_NURSE, "ann", "a", v1::CHANNEL_EMAIL}));
}

TEST(RecipientsAt, AreNoneOnAnEmptyRota) { EXPECT_THAT(RecipientsAt({}, {}, kNow), IsEmpty()); }

TEST(RecipientsAt, NameAPersonOnceARoleAtTheAddressThatLeavesTheConsole) {
  EXPECT_THAT(RecipientsAt({OnDuty("a", ROLE_OH_NURSE, "ann", v1::CHANNEL_CONSOLE),
                            OnDuty("b", ROLE_OH_NURSE, "ann"), OnDuty("c", ROLE_OH_LEAD, "ann")},
                           {}, kNow),
              ElementsAre(Recipient{ROLE_OH_NURSE, "ann", "b", v1::CHANNEL_EMAIL},
                          Recipient{ROLE_OH_LEAD, "ann", "c", v1::CHANNEL_EMAIL}));
}

TEST(RecipientsAt, ReachWhoeverCoversAtTheirOwnAddress) {
  Duty later = OnDuty("b", ROLE_OH_LEAD, "bob", v1::CHANNEL_WEBHOOK);
  later.starts = kNow + absl::Hours(24);
  later.ends = kNow + absl::Hours(30);
  EXPECT_THAT(RecipientsAt({OnDuty("a", ROLE_OH_NURSE, "ann"), later}, {For("ann", "bob")}, kNow),
              ElementsAre(Recipient{ROLE_OH_NURSE, "bob", "b", v1::CHANNEL_WEBHOOK}));
}

TEST(RecipientsAt, ReachInTheConsoleWhoeverCoversWithoutAnAddress) {
  EXPECT_THAT(RecipientsAt({OnDuty("a", ROLE_OH_NURSE, "ann")}, {For("ann", "cat")}, kNow),
              ElementsAre(Recipient{ROLE_OH_NURSE, "cat", "", v1::CHANNEL_CONSOLE}));
}

TEST(CoveredBy, FollowsCoverToItsEnd) {
  EXPECT_EQ(CoveredBy("ann", {For("ann", "bob"), For("bob", "cat")}, kNow), "cat");
  EXPECT_EQ(CoveredBy("ann", {For("ann", "bob"), For("bob", "cat")}, kNow + absl::Hours(48)),
            "ann");
}

TEST(CoveredBy, InACircleLeavesThePersonReachable) {
  EXPECT_EQ(CoveredBy("ann", {For("ann", "bob"), For("bob", "ann")}, kNow), "ann");
}

TEST(ActsFor, NamesThePersonAndThoseTheyCoverFor) {
  EXPECT_THAT(ActsFor("cat", {For("ann", "bob"), For("bob", "cat")}, kNow),
              ElementsAre("ann", "bob", "cat"));
  EXPECT_THAT(ActsFor("dan", {For("ann", "bob")}, kNow), ElementsAre("dan"));
}

}  // namespace
}  // namespace waymark::scheduling
