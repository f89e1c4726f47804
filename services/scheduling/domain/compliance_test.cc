#include "services/scheduling/domain/compliance.h"

#include <gtest/gtest.h>

#include "absl/time/civil_time.h"
#include "services/scheduling/domain/delivery.h"

namespace waymark::scheduling {
namespace {

const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2026, 6, 1, 12, 0, 0), absl::UTCTimeZone());

// Assessed within the hour, the exposure `ago` before now.
Measured Assessed(absl::Duration ago, std::optional<absl::Duration> taken) {
  Measured step;
  step.anchor = kNow - ago;
  step.instants.due = step.anchor + absl::Hours(1);
  if (taken) {
    step.completed = step.anchor + *taken;
    step.instants.ending = casework::v1::ENDING_DONE;
  }
  return step;
}

TEST(Figure, PutsEveryStepInExactlyOneCount) {
  Measured declined = Assessed(absl::Hours(9), std::nullopt);
  declined.instants.ending = casework::v1::ENDING_DECLINED;
  const v1::ComplianceFigure figure = Figure(
      "ASSESSED_WITHIN_HOUR",
      {Assessed(absl::Hours(9), absl::Minutes(40)), Assessed(absl::Hours(9), absl::Hours(1)),
       Assessed(absl::Hours(9), absl::Hours(1) + absl::Microseconds(1)),
       Assessed(absl::Hours(9), std::nullopt), Assessed(absl::Minutes(60), std::nullopt), declined},
      kNow);
  EXPECT_EQ(figure.measure(), "ASSESSED_WITHIN_HOUR");
  EXPECT_EQ(figure.in_time_count(), 2);
  EXPECT_EQ(figure.late_count(), 1);
  EXPECT_EQ(figure.overdue_count(), 1);
  EXPECT_EQ(figure.to_come_count(), 1);
  EXPECT_EQ(figure.not_done_count(), 1);
  EXPECT_EQ(figure.median().seconds(), 3600);
  EXPECT_EQ(figure.ninetieth_percentile().seconds(), 3600);
  EXPECT_EQ(figure.ninetieth_percentile().nanos(), 1000);
}

TEST(Figure, OfNothingHasNoPercentiles) {
  const v1::ComplianceFigure figure = Figure("TEST_6W", {}, kNow);
  EXPECT_FALSE(figure.has_median());
  EXPECT_EQ(figure.in_time_count(), 0);
}

TEST(PauseAfter, DoublesToAQuarterOfAnHour) {
  EXPECT_EQ(PauseAfter(1, 0), absl::Seconds(5));
  EXPECT_EQ(PauseAfter(2, 0), absl::Seconds(10));
  EXPECT_EQ(PauseAfter(8, 0), absl::Seconds(640));
  EXPECT_EQ(PauseAfter(9, 0), absl::Minutes(15));
  EXPECT_EQ(PauseAfter(1000, 0), absl::Minutes(15));
  EXPECT_EQ(PauseAfter(1, 1), absl::Seconds(4));
}

TEST(GiveUpAt, IsTheHardStopAndLeavesTimeToTry) {
  EXPECT_EQ(GiveUpAt(kNow, kNow + absl::Hours(12)), kNow + absl::Hours(12));
  EXPECT_EQ(GiveUpAt(kNow, absl::InfiniteFuture()), kNow + absl::Hours(72));
  EXPECT_EQ(GiveUpAt(kNow, kNow - absl::Hours(12)), kNow + absl::Hours(1));
}

}  // namespace
}  // namespace waymark::scheduling
