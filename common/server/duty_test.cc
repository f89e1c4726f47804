#include "common/server/duty.h"

#include <gtest/gtest.h>

#include "common/status/status.h"
#include "common/testing/test_signal.h"

namespace waymark::server {
namespace {

TEST(Duty, RunsAtOnceAndAgainWhenWoken) {
  testing::TestSignal ran;
  Duty duty{.name = "test", .interval = absl::Hours(1), .run_once = [&ran] {
              ran.Notify();
              return absl::OkStatus();
            }};
  const Wake wake = duty.wake;
  const DutyThread thread(std::move(duty));
  ASSERT_TRUE(ran.Wait(1));
  wake.Notify();
  EXPECT_TRUE(ran.Wait(2));
  wake.Notify();
  EXPECT_TRUE(ran.Wait(3));
}

TEST(Duty, RunsAgainAfterItsIntervalAlsoWhenItFailsOrThrows) {
  testing::TestSignal ran;
  const DutyThread thread(
      {.name = "test", .interval = absl::Milliseconds(1), .run_once = [&ran]() -> absl::Status {
         ran.Notify();
         if (ran.count() == 2) throw 1;
         return status::Unavailable("AWAY", "The other end is away.");
       }});
  EXPECT_TRUE(ran.Wait(4));
}

TEST(Duty, StopsWithoutWaitingForItsInterval) {
  testing::TestSignal ran;
  const absl::Time before = absl::Now();
  {
    const DutyThread thread({.name = "test", .interval = absl::Hours(1), .run_once = [&ran] {
                               ran.Notify();
                               return absl::OkStatus();
                             }});
    ASSERT_TRUE(ran.Wait());
  }
  EXPECT_LT(absl::Now() - before, absl::Minutes(1));
}

TEST(Wake, CountsSeveralNotificationsAsOne) {
  const Wake wake;
  wake.Notify();
  wake.Notify();
  EXPECT_TRUE(wake.WaitUntil(absl::InfiniteFuture()));
  EXPECT_FALSE(wake.WaitUntil(absl::Now()));
}

}  // namespace
}  // namespace waymark::server
