#include "common/clock/clock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "common/status/status.h"

namespace waymark::clock {
namespace {

class OffsetClockTest : public ::testing::Test {
 protected:
  OffsetClockTest()
      : path_(::testing::TempDir() + "clock_" + std::to_string(getpid()) + "_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove(path_);
  }
  ~OffsetClockTest() override { std::filesystem::remove(path_); }

  void Write(const std::string& text) { std::ofstream(path_) << text; }

  const std::string path_;
};

TEST(FakeClock, StandsStillUntilTold) {
  FakeClock clock(absl::FromUnixSeconds(1000));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1000));
  clock.Advance(absl::Hours(1));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(4600));
  clock.Set(absl::FromUnixSeconds(7));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(7));
}

TEST(RealClock, TellsTheMachinesTime) {
  const absl::Time before = absl::Now();
  const absl::Time now = Real().Now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, absl::Now());
}

#ifndef WAYMARK_PRODUCTION

TEST_F(OffsetClockTest, WithoutAFileIsRealTime) {
  auto clock = OffsetClock::Open(path_);
  ASSERT_TRUE(clock.ok()) << clock.status();
  EXPECT_EQ((*clock)->Offset(), absl::ZeroDuration());
}

TEST_F(OffsetClockTest, AddsTheOffsetOfTheFile) {
  Write("4320h\n");
  auto clock = OffsetClock::Open(path_);
  ASSERT_TRUE(clock.ok()) << clock.status();
  const absl::Time before = absl::Now();
  const absl::Time now = (*clock)->Now();
  EXPECT_GE(now, before + absl::Hours(4320));
  EXPECT_LE(now, absl::Now() + absl::Hours(4320));
}

TEST_F(OffsetClockTest, SeesAStepMadeByAnotherProcess) {
  auto clock = OffsetClock::Open(path_);
  ASSERT_TRUE(clock.ok()) << clock.status();
  EXPECT_EQ(*AdvanceOffset(path_, absl::Hours(2)), absl::Hours(2));
  EXPECT_EQ(*AdvanceOffset(path_, absl::Minutes(30)), absl::Minutes(150));
  EXPECT_EQ((*clock)->Offset(), absl::Minutes(150));
  // Kept over a restart.
  EXPECT_EQ((*OffsetClock::Open(path_))->Offset(), absl::Minutes(150));
}

TEST_F(OffsetClockTest, NeverGoesBack) {
  Write("10h");
  auto clock = OffsetClock::Open(path_);
  ASSERT_TRUE(clock.ok()) << clock.status();
  for (const char* text : {"1h", "garbage", "", "-20h"}) {
    Write(text);
    EXPECT_EQ((*clock)->Offset(), absl::Hours(10));
  }
  Write("11h");
  EXPECT_EQ((*clock)->Offset(), absl::Hours(11));
}

TEST_F(OffsetClockTest, RefusesAFileThatHoldsNoOffset) {
  for (const char* text :
       {"", "soon", "-1h", "inf", "1000000h", "1h 2h",
        "00000000000000000000000000000000000000000000000000000000000000000001h"}) {
    Write(text);
    EXPECT_EQ(status::Reason(OffsetClock::Open(path_).status()), "CLOCK_OFFSET_INVALID") << text;
    EXPECT_FALSE(AdvanceOffset(path_, absl::Hours(1)).ok()) << text;
  }
}

TEST_F(OffsetClockTest, StepsForwardOnlyAndNotForEver) {
  for (absl::Duration step : {absl::ZeroDuration(), -absl::Hours(1), absl::InfiniteDuration(),
                              absl::Hours(24 * 366 * 51)}) {
    EXPECT_EQ(status::Reason(AdvanceOffset(path_, step).status()), "CLOCK_STEP_INVALID");
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST(AdvanceOffset, SaysWhenItCannotWrite) {
  EXPECT_EQ(status::Reason(AdvanceOffset("/nowhere/at/all", absl::Hours(1)).status()),
            "CLOCK_OFFSET_UNWRITABLE");
}

#else

TEST_F(OffsetClockTest, IsRefusedInAProductionBuild) {
  EXPECT_EQ(status::Reason(OffsetClock::Open(path_).status()), "OFFSET_CLOCK_REFUSED");
  EXPECT_EQ(status::Reason(AdvanceOffset(path_, absl::Hours(1)).status()), "OFFSET_CLOCK_REFUSED");
}

#endif

}  // namespace
}  // namespace waymark::clock
