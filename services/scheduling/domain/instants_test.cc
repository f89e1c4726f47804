#include "services/scheduling/domain/instants.h"

#include <gtest/gtest.h>

#include "absl/time/civil_time.h"

namespace waymark::scheduling {
namespace {

namespace cw = casework::v1;

const absl::Time kIncident =
    absl::FromCivil(absl::CivilSecond(2026, 3, 28, 22, 14, 0), absl::UTCTimeZone());

// First dose of PEP: from the start, ideally within the hour, never after 72 hours.
StepInstants Pep() {
  return {
      .opens = kIncident, .due = kIncident + absl::Hours(1), .closes = kIncident + absl::Hours(72)};
}

TEST(StatusAt, FollowsFromTheInstantsAndTheTimeOfAsking) {
  const absl::Duration us = absl::Microseconds(1);
  const struct {
    const char* what;
    absl::Duration since;
    cw::StepStatus status;
    v1::Tab tab;
    bool overdue;
  } cases[] = {
      {"before it opens", -us, cw::STEP_STATUS_UPCOMING, v1::TAB_UPCOMING, false},
      {"as it opens", absl::ZeroDuration(), cw::STEP_STATUS_OPEN, v1::TAB_OPEN, false},
      {"at due", absl::Hours(1), cw::STEP_STATUS_OPEN, v1::TAB_OPEN, false},
      {"after due", absl::Hours(1) + us, cw::STEP_STATUS_OVERDUE, v1::TAB_OVERDUE, true},
      {"as it closes", absl::Hours(72), cw::STEP_STATUS_OVERDUE, v1::TAB_OVERDUE, true},
      {"closed", absl::Hours(72) + us, cw::STEP_STATUS_WINDOW_CLOSED, v1::TAB_WINDOW_CLOSED, true},
      {"years on", absl::Hours(24 * 3650), cw::STEP_STATUS_WINDOW_CLOSED, v1::TAB_WINDOW_CLOSED,
       true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(StatusAt(Pep(), kIncident + c.since), c.status) << c.what;
    EXPECT_EQ(TabAt(Pep(), kIncident + c.since), c.tab) << c.what;
    EXPECT_EQ(IsOverdue(Pep(), kIncident + c.since), c.overdue) << c.what;
  }
}

TEST(StatusAt, OfAStepThatEndedIsHowItEndedWhateverTheTime) {
  StepInstants step = Pep();
  step.ending = cw::ENDING_DECLINED;
  EXPECT_EQ(StatusAt(step, kIncident), cw::STEP_STATUS_DECLINED);
  EXPECT_EQ(StatusAt(step, kIncident + absl::Hours(100)), cw::STEP_STATUS_DECLINED);
  EXPECT_FALSE(IsOverdue(step, kIncident + absl::Hours(100)));
  EXPECT_EQ(TabAt(step, kIncident), v1::TAB_UNSPECIFIED);
  EXPECT_EQ(NextChange(step, kIncident), absl::InfiniteFuture());
}

TEST(StatusAt, WithoutAWindowNeverCloses) {
  const StepInstants step = {.due = kIncident};
  EXPECT_EQ(StatusAt(step, kIncident - absl::Hours(24 * 365)), cw::STEP_STATUS_OPEN);
  EXPECT_EQ(StatusAt(step, kIncident + absl::Hours(24 * 365)), cw::STEP_STATUS_OVERDUE);
}

TEST(SecondsLeft, RoundsDownSoThatNothingOverdueLooksInTime) {
  const StepInstants step = {.due = kIncident};
  EXPECT_EQ(SecondsLeft(step, kIncident), 0);
  EXPECT_EQ(SecondsLeft(step, kIncident - absl::Milliseconds(1500)), 1);
  EXPECT_EQ(SecondsLeft(step, kIncident + absl::Milliseconds(1)), -1);
}

TEST(NextChange, IsTheFirstInstantAtWhichTheStatusDiffers) {
  absl::Time now = kIncident - absl::Hours(5);
  int changes = 0;
  for (absl::Time next = NextChange(Pep(), now); next != absl::InfiniteFuture();
       next = NextChange(Pep(), now)) {
    ASSERT_GT(next, now);
    EXPECT_EQ(StatusAt(Pep(), next - absl::Microseconds(1)), StatusAt(Pep(), now));
    EXPECT_NE(StatusAt(Pep(), next), StatusAt(Pep(), now));
    now = next;
    ++changes;
  }
  EXPECT_EQ(changes, 3);
}

}  // namespace
}  // namespace waymark::scheduling
