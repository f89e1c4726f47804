#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/idempotency.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "common/testing/test_signal.h"

namespace waymark::db {
namespace {

using ::testing::Eq;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::Optional;
using testing::StatusIs;

constexpr char kId[] = "018f4d3c-0000-7000-8000-000000000001";
const absl::Time kNow = absl::FromUnixSeconds(1774747800);

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

OnceKey Key(char digest = 'd') {
  return {.caller = "nurse-1",
          .method = "/waymark.bbv.v1.BbvService/LogExposure",
          .request_id = kId,
          .request_sha256 = std::string(32, digest)};
}

class OncePgTest : public ::testing::Test {
 protected:
  // Step by step: the response of the first run is `mine`; what was answered comes back.
  absl::StatusOr<std::string> Answer(const OnceKey& key, const std::string& mine,
                                     absl::string_view tenant = "demo") {
    std::string answer;
    RETURN_IF_ERROR(pool_->Transact(Soon(), tenant, [&](Transaction& txn) -> absl::Status {
      ASSIGN_OR_RETURN(const std::optional<std::string> found, ClaimOnce(txn, key, kNow));
      answer = found.value_or(mine);
      return found ? absl::OkStatus() : StoreOnce(txn, key, mine);
    }));
    return answer;
  }

  testing::TestDatabase database_;
  std::unique_ptr<Database> pool_ = database_.Open(8);
};

TEST_F(OncePgTest, RepeatedRequestGetsTheFirstAnswerAndIsWrittenDown) {
  const std::string bytes("\0first\xff", 7);
  EXPECT_THAT(Answer(Key(), bytes), IsOkAndHolds(bytes));
  EXPECT_THAT(Answer(Key(), "second"), IsOkAndHolds(bytes));
  EXPECT_EQ(database_.Query("SELECT answers FROM idempotency_key"), "2");
}

TEST_F(OncePgTest, SameIdForAnotherRequestIsRefused) {
  ASSERT_THAT(Answer(Key('a'), "first"), IsOk());
  EXPECT_THAT(Answer(Key('b'), "second"),
              StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_F(OncePgTest, SameIdOfAnotherTenantIsAnotherRequest) {
  ASSERT_THAT(Answer(Key(), "kent", "kent"), IsOk());
  EXPECT_THAT(Answer(Key(), "essex", "essex"), IsOkAndHolds(std::string("essex")));
}

TEST_F(OncePgTest, FindOnceSeesOnlyFinishedRequests) {
  const auto find = [&](const OnceKey& key) {
    absl::StatusOr<std::optional<std::string>> found;
    const absl::Status done = pool_->Transact(Soon(), "demo", [&](Transaction& txn) {
      found = FindOnce(txn, key, kNow);
      return found.status();
    });
    return done.ok() ? found : done;
  };
  EXPECT_THAT(find(Key()), IsOkAndHolds(Eq(std::nullopt)));
  ASSERT_THAT(Answer(Key(), "first"), IsOk());
  EXPECT_THAT(find(Key()), IsOkAndHolds(Optional(std::string("first"))));
  EXPECT_THAT(find(Key('x')), StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
  EXPECT_EQ(database_.Query("SELECT answers FROM idempotency_key"), "2");
}

TEST_F(OncePgTest, TwinWaitsForTheFirstAndReadsItsAnswer) {
  absl::StatusOr<std::string> twin;
  std::thread other;
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) -> absl::Status {
                                ASSIGN_OR_RETURN(const auto found, ClaimOnce(txn, Key(), kNow));
                                EXPECT_EQ(found, std::nullopt);
                                other = std::thread([&] { twin = Answer(Key(), "twin"); });
                                EXPECT_TRUE(testing::Eventually([&] {
                                  return database_.Query(
                                             "SELECT count(*) FROM pg_locks WHERE NOT"
                                             " granted") == "1";
                                }));
                                return StoreOnce(txn, Key(), "first");
                              }),
              IsOk());
  other.join();
  EXPECT_THAT(twin, IsOkAndHolds(std::string("first")));
}

TEST_F(OncePgTest, TwinGoesFirstWhenTheFirstRollsBack) {
  absl::StatusOr<std::string> twin;
  std::thread other;
  EXPECT_THAT(pool_->Transact(Soon(), "demo",
                              [&](Transaction& txn) -> absl::Status {
                                RETURN_IF_ERROR(ClaimOnce(txn, Key(), kNow).status());
                                other = std::thread([&] { twin = Answer(Key(), "twin"); });
                                EXPECT_TRUE(testing::Eventually([&] {
                                  return database_.Query(
                                             "SELECT count(*) FROM pg_locks WHERE NOT"
                                             " granted") == "1";
                                }));
                                return status::FailedPrecondition("NO", "No.");
                              }),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NO"));
  other.join();
  EXPECT_THAT(twin, IsOkAndHolds(std::string("twin")));
}

TEST_F(OncePgTest, ManyTwinsGetOneAnswer) {
  std::vector<std::string> answers(8);
  std::vector<std::thread> twins;
  for (int i = 0; i < 8; ++i) {
    twins.emplace_back([&, i] {
      const absl::StatusOr<std::string> answer = Answer(Key(), absl::StrCat("answer ", i));
      ASSERT_THAT(answer, IsOk());
      answers[i] = *answer;
    });
  }
  for (std::thread& twin : twins) twin.join();
  EXPECT_THAT(answers, ::testing::Each(answers[0]));
  EXPECT_EQ(database_.Query("SELECT count(*) || '|' || sum(answers) FROM idempotency_key"), "1|8");
}

TEST_F(OncePgTest, PurgeRemovesOldRowsOfTheTenantOnly) {
  ASSERT_THAT(Answer(Key(), "a", "kent"), IsOk());
  ASSERT_THAT(Answer(Key(), "a", "essex"), IsOk());
  int64_t purged = -1;
  const auto purge = [&](absl::Time before) {
    return pool_->Transact(Soon(), "kent", [&](Transaction& txn) -> absl::Status {
      ASSIGN_OR_RETURN(purged, PurgeOnce(txn, before));
      return absl::OkStatus();
    });
  };
  EXPECT_THAT(purge(kNow), IsOk());
  EXPECT_EQ(purged, 0);
  EXPECT_THAT(purge(kNow + absl::Microseconds(1)), IsOk());
  EXPECT_EQ(purged, 1);
  EXPECT_EQ(database_.Query("SELECT string_agg(tenant, ',') FROM idempotency_key"), "essex");
}

}  // namespace
}  // namespace waymark::db
