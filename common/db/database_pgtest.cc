#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/database.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "common/testing/schema_walk.h"

namespace waymark::db {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;

absl::Time Soon() { return absl::Now() + absl::Seconds(10); }

TEST(SchemaPgTest, SharedTablesKeepTheRules) {
  testing::TestDatabase database;
  EXPECT_THAT(testing::WalkSchema(database), IsEmpty());
}

TEST(DatabasePgTest, ValuesComeBackAsTheyWentIn) {
  testing::TestDatabase database;
  auto pool = database.Open();
  const std::string bytes("\0\x01\xff'\\", 5);
  const absl::Time instant = absl::FromUnixMicros(1774747800000001);
  ASSERT_THAT(
      pool->Transact(Soon(), "demo",
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

}  // namespace
}  // namespace waymark::db
