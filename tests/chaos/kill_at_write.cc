#include "tests/chaos/kill_at_write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/database.h"
#include "common/db/transaction.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"

namespace waymark::chaos {
namespace {

using testing::Eventually;
using testing::IsOk;

// A transaction names one; the lock is on everybody's rows.
constexpr char kTenant[] = "demo";
constexpr absl::Duration kLong = absl::Minutes(2);

}  // namespace

void KillAtWriteOf(harness::Suite& suite, const std::string& service, const WriteOf& step,
                   const std::function<void()>& provoke, const std::function<void()>& meanwhile) {
  SCOPED_TRACE(absl::StrCat(service, " killed when about to write ", step.table));
  testing::TestDatabase& tables = suite.database(service);
  // The runtime role may not lock a table that it may only append to.
  db::Database database({.dsn = tables.superuser_dsn(), .pool_size = 1});
  testing::TestSignal locked, release;
  std::thread holder([&] {
    EXPECT_THAT(
        database.Transact(
            absl::Now() + kLong, kTenant,
            [&](db::Transaction& txn) -> absl::Status {
              absl::Status lock =
                  txn.Exec(absl::StrCat("LOCK TABLE ", step.table, " IN SHARE MODE")).status();
              locked.Notify();
              EXPECT_TRUE(!lock.ok() || release.Wait(1, kLong));
              return lock;
            }),
        IsOk());
  });
  EXPECT_TRUE(locked.Wait());
  provoke();
  std::string waits =
      absl::StrCat("SELECT count(*) FROM pg_locks AS w WHERE NOT w.granted AND w.relation = '",
                   step.table, "'::regclass");
  if (!step.beside.empty()) {
    absl::StrAppend(&waits,
                    " AND EXISTS (SELECT FROM pg_locks AS h WHERE h.pid = w.pid AND h.granted"
                    " AND h.relation = '",
                    step.beside, "'::regclass)");
  }
  EXPECT_TRUE(Eventually([&] { return tables.Query(waits) != "0"; })) << suite.Log(service);
  meanwhile();
  suite.KillService(service);
  release.Notify();
  holder.join();
  // What it had written goes with its connections.
  EXPECT_TRUE(Eventually([&] {
    return tables.Query(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
               " AND usename = 'waymark_runtime' AND xact_start IS NOT NULL") == "0";
  }));
}

}  // namespace waymark::chaos
