#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/db/notify.h"
#include "common/testing/postgres_cluster.h"
#include "common/testing/test_signal.h"

namespace waymark::db {
namespace {

// Waiting for the listener's second wake proves that a notification came: the first is its connect.
TEST(NotifyPgTest, ListenerIsWokenAtItsConnectAndByEachNotification) {
  const testing::TestDatabase database;
  testing::TestSignal woken;
  Listener listener(database.runtime_dsn(), "due", [&] { woken.Notify(); });
  ASSERT_TRUE(woken.Wait(1));
  Notifier notifier(database.runtime_dsn(), "due");
  notifier.Notify();
  EXPECT_TRUE(woken.Wait(2));
}

TEST(NotifyPgTest, ManyCallsAreFewNotifications) {
  const testing::TestDatabase database;
  testing::TestSignal woken;
  Listener listener(database.runtime_dsn(), "due", [&] { woken.Notify(); });
  ASSERT_TRUE(woken.Wait(1));
  Notifier notifier(database.runtime_dsn(), "due");
  const absl::Time start = absl::Now();
  for (int i = 0; i < 10000; ++i) notifier.Notify();
  ASSERT_TRUE(woken.Wait(2));
  const absl::Duration took = absl::Now() - start;
  EXPECT_LE(woken.count(), 3 + took / absl::Milliseconds(10));
}

TEST(NotifyPgTest, LostConnectionsAreOpenedAgain) {
  const testing::TestDatabase database;
  testing::TestSignal woken;
  Listener listener(database.runtime_dsn(), "due", [&] { woken.Notify(); });
  Notifier notifier(database.runtime_dsn(), "due");
  notifier.Notify();
  ASSERT_TRUE(woken.Wait(1));
  database.Query(
      "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
      " WHERE datname = current_database() AND usename = 'waymark_runtime'");
  const int before = woken.count();
  EXPECT_TRUE(testing::Eventually([&] {
    notifier.Notify();
    return woken.count() > before + 1;
  }));
}

}  // namespace
}  // namespace waymark::db
