#include "services/workforce/fitness/retry.h"

#include <gtest/gtest.h>

namespace waymark::workforce {
namespace {

TEST(PauseAfter, DoublesUpToAQuarterOfAnHour) {
  EXPECT_EQ(PauseAfter(1, 0), absl::Seconds(5));
  EXPECT_EQ(PauseAfter(2, 0), absl::Seconds(10));
  EXPECT_EQ(PauseAfter(1, 1), absl::Seconds(4));
  EXPECT_EQ(PauseAfter(1000, 0), absl::Minutes(15));
}

TEST(IsHopeless, WaitsThreeDaysForAReceiverAndAnHourForAMessageItRefuses) {
  for (const int answer : {0, 302, 401, 404, 429, 500, 503}) {
    EXPECT_FALSE(IsHopeless(answer, absl::Hours(71))) << answer;
    EXPECT_TRUE(IsHopeless(answer, absl::Hours(72))) << answer;
  }
  for (const int answer : {400, 413, 415, 422}) {
    EXPECT_FALSE(IsHopeless(answer, absl::Minutes(59))) << answer;
    EXPECT_TRUE(IsHopeless(answer, absl::Hours(1))) << answer;
  }
}

}  // namespace
}  // namespace waymark::workforce
