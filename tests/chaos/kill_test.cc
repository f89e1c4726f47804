// kill -9 of any service at any moment while cases of every pathway are logged at load.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "tests/chaos/load.h"
#include "tests/harness/suite.h"

namespace waymark::chaos {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;

// WAYMARK_CHAOS_SEED and WAYMARK_CHAOS_KILLS make other and longer runs by hand.
int FromEnvironment(const char* name, int standard) {
  const char* text = std::getenv(name);
  int value = standard;
  if (text != nullptr && !absl::SimpleAtoi(text, &value)) return standard;
  return value;
}

TEST(Kill, LosesNoAcknowledgedCaseAndDoublesNoneWhateverIsKilledWhen) {
  const int seed = FromEnvironment("WAYMARK_CHAOS_SEED", 1);
  const int kills = FromEnvironment("WAYMARK_CHAOS_KILLS", 12);
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::vector<std::string> services = {"audit", "scheduling"};
  services.insert(services.end(), kEveryPathway.begin(), kEveryPathway.end());
  ASSERT_OK_AND_ASSIGN(const auto suite,
                       harness::Suite::Start({.durable = true, .services = services}));
  ActivateTenant(*suite);

  Load load(*suite, /*callers=*/4, seed, kEveryPathway);
  std::mt19937 random(seed);
  for (int i = 0; i < kills; ++i) {
    ASSERT_TRUE(load.AwaitAcknowledged(std::uniform_int_distribution<int>(1, 40)(random)))
        << suite->Log("bbv");
    const size_t each = static_cast<size_t>(i);
    const std::string& victim =
        services[each < services.size() ? each : random() % services.size()];
    suite->KillService(victim);
    // With scheduling or audit away, cases are logged all the same.
    if (victim == "scheduling" || victim == "audit") {
      ASSERT_TRUE(load.AwaitAcknowledged(5)) << victim << " is away\n" << suite->Log("bbv");
    }
    ASSERT_THAT(suite->StartService(victim), IsOk());
  }
  ASSERT_TRUE(load.AwaitAcknowledged(5)) << suite->Log("bbv");
  load.Stop();

  EXPECT_THAT(load.refusals(), IsEmpty());
  for (const std::string& pathway : kEveryPathway) {
    ASSERT_TRUE(AwaitDelivered(*suite, pathway)) << suite->Log(pathway);
  }
  EXPECT_THAT(Faults(*suite, load.promises()), IsEmpty());
}

TEST(Kill, FiresEveryRungOnceWhenSchedulingIsKilledWhileItFires) {
  const int seed = FromEnvironment("WAYMARK_CHAOS_SEED", 1);
  ASSERT_OK_AND_ASSIGN(const auto suite, harness::Suite::Start({.durable = true}));
  ActivateTenant(*suite);
  Load load(*suite, /*callers=*/4, seed);
  ASSERT_TRUE(load.AwaitAcknowledged(100)) << suite->Log("bbv");
  load.Stop();
  ASSERT_TRUE(AwaitDelivered(*suite, "bbv"));

  // Six months fall due at once; scheduling is killed again and again while it works them off.
  auto& database = suite->database("scheduling");
  const auto fired = [&] {
    int count = 0;
    EXPECT_TRUE(absl::SimpleAtoi(database.Query("select count(*) from firing"), &count));
    return count;
  };
  ASSERT_THAT(suite->AdvanceClock(absl::Hours(24 * 190)), IsOk());
  for (int i = 0; i < 4; ++i) {
    const int before = fired();
    // Either it has fired more, or all of it has fired.
    ASSERT_TRUE(testing::Eventually([&] {
      return fired() > before || database.Query("select count(*) from rung") == "0";
    })) << suite->Log("scheduling");
    suite->KillService("scheduling");
    ASSERT_THAT(suite->StartService("scheduling"), IsOk());
  }
  ASSERT_TRUE(testing::Eventually([&] {
    return database.Query("select count(*) from rung where fire_at <= now() + interval '190 d'") ==
           "0";
  })) << suite->Log("scheduling");

  // A firing's primary key makes a second one impossible; its notices must match it one to one.
  EXPECT_EQ(database.Query("select count(*) from (select from notice group by tenant, step_ref, "
                           "revision, rung, recipient, channel having count(*) > 1) t"),
            "0");
  EXPECT_EQ(database.Query("select count(*) from notice n where not exists (select from firing f "
                           "where (f.tenant, f.step_ref, f.revision, f.rung) = (n.tenant, "
                           "n.step_ref, n.revision, n.rung) and f.told is not null)"),
            "0");
  // Of rungs that were due together only the highest tells anybody.
  EXPECT_NE(database.Query("select count(*) from firing where told is null"), "0");
}

}  // namespace
}  // namespace waymark::chaos
