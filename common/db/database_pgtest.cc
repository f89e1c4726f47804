#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/database.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "common/testing/schema_walk.h"
#include "common/testing/test_signal.h"

namespace waymark::db {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

// A database with one more table that any test may write to.
class DatabasePgTest : public ::testing::Test {
 protected:
  DatabasePgTest() {
    database_.Query(
        "CREATE TABLE note (tenant text, id int, word text, PRIMARY KEY (tenant, id),"
        " CONSTRAINT word_is_unique UNIQUE (tenant, word));"
        "GRANT SELECT, INSERT, UPDATE ON note TO waymark_runtime;"
        "CREATE FUNCTION clash() RETURNS int LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'again' USING ERRCODE = '40001'; END $$;"
        "SELECT 1");
  }

  absl::Status Insert(Transaction& txn, int id, absl::string_view word) {
    return txn.Exec("INSERT INTO note VALUES ($1, $2, $3)", txn.tenant(), id, word).status();
  }
  std::string Notes() { return database_.Query("SELECT count(*) FROM note"); }
  static std::string Backend(Transaction& txn) {
    return Text((*txn.ExecRow("SELECT pg_backend_pid()"))[0]);
  }
  void Kill(const std::string& backend) {
    database_.Query(absl::StrCat("SELECT pg_terminate_backend(", backend, ", 5000)"));
  }

