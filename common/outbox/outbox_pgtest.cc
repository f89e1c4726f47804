#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/db/idempotency.h"
#include "common/ids/ids.h"
#include "common/outbox/housekeeping.h"
#include "common/outbox/inbox.h"
#include "common/outbox/outbox.h"
#include "common/outbox/reconcile.h"
#include "common/outbox/relay.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "common/testing/test_signal.h"

namespace waymark::outbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;
using testing::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1774747800);
constexpr absl::Duration kNever = absl::Hours(1);

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }
std::string Event(int i) { return ids::DeriveUuid("event", absl::StrCat(i)); }

// A destination that keeps an inbox in a database of its own, as every receiving service does.
class Destination {
 public:
  explicit Destination(const testing::TestDatabase& database) : pool_(database.Open()) {}

  absl::Status Deliver(absl::string_view tenant, const std::vector<Numbered>& batch) {
    {
      absl::MutexLock lock(&mutex_);
      if (!failure_.ok()) return failure_;
    }
    std::vector<Arrival> arrivals;
    for (const Numbered& message : batch) arrivals.push_back({message.number, message.event_id});
    Accepted accepted;
    RETURN_IF_ERROR(pool_->Transact(Soon(), tenant, [&](db::Transaction& txn) -> absl::Status {
      ASSIGN_OR_RETURN(accepted, Accept(txn, "bbv", arrivals, kNow));
      return absl::OkStatus();
    }));
    absl::MutexLock lock(&mutex_);
    contiguous_ = accepted.contiguous;
    for (size_t i = 0; i < batch.size(); ++i) {
      if (accepted.is_new[i]) acted_on_.push_back(batch[i].event_id);
    }
    batches_.push_back(batch);
    return absl::OkStatus();
  }
  void FailWith(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
  }

  absl::StatusOr<InboxState> State(absl::string_view tenant = "demo") {
    std::vector<InboxState> states;
    RETURN_IF_ERROR(pool_->Transact(Soon(), tenant, [&](db::Transaction& txn) -> absl::Status {
      ASSIGN_OR_RETURN(states, InboxStates(txn));
      return absl::OkStatus();
    }));
    return states.empty() ? InboxState() : states[0];
  }
  std::vector<int64_t> Missing(int limit = 100) {
    std::vector<int64_t> missing;
    EXPECT_THAT(pool_->Transact(Soon(), "demo",
                                [&](db::Transaction& txn) -> absl::Status {
                                  ASSIGN_OR_RETURN(missing, MissingNumbers(txn, "bbv", limit));
                                  return absl::OkStatus();
                                }),
                IsOk());
    return missing;
  }

  std::vector<std::string> acted_on() {
    absl::MutexLock lock(&mutex_);
    return acted_on_;
  }
  std::vector<std::vector<Numbered>> batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }
  int64_t contiguous() {
    absl::MutexLock lock(&mutex_);
    return contiguous_;
  }

 private:
  const std::unique_ptr<db::Database> pool_;
  absl::Mutex mutex_;
  absl::Status failure_;
  std::vector<std::string> acted_on_;
  std::vector<std::vector<Numbered>> batches_;
  int64_t contiguous_ = 0;
};

class OutboxPgTest : public ::testing::Test {
 protected:
  void Append(int first, int last, absl::string_view tenant = "demo") {
    ASSERT_THAT(tenants_->Ensure(Soon(), tenant), IsOk());
    for (int i = first; i <= last; ++i) {
      ASSERT_THAT(
          pool_->Transact(
              Soon(), tenant,
              [&](db::Transaction& txn) {
                return outbox::Append(txn, {{"audit", Event(i), absl::StrCat("payload ", i)}});
              }),
          IsOk());
    }
  }
  std::unique_ptr<Relay> MakeRelay(Destination& destination, RelayOptions options = {}) {
    options.destination = "audit";
    if (options.poll == RelayOptions().poll) options.poll = kNever;
    return std::make_unique<Relay>(
        *pool_, *tenants_, options,
        [&destination](absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time) {
          return destination.Deliver(tenant, batch);
        });
  }
  // Turns until there is nothing more.
  static absl::Status Drain(Relay& relay, absl::string_view tenant = "demo") {
    for (bool more = true; more;) {
      ASSIGN_OR_RETURN(more, relay.Turn(tenant));
    }
    return absl::OkStatus();
  }
  std::string Counter() {
    return sender_->Query(
        "SELECT string_agg(last_number || '/' || delivered_through, ' ' ORDER BY tenant)"
        " FROM outbox_counter");
  }
  static std::vector<std::string> Events(int first, int last) {
    std::vector<std::string> events;
    for (int i = first; i <= last; ++i) events.push_back(Event(i));
    return events;
  }

