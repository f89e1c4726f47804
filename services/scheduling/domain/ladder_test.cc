#include "services/scheduling/domain/ladder.h"

#include <gtest/gtest.h>

#include "absl/time/civil_time.h"
#include "common/status/status.h"

namespace waymark::scheduling {
namespace {

const absl::Time kDue =
    absl::FromCivil(absl::CivilSecond(2026, 10, 25, 0, 30, 0), absl::UTCTimeZone());

PendingRung At(int number, absl::Duration after_due, v1::RungKind kind) {
  return {.number = number,
          .planned = kDue + after_due,
          .fires = kDue + after_due,
          .audience = options::v1::ROLE_OH_LEAD,
          .kind = kind};
}

std::vector<PendingRung> Ladder() {
  return {At(2, absl::ZeroDuration(), v1::RUNG_KIND_BREACH),
          At(3, absl::Minutes(30), v1::RUNG_KIND_ESCALATION),
          At(4, absl::Minutes(90), v1::RUNG_KIND_ESCALATION),
          At(5, absl::Hours(60), v1::RUNG_KIND_LAST_CALL)};
}

TEST(Hold, LetsTheNextUnfiredRungGoOutAtItsTimeAndTheOthersFollowAtTheirDistance) {
  auto rungs = Ladder();
  rungs.erase(rungs.begin());  // the breach has fired
  const absl::Time until = kDue + absl::Hours(2);
  ASSERT_TRUE(Hold(kDue + absl::Minutes(5), until, rungs).ok());
  EXPECT_EQ(rungs[0].fires, until);
  EXPECT_EQ(rungs[1].fires, until + absl::Hours(1));
  EXPECT_EQ(rungs[2].fires, kDue + absl::Hours(60));
  EXPECT_EQ(NextRung(rungs)->number, 3);
}

TEST(Hold, LeavesRungsThatComeAfterItAlone) {
  auto rungs = Ladder();
  rungs.erase(rungs.begin());
  ASSERT_TRUE(Hold(kDue, kDue + absl::Hours(1), rungs).ok());
  EXPECT_EQ(rungs[0].fires, kDue + absl::Hours(1));
  EXPECT_EQ(rungs[1].fires, rungs[1].planned);
}

TEST(Hold, StartsFromThePlanEachTime) {
  auto rungs = Ladder();
  ASSERT_TRUE(Hold(kDue, kDue + absl::Hours(48), rungs).ok());
  ASSERT_TRUE(Hold(kDue, kDue + absl::Minutes(10), rungs).ok());
  EXPECT_EQ(rungs[0].fires, kDue + absl::Minutes(10));
  EXPECT_EQ(rungs[1].fires, rungs[1].planned);
  EXPECT_EQ(rungs[2].fires, rungs[2].planned);
}

TEST(Hold, NeverPutsARungBehindTheLastCall) {
  auto rungs = Ladder();
  ASSERT_TRUE(Hold(kDue, kDue + absl::Hours(60), rungs).ok());
  for (const PendingRung& rung : rungs) EXPECT_EQ(rung.fires, kDue + absl::Hours(60));
  EXPECT_EQ(NextRung(rungs)->number, 2);
}

TEST(Hold, RefusesToSilenceTheLastCall) {
  auto rungs = Ladder();
  const absl::Status status = Hold(kDue, kDue + absl::Hours(61), rungs);
  EXPECT_EQ(status::Reason(status), "UNTIL_PAST_LAST_CALL");
  EXPECT_EQ(status::Metadata(status, "last_call"), "2026-10-27T12:30:00+00:00");
  EXPECT_EQ(rungs[0].fires, rungs[0].planned);
}

TEST(Hold, RefusesATimeThatHasPassed) {
  auto rungs = Ladder();
  EXPECT_EQ(status::Reason(Hold(kDue, kDue, rungs)), "UNTIL_IN_PAST");
}

TEST(Hold, OfALadderThatHasAllFiredIsFine) {
  std::vector<PendingRung> none;
  EXPECT_TRUE(Hold(kDue, kDue + absl::Hours(1), none).ok());
  EXPECT_EQ(NextRung(none), nullptr);
}

}  // namespace
}  // namespace waymark::scheduling