  testing::TestDatabase database_;
  std::unique_ptr<Database> pool_ = database_.Open();
};

TEST(SchemaPgTest, SharedTablesKeepTheRules) {
  testing::TestDatabase database;
  EXPECT_THAT(testing::WalkSchema(database), IsEmpty());
}

TEST_F(DatabasePgTest, ValuesComeBackAsTheyWentIn) {
  const std::string bytes("\0\x01\xff'\\", 5);
  const absl::Time instant = absl::FromUnixMicros(1774747800000001);
  ASSERT_THAT(
      pool_->Transact(Soon(), "demo",
                      [&](Transaction& txn) -> absl::Status {
                        ASSIGN_OR_RETURN(
                            const pqxx::row row,
                            txn.ExecRow(
                                "SELECT $1::text, $2::bigint, $3::bool, $4::bytea, $5::timestamptz,"
                                " $6::text, $7::bytea, $8::float8",
                                "O'Neill \\ \"x\"", int64_t{-9007199254740993}, true, Bytea{bytes},
                                instant, std::optional<std::string>(), Bytea{""}, 0.1));
                        EXPECT_EQ(Text(row[0]), "O'Neill \\ \"x\"");
                        EXPECT_EQ(Int(row[1]), -9007199254740993);
                        EXPECT_TRUE(Bool(row[2]));
                        EXPECT_EQ(Bytes(row[3]), bytes);
                        EXPECT_EQ(Instant(row[4]), instant);
                        EXPECT_EQ(Optional<std::string>(row[5]), std::nullopt);
                        EXPECT_FALSE(row[6].is_null());
                        EXPECT_EQ(Bytes(row[6]), "");
                        EXPECT_EQ(Double(row[7]), 0.1);
                        return absl::OkStatus();
                      }),
      IsOk());
}

TEST_F(DatabasePgTest, BulkArraysArriveRowByRow) {
  const std::vector<std::optional<std::string>> payloads = {std::string("a\0b", 3), std::nullopt};
  const std::vector<std::optional<absl::Time>> instants = {absl::FromUnixMicros(1), std::nullopt};
  ASSERT_THAT(
      pool_->Transact(
          Soon(), "demo",
          [&](Transaction& txn) -> absl::Status {
            ASSIGN_OR_RETURN(
                const pqxx::result rows,
                txn.Exec("SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bytea[],"
                         " $5::timestamptz[], $6::bool[])",
                         UuidArray({"018f4d3c-0000-7000-8000-000000000001",
                                    "018f4d3c-0000-7000-8000-000000000002"}),
                         TextArray(std::vector<std::string>{"x,\"y\"\\", "NULL"}),
                         Int8Array({-1, 2}), ByteaArray(payloads), InstantArray(instants),
                         BoolArray({true, false})));
            EXPECT_EQ(rows.size(), 2u);
            EXPECT_EQ(Text(rows[0][1]), "x,\"y\"\\");
            EXPECT_EQ(Text(rows[1][1]), "NULL");
            EXPECT_EQ(Int(rows[0][2]), -1);
            EXPECT_EQ(OptionalBytes(rows[0][3]), payloads[0]);
            EXPECT_EQ(OptionalBytes(rows[1][3]), std::nullopt);
            EXPECT_EQ(Optional<absl::Time>(rows[0][4]), instants[0]);
            EXPECT_EQ(Optional<absl::Time>(rows[1][4]), std::nullopt);
            EXPECT_FALSE(Bool(rows[1][5]));
            ASSIGN_OR_RETURN(const pqxx::result none,
                             txn.Exec("SELECT * FROM unnest($1::bytea[], $2::uuid[])",
                                      ByteaArray(std::vector<std::string>()), UuidArray({})));
            EXPECT_TRUE(none.empty());
            return absl::OkStatus();
          }),
      IsOk());
}

TEST_F(DatabasePgTest, TenantSeesItsOwnRowsAndNoOther) {
  ASSERT_THAT(
      pool_->Transact(Soon(), "kent",
                      [&](Transaction& txn) {
                        return txn
                            .Exec(
                                "INSERT INTO outbox (tenant, destination, event_id, payload) VALUES"
                                " ('kent', 'audit', gen_random_uuid(), '')")
                            .status();
                      }),
      IsOk());
  const auto count = [&](Transaction& txn, std::string* seen) -> absl::Status {
    ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow("SELECT count(*) FROM outbox"));
    *seen = Text(row[0]);
    return absl::OkStatus();
  };
  std::string kent, essex, nobody;
  EXPECT_THAT(pool_->Transact(Soon(), "kent", [&](Transaction& t) { return count(t, &kent); }),
              IsOk());
  EXPECT_THAT(pool_->Transact(Soon(), "essex", [&](Transaction& t) { return count(t, &essex); }),
              IsOk());
  EXPECT_THAT(
      pool_->TransactWithoutTenant(Soon(), [&](Transaction& t) { return count(t, &nobody); }),
      IsOk());
  EXPECT_EQ(kent, "1");
  EXPECT_EQ(essex, "0");
  EXPECT_EQ(nobody, "0");
  EXPECT_THAT(pool_->Transact(Soon(), "essex",
                              [&](Transaction& txn) {
                                return txn
                                    .Exec(
                                        "INSERT INTO outbox (tenant, destination, event_id,"
                                        " payload) VALUES"
                                        " ('kent', 'audit', gen_random_uuid(), '')")
                                    .status();
                              }),
              StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
}

TEST_F(DatabasePgTest, MalformedTenantNeverReachesTheServer) {
  for (const char* tenant : {"", "a b", "x'; DROP TABLE note; --", "caf\xc3\xa9"}) {
    EXPECT_THAT(pool_->Transact(Soon(), tenant, [](Transaction&) { return absl::OkStatus(); }),
                StatusIs(absl::StatusCode::kInvalidArgument, "TENANT_MALFORMED"));
  }
  EXPECT_EQ(pool_->pool().open, 0);
}

TEST_F(DatabasePgTest, WorkThatReturnsAnErrorLeavesNothing) {
  bool hooked = false;
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) -> absl::Status {
                                txn.OnCommit([&] { hooked = true; });
                                RETURN_IF_ERROR(Insert(txn, 1, "a"));
                                return status::FailedPrecondition("NO", "No.");
                              }),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NO"));
  EXPECT_EQ(Notes(), "0");
  EXPECT_FALSE(hooked);
}

TEST_F(DatabasePgTest, WorkThatIgnoresAFailedStatementStillFails) {
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) {
                                EXPECT_THAT(Insert(txn, 1, "a"), IsOk());
                                EXPECT_THAT(Insert(txn, 1, "b"), Not(IsOk()));
                                EXPECT_THAT(Insert(txn, 2, "c"), Not(IsOk()));
                                return absl::OkStatus();
                              }),
              StatusIs(absl::StatusCode::kAlreadyExists, "UNIQUE_VIOLATED"));
  EXPECT_EQ(Notes(), "0");
}

TEST_F(DatabasePgTest, ErrorsNameTheConstraintAndNeverTheValue) {
  const absl::Status status =
      pool_->Transact(Soon(), "demo", [&](Transaction& txn) -> absl::Status {
        RETURN_IF_ERROR(Insert(txn, 1, "hepatitis"));
        return Insert(txn, 2, "hepatitis");
      });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists, "UNIQUE_VIOLATED"));
  EXPECT_EQ(Constraint(status), "word_is_unique");
  EXPECT_EQ(Sqlstate(status), "23505");
  EXPECT_THAT(status.ToString(), Not(HasSubstr("hepatitis")));
}