  std::unique_ptr<testing::TestDatabase> sender_ = std::make_unique<testing::TestDatabase>();
  testing::TestDatabase receiver_;
  std::unique_ptr<db::Database> pool_ = sender_->Open(8);
  std::unique_ptr<db::Tenants> tenants_ = std::make_unique<db::Tenants>(*pool_);
  Destination audit_{receiver_};
};

TEST_F(OutboxPgTest, DeliversInOrderUnderNumbersWithoutAGap) {
  Append(1, 7);
  const auto relay = MakeRelay(audit_, {.batch_rows = 3});
  ASSERT_THAT(Drain(*relay), IsOk());
  EXPECT_EQ(audit_.acted_on(), Events(1, 7));
  int64_t expected = 0;
  for (const auto& batch : audit_.batches()) {
    for (const Numbered& message : batch) EXPECT_EQ(message.number, ++expected);
  }
  EXPECT_EQ(audit_.batches()[0][0].payload, "payload 1");
  EXPECT_EQ(Counter(), "7/7");
  EXPECT_EQ(audit_.contiguous(), 7);
  EXPECT_THAT(relay->Turn("demo"), IsOkAndHolds(false));
}

TEST_F(OutboxPgTest, RowThatCommitsLateIsNumberedLateAndNotSkipped) {
  const auto relay = MakeRelay(audit_);
  ASSERT_THAT(pool_->Transact(Soon(), "demo",
                              [&](db::Transaction& txn) -> absl::Status {
                                RETURN_IF_ERROR(outbox::Append(txn, {{"audit", Event(1), "late"}}));
                                Append(2, 3);
                                return Drain(*relay);
                              }),
              IsOk());
  EXPECT_EQ(audit_.acted_on(), Events(2, 3));
  ASSERT_THAT(Drain(*relay), IsOk());
  EXPECT_THAT(audit_.acted_on(), ElementsAre(Event(2), Event(3), Event(1)));
  EXPECT_EQ(audit_.contiguous(), 3);
}

TEST_F(OutboxPgTest, RolledBackMessagesLeaveNoGap) {
  Append(1, 1);
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](db::Transaction& txn) -> absl::Status {
                                RETURN_IF_ERROR(outbox::Append(txn, {{"audit", Event(2), ""}}));
                                return status::FailedPrecondition("NO", "No.");
                              }),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NO"));
  Append(3, 3);
  const auto relay = MakeRelay(audit_);
  ASSERT_THAT(Drain(*relay), IsOk());
  EXPECT_EQ(Counter(), "2/2");
}

TEST_F(OutboxPgTest, SameEventTwiceForOneDestinationIsRefused) {
  Append(1, 1);
  EXPECT_THAT(
      pool_->Transact(
          Soon(), "demo",
          [&](db::Transaction& txn) {
            return outbox::Append(txn, {{"scheduling", Event(1), ""}, {"audit", Event(1), ""}});
          }),
      StatusIs(absl::StatusCode::kAlreadyExists, "UNIQUE_VIOLATED"));
}

TEST_F(OutboxPgTest, BigMessagesGoInSmallBatches) {
  ASSERT_THAT(tenants_->Ensure(Soon(), "demo"), IsOk());
  const std::string big(400, 'x');
  ASSERT_THAT(pool_->Transact(Soon(), "demo",
                              [&](db::Transaction& txn) {
                                return outbox::Append(txn, {{"audit", Event(1), big},
                                                            {"audit", Event(2), big},
                                                            {"audit", Event(3), big + big + big},
                                                            {"audit", Event(4), ""}});
                              }),
              IsOk());
  const auto relay = MakeRelay(audit_, {.batch_bytes = 1000});
  ASSERT_THAT(Drain(*relay), IsOk());
  EXPECT_THAT(audit_.batches(), ElementsAre(SizeIs(2), SizeIs(1), SizeIs(1)));
}

