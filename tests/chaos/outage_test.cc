// Something that the suite leans on goes away, or comes back older than it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "tests/chaos/load.h"
#include "tests/harness/suite.h"

namespace waymark::chaos {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using testing::StatusIs;

TEST(Outage, LogsExposuresWhileSchedulingAndAuditAreDownAndDeliversWhenTheyReturn) {
  ASSERT_OK_AND_ASSIGN(const auto suite, harness::Suite::Start({.durable = true}));
  ActivateTenant(*suite);
  suite->KillService("scheduling");
  suite->KillService("audit");
  Load load(*suite, /*callers=*/2, /*seed=*/7);
  ASSERT_TRUE(load.AwaitAcknowledged(20)) << suite->Log("bbv");
  load.Stop();
  EXPECT_EQ(suite->database("scheduling").Query("select count(*) from plan_case"), "0");

  ASSERT_THAT(suite->StartService("audit"), IsOk());
  ASSERT_THAT(suite->StartService("scheduling"), IsOk());
  ASSERT_TRUE(AwaitDelivered(*suite, "bbv")) << suite->Log("bbv");
  EXPECT_THAT(Faults(*suite, load.promises()), IsEmpty());
}

TEST(Outage, SaysUnavailableWhilePostgresIsDownAndRecoversWithoutARestart) {
  ASSERT_OK_AND_ASSIGN(const auto suite, harness::Suite::Start({.durable = true}));
  ActivateTenant(*suite);
  const std::string token = suite->Token();
  const std::string request_id = ids::NewUuid();
  const std::string subject_id = ids::NewUuid();
  const pid_t pid = suite->pid("bbv");

  suite->postgres().Stop();
  EXPECT_THAT(LogOne(*suite, token, request_id, subject_id),
              StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(suite->postgres().Run(), IsOk());

  absl::StatusOr<std::string> case_id;
  ASSERT_TRUE(testing::Eventually([&] {
    case_id = LogOne(*suite, token, request_id, subject_id);
    return case_id.ok();
  })) << case_id.status()
      << suite->Log("bbv");
  EXPECT_EQ(suite->pid("bbv"), pid);
  EXPECT_EQ(suite->database("bbv").Query("select count(*) from case_record"), "1");
  ASSERT_TRUE(AwaitDelivered(*suite, "bbv")) << suite->Log("bbv");
  EXPECT_THAT(Faults(*suite, {{"bbv", request_id, *case_id}}), IsEmpty());
}

// What a restore from an older backup leaves: everything after the backup is gone from one database
// and the others know nothing of it.
class Restore : public ::testing::TestWithParam<std::string> {};

TEST_P(Restore, FromAnOlderBackupIsFoundAndMadeGoodByReconciliation) {
  const std::string service = GetParam();
  ASSERT_OK_AND_ASSIGN(const auto suite, harness::Suite::Start({.durable = true}));
  ActivateTenant(*suite);
  Load load(*suite, /*callers=*/2, /*seed=*/11);
  ASSERT_TRUE(load.AwaitAcknowledged(10)) << suite->Log("bbv");
  // The backup: a copy of the database while nobody writes to it.
  suite->KillService(service);
  auto& database = suite->database(service);
  auto& elsewhere = suite->database("bbv");
  const std::string backup = database.name() + "_backup";
  ASSERT_TRUE(testing::Eventually([&] {
    return elsewhere.Query(absl::StrCat("select count(*) from pg_stat_activity where datname = '",
                                        database.name(), "'")) == "0";
  }));
  elsewhere.Query(absl::StrCat("create database ", backup, " template ", database.name()));
  ASSERT_THAT(suite->StartService(service), IsOk());
  ASSERT_TRUE(load.AwaitAcknowledged(10)) << suite->Log("bbv");
  load.Stop();
  ASSERT_TRUE(AwaitDelivered(*suite, "bbv")) << suite->Log("bbv");
  if (service == "audit") {
    ASSERT_TRUE(testing::Eventually([&] {
      return database.Query("select (select max(size) from checkpoint) = count(*) from entry") ==
             "t";
    })) << "not everything is signed\n"
        << suite->Log("audit");
  }

  // The restore.
  suite->KillService(service);
  elsewhere.Query(absl::StrCat("drop database ", database.name(), " with (force)"));
  elsewhere.Query(absl::StrCat("alter database ", backup, " rename to ", database.name()));
  ASSERT_THAT(suite->StartService(service), IsOk());
  // Reconciliation runs at the start of a pathway, and hourly.
  suite->KillService("bbv");
  ASSERT_THAT(suite->StartService("bbv"), IsOk());

  std::vector<std::string> faults;
  EXPECT_TRUE(testing::Eventually(
      [&] {
        faults = Faults(*suite, load.promises());
        return faults.empty();
      },
      absl::Seconds(60)))
      << ::testing::PrintToString(faults) << suite->Log("bbv") << suite->Log(service);
  // What was missing is counted where the alarm looks: by the pathway that sent a plan again, and
  // by the audit log, which does not sign a second history over the one it has signed.
  if (service == "scheduling") {
    EXPECT_GT(suite->Metric("bbv", "waymark_reconcile_differences_total"), 0);
  } else {
    EXPECT_TRUE(testing::Eventually([&] {
      return suite->Metric("audit", "waymark_audit_inconsistencies_total") > 0;
    })) << suite->Log("audit");
  }
}
INSTANTIATE_TEST_SUITE_P(OfEachReceiver, Restore, ::testing::Values("scheduling", "audit"));

}  // namespace
}  // namespace waymark::chaos