TEST_F(DatabasePgTest, TextThatPostgresCannotHoldIsRefused) {
  EXPECT_THAT(pool_->Transact(
                  Soon(), "demo",
                  [&](Transaction& txn) { return Insert(txn, 1, absl::string_view("a\0b", 3)); }),
              StatusIs(absl::StatusCode::kInvalidArgument, "TEXT_HAS_ZERO_BYTE"));
  EXPECT_THAT(
      pool_->Transact(Soon(), "demo", [&](Transaction& txn) { return Insert(txn, 1, "\xff"); }),
      StatusIs(absl::StatusCode::kInvalidArgument, "TEXT_NOT_UTF8"));
}

TEST_F(DatabasePgTest, ReaderOfAnUnexpectedNullDoesNotEscapeAsAnException) {
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) -> absl::Status {
                                ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow("SELECT NULL"));
                                EXPECT_EQ(Text(row[0]), "never reached");
                                return absl::OkStatus();
                              }),
              StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
}

TEST_F(DatabasePgTest, SerializationFailureRunsTheWorkAfresh) {
  ASSERT_THAT(
      pool_->Transact(Soon(), "demo", [&](Transaction& txn) { return Insert(txn, 1, "0"); }),
      IsOk());
  const auto bump = [](Transaction& txn) {
    return txn
        .Exec("UPDATE note SET word = word::int + 1 WHERE tenant = $1 AND id = 1", txn.tenant())
        .status();
  };
  int runs = 0;
  EXPECT_THAT(pool_->Transact(Soon(), "demo", {.serializable = true},
                              [&](Transaction& txn) -> absl::Status {
                                RETURN_IF_ERROR(txn.Exec("SELECT word FROM note").status());
                                if (++runs == 1) {
                                  EXPECT_THAT(pool_->Transact(Soon(), "demo", bump), IsOk());
                                }
                                return bump(txn);
                              }),
              IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(database_.Query("SELECT word FROM note"), "2");
}

TEST_F(DatabasePgTest, ConflictThatStaysIsAbortedAfterThreeRetries) {
  int runs = 0;
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) {
                                ++runs;
                                return txn.Exec("SELECT clash()").status();
                              }),
              StatusIs(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"));
  EXPECT_EQ(runs, 4);
  EXPECT_EQ(pool_->pool().idle, 1);
}

TEST_F(DatabasePgTest, StatementEndsAtTheDeadlineAndTheConnectionLivesOn) {
  const absl::Time start = absl::Now();
  EXPECT_THAT(
      pool_->Transact(start + absl::Milliseconds(100), "demo",
                      [&](Transaction& txn) { return txn.Exec("SELECT pg_sleep(30)").status(); }),
      StatusIs(absl::StatusCode::kDeadlineExceeded, "DATABASE_DEADLINE"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_EQ(pool_->pool().idle, 1);
  EXPECT_THAT(pool_->Ping(Soon()), IsOk());
  EXPECT_THAT(pool_->Ping(absl::Now() - absl::Seconds(1)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "DATABASE_DEADLINE"));
}

TEST_F(DatabasePgTest, WhoWaitsForAConnectionWaitsUntilTheDeadlineOnly) {
  const std::unique_ptr<Database> one = database_.Open(1);
  EXPECT_THAT(one->Transact(Soon(), "demo",
                            [&](Transaction&) {
                              EXPECT_THAT(
                                  one->Ping(absl::Now() + absl::Milliseconds(50)),
                                  StatusIs(absl::StatusCode::kResourceExhausted, "DATABASE_BUSY"));
                              return absl::OkStatus();
                            }),
              IsOk());
}

TEST_F(DatabasePgTest, ThirtyTwoCallersShareTwoConnections) {
  const std::unique_ptr<Database> two = database_.Open(2);
  std::atomic<int> saved = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 32; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 10; ++i) {
        const int id = caller * 10 + i;
        const absl::Status done = two->Transact(
            Soon(), "demo", [&](Transaction& txn) { return Insert(txn, id, absl::StrCat(id)); });
        if (done.ok()) ++saved;
        EXPECT_LE(two->pool().open, 2);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(saved, 320);
  EXPECT_EQ(Notes(), "320");
  EXPECT_EQ(two->pool().open, two->pool().idle);
}

TEST_F(DatabasePgTest, ConnectionLostBeforeCommitIsInDoubtAndNeverAcknowledged) {
  bool hooked = false;
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) -> absl::Status {
                                txn.OnCommit([&] { hooked = true; });
                                RETURN_IF_ERROR(Insert(txn, 1, "a"));
                                Kill(Backend(txn));
                                return absl::OkStatus();
                              }),
              StatusIs(absl::StatusCode::kUnavailable, "COMMIT_IN_DOUBT"));
  EXPECT_FALSE(hooked);
  EXPECT_EQ(Notes(), "0");
  EXPECT_EQ(pool_->pool().open, 0);
  EXPECT_THAT(
      pool_->Transact(Soon(), "demo", [&](Transaction& txn) { return Insert(txn, 1, "a"); }),
      IsOk());
  EXPECT_EQ(Notes(), "1");
}