TEST_F(OutboxPgTest, ProcessThatDiesBetweenNumberingAndDeliveringLosesNothing) {
  Append(1, 3);
  {
    const auto relay = MakeRelay(audit_);
    EXPECT_THAT(relay->Turn("demo"), IsOkAndHolds(true));
  }
  EXPECT_EQ(Counter(), "3/0");
  EXPECT_THAT(audit_.acted_on(), IsEmpty());
  Append(4, 4);
  const auto next = MakeRelay(audit_);
  ASSERT_THAT(Drain(*next), IsOk());
  EXPECT_EQ(audit_.acted_on(), Events(1, 4));
  EXPECT_EQ(audit_.contiguous(), 4);
}

TEST_F(OutboxPgTest, ConnectionLostAfterDeliveryDeliversAgainUnderTheSameNumbers) {
  Append(1, 3);
  std::atomic<bool> kill = true;
  Relay relay(*pool_, *tenants_, {.destination = "audit"},
              [&](absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time) {
                absl::Status done = audit_.Deliver(tenant, batch);
                if (kill.exchange(false)) {
                  sender_->Query(
                      "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE"
                      " state = 'idle in transaction' AND datname = current_database()");
                }
                return done;
              });
  EXPECT_THAT(relay.Turn("demo"), IsOkAndHolds(true));
  EXPECT_THAT(relay.Turn("demo"), StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  EXPECT_EQ(Counter(), "3/0");
  ASSERT_THAT(Drain(relay), IsOk());
  EXPECT_EQ(Counter(), "3/3");
  EXPECT_THAT(audit_.batches(), ElementsAre(SizeIs(3), SizeIs(3)));
  EXPECT_EQ(audit_.acted_on(), Events(1, 3));
}

TEST_F(OutboxPgTest, TwoRelaysAtOnceDeliverEachMessageOnceAndInOrder) {
  Append(1, 60);
  std::vector<std::unique_ptr<Relay>> relays;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) relays.push_back(MakeRelay(audit_, {.batch_rows = 7}));
  for (const auto& relay : relays) {
    threads.emplace_back([&relay] {
      const bool drained = testing::Eventually([&] {
        const absl::StatusOr<bool> more = relay->Turn("demo");
        return more.ok() && !*more;
      });
      EXPECT_TRUE(drained);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(audit_.acted_on(), Events(1, 60));
  for (const auto& batch : audit_.batches()) EXPECT_THAT(batch, SizeIs(::testing::Le(7u)));
  EXPECT_EQ(Counter(), "60/60");
}

TEST_F(OutboxPgTest, RelayStandsBackWhileAnotherDelivers) {
  Append(1, 2);
  const auto second = MakeRelay(audit_);
  absl::StatusOr<bool> meanwhile;
  Relay first(*pool_, *tenants_, {.destination = "audit"},
              [&](absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time) {
                meanwhile = second->Turn("demo");
                return audit_.Deliver(tenant, batch);
              });
  ASSERT_THAT(Drain(first), IsOk());
  EXPECT_THAT(meanwhile, StatusIs(absl::StatusCode::kUnavailable, "RELAY_BUSY"));
}

TEST_F(OutboxPgTest, RelayInTheBackgroundIsWokenByTheCommit) {
  const auto relay = MakeRelay(audit_);
  relay->Start();
  ASSERT_THAT(tenants_->Ensure(Soon(), "demo"), IsOk());
  for (int i = 1; i <= 20; ++i) {
    ASSERT_THAT(pool_->Transact(Soon(), "demo",
                                [&](db::Transaction& txn) {
                                  txn.OnCommit([&] { relay->Wake("demo"); });
                                  return outbox::Append(txn, {{"audit", Event(i), ""}});
                                }),
                IsOk());
  }
  EXPECT_TRUE(testing::Eventually([&] { return audit_.acted_on().size() == 20; }));
  EXPECT_EQ(audit_.acted_on(), Events(1, 20));
}

TEST_F(OutboxPgTest, RelayFindsAtStartWhatADeadProcessLeft) {
  Append(1, 2, "kent");
  Append(3, 4, "essex");
  const auto relay = MakeRelay(audit_);
  relay->Start();
  EXPECT_TRUE(testing::Eventually([&] { return audit_.acted_on().size() == 4; }));
}

TEST_F(OutboxPgTest, DestinationThatWasDownGetsEverythingWhenItReturns) {
  audit_.FailWith(status::Unavailable("DOWN", "Down."));
  const auto relay = MakeRelay(
      audit_, {.first_backoff = absl::Milliseconds(5), .longest_backoff = absl::Milliseconds(20)});
  relay->Start();
  Append(1, 3, "kent");
  Append(4, 6, "essex");
  relay->Wake("kent");
  relay->Wake("essex");
  EXPECT_TRUE(testing::Eventually([&] { return Counter() == "3/0 3/0"; }));
  EXPECT_THAT(audit_.acted_on(), IsEmpty());
  audit_.FailWith(absl::OkStatus());
  EXPECT_TRUE(testing::Eventually([&] { return Counter() == "3/3 3/3"; }));
  const std::vector<std::string> acted_on = audit_.acted_on();
  EXPECT_EQ(std::set<std::string>(acted_on.begin(), acted_on.end()).size(), 6u);
}

TEST_F(OutboxPgTest, TenantWhoseMessageIsRefusedDoesNotHoldUpAnother) {
  const auto relay = std::make_unique<Relay>(
      *pool_, *tenants_, RelayOptions{.destination = "audit", .poll = kNever},
      [&](absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time) {
        if (tenant == "kent") return status::InvalidArgument("POISON", "Refused.");
        return audit_.Deliver(tenant, batch);
      });
  Append(1, 1, "kent");
  Append(2, 2, "essex");
  relay->Start();
  EXPECT_TRUE(testing::Eventually([&] { return audit_.acted_on() == Events(2, 2); }));
}

TEST_F(OutboxPgTest, TenantThatMustWaitHoldsUpNobodyAndGetsItsTurn) {
  std::atomic<int> asked = 0;
  std::atomic<bool> ready = false;
  const auto relay = std::make_unique<Relay>(
      *pool_, *tenants_,
      RelayOptions{.destination = "audit",
                   .poll = kNever,
                   .first_backoff = absl::Milliseconds(5),
                   .longest_backoff = absl::Milliseconds(20)},
      [&](absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time) {
        if (tenant == "kent") {
          ++asked;
          if (!ready) return NotYet("Something else comes first.");
        }
        return audit_.Deliver(tenant, batch);
      });
  Append(1, 1, "kent");
  relay->Start();
  EXPECT_TRUE(testing::Eventually([&] { return asked >= 3; }));
  Append(2, 2, "essex");
  relay->Wake("essex");
  EXPECT_TRUE(testing::Eventually([&] { return audit_.acted_on() == Events(2, 2); }));
  ready = true;
  EXPECT_TRUE(testing::Eventually([&] { return audit_.acted_on().size() == 2; }));
}

TEST_F(OutboxPgTest, WaitingIsNoFailureOfTheDestination) {
  // A failure would hold up every tenant for an hour.
  std::atomic<bool> asked = false;
  const auto relay = std::make_unique<Relay>(
      *pool_, *tenants_,
      RelayOptions{.destination = "audit",
                   .poll = kNever,
                   .first_backoff = absl::Hours(1),
                   .longest_backoff = absl::Hours(1)},
      [&](absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time) {
        if (tenant == "kent") {
          asked = true;
          return NotYet("Something else comes first.");
        }
        return audit_.Deliver(tenant, batch);
      });
  Append(1, 1, "kent");
  relay->Start();
  EXPECT_TRUE(testing::Eventually([&] { return asked.load(); }));
  Append(2, 2, "essex");
  relay->Wake("essex");
  EXPECT_TRUE(testing::Eventually([&] { return audit_.acted_on() == Events(2, 2); }));
}

TEST_F(OutboxPgTest, ReceiverRestoredFromAnOlderBackupIsSentWhatItLost) {
  const auto backup_at_4 = [&] {
    Append(1, 4);
    Destination before(receiver_);
    const auto relay = MakeRelay(before);
    EXPECT_THAT(Drain(*relay), IsOk());
    return receiver_.Copy();
  };
  testing::TestDatabase& live = receiver_;
  const std::unique_ptr<testing::TestDatabase> backup = backup_at_4();
  Append(5, 9);
  Destination before(live);
  ASSERT_THAT(Drain(*MakeRelay(before)), IsOk());
  EXPECT_EQ(Counter(), "9/9");

  // From here on the destination is what the backup holds: 1 to 4.
  Destination restored(*backup);
  std::unique_ptr<Relay> relay;
  relay = std::make_unique<Relay>(
      *pool_, *tenants_, RelayOptions{.destination = "audit"},
      [&](absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time) {
        RETURN_IF_ERROR(restored.Deliver(tenant, batch));
        // What every client of a receiving service does with the number in its response.
        if (restored.contiguous() < batch.back().number) {
          relay->ResendFrom(tenant, restored.contiguous() + 1);
        }
        return absl::OkStatus();
      });
  Append(10, 10);
  EXPECT_THAT(relay->Turn("demo"), IsOkAndHolds(true));
  EXPECT_THAT(relay->Turn("demo"), IsOk());
  // The new message was not held up by the gap, and the gap is there to see.
  EXPECT_EQ(restored.acted_on(), Events(10, 10));
  ASSERT_OK_AND_ASSIGN(const InboxState gap, restored.State());
  EXPECT_EQ(gap.contiguous, 4);
  EXPECT_EQ(gap.highest, 10);
  EXPECT_EQ(gap.gap_since, kNow);
  EXPECT_THAT(restored.Missing(), ElementsAre(5, 6, 7, 8, 9));
  EXPECT_THAT(restored.Missing(2), ElementsAre(5, 6));

  ASSERT_THAT(Drain(*relay), IsOk());
  ASSERT_OK_AND_ASSIGN(const InboxState filled, restored.State());
  EXPECT_EQ(filled.contiguous, 10);
  EXPECT_EQ(filled.gap_since, std::nullopt);
  EXPECT_THAT(restored.acted_on(), SizeIs(6));
  EXPECT_THAT(restored.Missing(), IsEmpty());
  EXPECT_EQ(Counter(), "10/10");
}

TEST_F(OutboxPgTest, SourceRestoredFromAnOlderBackupIsNoticedAndNothingIsDropped) {
  Append(1, 4);
  ASSERT_THAT(Drain(*MakeRelay(audit_)), IsOk());
  tenants_.reset();
  pool_.reset();
  std::unique_ptr<testing::TestDatabase> backup = sender_->Copy();
  pool_ = sender_->Open(8);
  tenants_ = std::make_unique<db::Tenants>(*pool_);
  Append(5, 6);
  ASSERT_THAT(Drain(*MakeRelay(audit_)), IsOk());
  ASSERT_EQ(audit_.contiguous(), 6);

  tenants_.reset();
  pool_ = backup->Open(8);
  tenants_ = std::make_unique<db::Tenants>(*pool_);
  Append(7, 9);  // under the numbers 5 to 7
  ASSERT_THAT(Drain(*MakeRelay(audit_)), IsOk());
  EXPECT_EQ(audit_.acted_on(), Events(1, 9));
  ASSERT_OK_AND_ASSIGN(const InboxState state, audit_.State());
  EXPECT_EQ(state.stepped_back_at, kNow);
  EXPECT_EQ(state.stepped_back_number, 5);
  EXPECT_EQ(state.contiguous, 7);
  pool_.reset();
}

TEST_F(OutboxPgTest, ResendOfWhatIsNoLongerKeptChangesNothing) {
  Append(1, 3);
  const auto relay = MakeRelay(audit_);
  ASSERT_THAT(Drain(*relay), IsOk());
  sender_->Query("DELETE FROM outbox WHERE number = 2");
  relay->ResendFrom("demo", 2);
  EXPECT_THAT(Drain(*relay), IsOk());
  EXPECT_EQ(Counter(), "3/3");
  EXPECT_THAT(audit_.batches(), SizeIs(1));
}

TEST_F(OutboxPgTest, NumberThatWasLostBeforeItsDeliveryStopsTheTenantLoudly) {
  Append(1, 3);
  const auto relay = MakeRelay(audit_);
  EXPECT_THAT(relay->Turn("demo"), IsOkAndHolds(true));
  sender_->Query("DELETE FROM outbox WHERE number = 1");
  EXPECT_THAT(relay->Turn("demo"), StatusIs(absl::StatusCode::kDataLoss, "OUTBOX_ROW_MISSING"));
}

TEST_F(OutboxPgTest, DeliveredRowsAreKeptFor35DaysAndThenGo) {
  Append(1, 3);
  const auto relay = MakeRelay(audit_);
  ASSERT_THAT(Drain(*relay), IsOk());
  Append(4, 4);
  const absl::Time now = absl::Now();
  ASSERT_THAT(KeepHouse(*pool_, *tenants_, now + kRetention - absl::Hours(1)), IsOk());
  EXPECT_EQ(sender_->Query("SELECT count(*) FROM outbox"), "4");
  ASSERT_THAT(KeepHouse(*pool_, *tenants_, now + kRetention + absl::Hours(25)), IsOk());
  EXPECT_EQ(sender_->Query("SELECT count(*) FROM outbox"), "1");
  ASSERT_THAT(Drain(*relay), IsOk());
  EXPECT_EQ(audit_.acted_on(), Events(1, 4));
}

// The relay of ProcessKilledAtAnyPointLosesNothing: a process of its own, told by the environment
// what to work on and where to die.
TEST(DISABLED_RelayProcess, DiesWhereItIsTold) {
  const char* const sender = std::getenv("WAYMARK_TEST_SENDER");
  const char* const receiver = std::getenv("WAYMARK_TEST_RECEIVER");
  const char* const die = std::getenv("WAYMARK_TEST_DIE");
  if (sender == nullptr || receiver == nullptr || die == nullptr) GTEST_SKIP();
  const auto die_if = [die](absl::string_view here) {
    if (here == die) kill(getpid(), SIGKILL);
  };
  db::Database pool({.dsn = crypto::SecretBytes(sender)});
  db::Database inbox({.dsn = crypto::SecretBytes(receiver)});
  db::Tenants tenants(pool);
  Relay relay(pool, tenants, {.destination = "audit", .batch_rows = 2},
              [&](absl::string_view tenant, const std::vector<Numbered>& batch, absl::Time) {
                die_if("before delivery");
                std::vector<Arrival> arrivals;
                for (const Numbered& m : batch) arrivals.push_back({m.number, m.event_id});
                absl::Status done = inbox.Transact(Soon(), tenant, [&](db::Transaction& txn) {
                  return Accept(txn, "bbv", arrivals, kNow).status();
                });
                die_if("after delivery");
                return done;
              });
  for (bool more = true; more;) {
    ASSERT_OK_AND_ASSIGN(more, relay.Turn("demo"));
    die_if("after a turn");
  }
}

TEST_F(OutboxPgTest, ProcessKilledAtAnyPointLosesNothing) {
  setenv("WAYMARK_TEST_SENDER", sender_->runtime_dsn().Reveal().c_str(), 1);
  setenv("WAYMARK_TEST_RECEIVER", receiver_.runtime_dsn().Reveal().c_str(), 1);
  int appended = 0;
  for (const char* die : {"before delivery", "after delivery", "after a turn", "after delivery",
                          "before delivery", "nowhere"}) {
    Append(appended + 1, appended + 3);
    appended += 3;
    setenv("WAYMARK_TEST_DIE", die, 1);
    const int result = std::system(
        "exec /proc/$PPID/exe --gtest_also_run_disabled_tests"
        " --gtest_filter=DISABLED_RelayProcess.* > /dev/null 2>&1");
    if (die == absl::string_view("nowhere")) {
      EXPECT_TRUE(WIFEXITED(result) && WEXITSTATUS(result) == 0) << result;
    } else {
      EXPECT_TRUE(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL) << die << ": " << result;
    }
  }
  EXPECT_EQ(Counter(), "18/18");
  EXPECT_EQ(receiver_.Query("SELECT contiguous || '/' || highest FROM inbox"), "18/18");
  EXPECT_EQ(receiver_.Query("SELECT count(*) || '/' || count(DISTINCT event_id)"
                            " FROM inbox_arrival"),
            "18/18");
  EXPECT_EQ(receiver_.Query("SELECT stepped_back_at FROM inbox"), "");
}

class InboxPgTest : public ::testing::Test {
 protected:
  Accepted Take(const std::vector<Arrival>& arrivals, absl::Time now = kNow) {
    Accepted accepted;
    EXPECT_THAT(pool_->Transact(Soon(), "demo",
                                [&](db::Transaction& txn) -> absl::Status {
                                  ASSIGN_OR_RETURN(accepted, Accept(txn, "bbv", arrivals, now));
                                  return absl::OkStatus();
                                }),
                IsOk());
    return accepted;
  }
  testing::TestDatabase database_;
  std::unique_ptr<db::Database> pool_ = database_.Open();
};

TEST_F(InboxPgTest, RepeatedNumbersAreNotNew) {
  EXPECT_THAT(Take({{1, Event(1)}, {2, Event(2)}}).is_new, ElementsAre(true, true));
  const Accepted again = Take({{2, Event(2)}, {3, Event(3)}});
  EXPECT_THAT(again.is_new, ElementsAre(false, true));
  EXPECT_EQ(again.contiguous, 3);
  EXPECT_EQ(again.stepped_back, std::nullopt);
  EXPECT_FALSE(again.has_gap());
}

TEST_F(InboxPgTest, GapIsAcceptedAndClosesInAnyOrder) {
  EXPECT_EQ(Take({{1, Event(1)}}).contiguous, 1);
  EXPECT_TRUE(Take({{4, Event(4)}, {6, Event(6)}}).has_gap());
  EXPECT_EQ(Take({{3, Event(3)}}, kNow + absl::Hours(1)).contiguous, 1);
  EXPECT_EQ(database_.Query("SELECT gap_since = to_timestamp(1774747800) FROM inbox"), "t");
  EXPECT_EQ(Take({{2, Event(2)}}).contiguous, 4);
  const Accepted closed = Take({{5, Event(5)}});
  EXPECT_EQ(closed.contiguous, 6);
  EXPECT_FALSE(closed.has_gap());
  EXPECT_EQ(database_.Query("SELECT gap_since FROM inbox"), "");
}

TEST_F(InboxPgTest, NumberFarAheadIsAGapThatCostsNothingToList) {
  Take({{1, Event(1)}, {int64_t{1} << 60, Event(2)}});
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](db::Transaction& txn) -> absl::Status {
                                ASSIGN_OR_RETURN(const auto missing, MissingNumbers(txn, "bbv", 3));
                                EXPECT_THAT(missing, ElementsAre(2, 3, 4));
                                return absl::OkStatus();
                              }),
              IsOk());
}

TEST_F(InboxPgTest, NumberThatComesForAnotherEventIsAStepBackAndNew) {
  Take({{1, Event(1)}, {2, Event(2)}});
  const Accepted stepped = Take({{2, Event(9)}});
  EXPECT_THAT(stepped.is_new, ElementsAre(true));
  EXPECT_EQ(stepped.stepped_back, 2);
  EXPECT_THAT(Take({{2, Event(9)}}).is_new, ElementsAre(false));
}

TEST_F(InboxPgTest, NumberBelowOneOrTwiceInABatchIsRefused) {
  const std::vector<std::vector<Arrival>> malformed = {{{0, Event(1)}},
                                                       {{1, Event(1)}, {1, Event(2)}}};
  for (const auto& arrivals : malformed) {
    EXPECT_THAT(pool_->Transact(Soon(), "demo",
                                [&](db::Transaction& txn) {
                                  return Accept(txn, "bbv", arrivals, kNow).status();
                                }),
                StatusIs(absl::StatusCode::kInvalidArgument, "NUMBER_MALFORMED"));
  }
}

}  // namespace
}  // namespace waymark::outbox