TEST_F(DatabasePgTest, ConnectionLostDuringTheWorkIsUnavailableAndNothingIsWritten) {
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) -> absl::Status {
                                RETURN_IF_ERROR(Insert(txn, 1, "a"));
                                Kill(Backend(txn));
                                return Insert(txn, 2, "b");
                              }),
              StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  EXPECT_EQ(Notes(), "0");
  EXPECT_THAT(pool_->Ping(Soon()), IsOk());
}

TEST_F(DatabasePgTest, ConnectionLostWhileIdleIsReplacedUnnoticed) {
  std::string backend;
  ASSERT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) {
                                backend = Backend(txn);
                                return absl::OkStatus();
                              }),
              IsOk());
  Kill(backend);
  std::string tenant;
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) -> absl::Status {
                                ASSIGN_OR_RETURN(
                                    const pqxx::row row,
                                    txn.ExecRow("SELECT current_setting('waymark.tenant', true)"));
                                tenant = Text(row[0]);
                                return absl::OkStatus();
                              }),
              IsOk());
  EXPECT_EQ(tenant, "demo");
}

TEST_F(DatabasePgTest, CommitThatNeverAnswersIsInDoubtAtTheDeadline) {
  if (std::getenv("WAYMARK_TEST_POSTGRES") != nullptr) GTEST_SKIP() << "not our server to freeze";
  int backend = 0;
  const absl::Time start = absl::Now();
  EXPECT_THAT(pool_->Transact(start + absl::Milliseconds(300), "demo",
                              [&](Transaction& txn) -> absl::Status {
                                RETURN_IF_ERROR(Insert(txn, 1, "a"));
                                EXPECT_TRUE(absl::SimpleAtoi(Backend(txn), &backend));
                                kill(backend, SIGSTOP);
                                return absl::OkStatus();
                              }),
              StatusIs(absl::StatusCode::kUnavailable, "COMMIT_IN_DOUBT"));
  kill(backend, SIGCONT);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_THAT(pool_->Ping(Soon()), IsOk());
}

TEST_F(DatabasePgTest, CommitHooksMayUseTheDatabase) {
  const std::unique_ptr<Database> one = database_.Open(1);
  absl::Status inner = absl::UnknownError("not run");
  EXPECT_THAT(one->Transact(Soon(), "demo",
                            [&](Transaction& txn) {
                              txn.OnCommit([&] { inner = one->Ping(Soon()); });
                              return absl::OkStatus();
                            }),
              IsOk());
  EXPECT_THAT(inner, IsOk());
}

TEST(DatabaseRestartPgTest, ServerThatStopsIsUnavailableAndServesAgainWithoutARestartOfOurs) {
  if (std::getenv("WAYMARK_TEST_POSTGRES") != nullptr) GTEST_SKIP() << "not our server to stop";
  ASSERT_OK_AND_ASSIGN(const auto cluster, testing::PostgresCluster::Start());
  const testing::TestDatabase database({}, *cluster);
  const std::unique_ptr<Database> pool = database.Open();
  ASSERT_THAT(pool->Ping(Soon()), IsOk());
  cluster->Stop();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(pool->Ping(Soon()),
                StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  }
  ASSERT_THAT(cluster->Run(), IsOk());
  EXPECT_THAT(pool->Ping(Soon()), IsOk());
}

TEST(DatabaseRestartPgTest, HostThatDoesNotAnswerIsSkippedForOneThatDoes) {
  const testing::TestDatabase database;
  const std::string dsn = database.runtime_dsn().Reveal();
  const size_t host = dsn.find("host=");
  if (host == std::string::npos) GTEST_SKIP() << "the borrowed server has no host in its DSN";
  Database pool({.dsn = crypto::SecretBytes(std::string(dsn).insert(host + 5, "/nowhere,"))});
  EXPECT_THAT(pool.Ping(Soon()), IsOk());
}

}  // namespace
}  // namespace waymark::db
