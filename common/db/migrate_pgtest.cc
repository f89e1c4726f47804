#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/migrate.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"

namespace waymark::db {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

// A line "zoo" in a folder of its own, with two files.
class MigratePgTest : public ::testing::Test {
 protected:
  MigratePgTest() {
    std::string pattern = ::testing::TempDir() + "/waymark-zoo-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    Write("0001_create_animal.sql",
          "CREATE TABLE animal (tenant text PRIMARY KEY); GRANT SELECT ON animal TO ${runtime};");
    Write("0002_add_name.sql", "ALTER TABLE animal ADD name text;");
  }
  ~MigratePgTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& sql) {
    std::ofstream(absl::StrCat(folder_, "/", name)) << sql;
  }
  absl::Status Run() {
    return Migrate(database_.owner_dsn(), testing::kRuntimeRole, {{"zoo", folder_}});
  }
  std::string Applied() {
    return database_.Query(
        "SELECT string_agg(number::text, ',' ORDER BY number) FROM schema_migration"
        " WHERE line = 'zoo'");
  }

  testing::TestDatabase database_;
  std::string folder_;
};

TEST_F(MigratePgTest, AppliesWhatIsMissingInOrderAndOnce) {
  EXPECT_THAT(Run(), IsOk());
  EXPECT_EQ(Applied(), "1,2");
  Write("0003_add_age.sql", "ALTER TABLE animal ADD age int;");
  EXPECT_THAT(Run(), IsOk());
  EXPECT_THAT(Run(), IsOk());
  EXPECT_EQ(Applied(), "1,2,3");
  EXPECT_EQ(database_.Query("SELECT tableowner FROM pg_tables WHERE tablename = 'animal'"),
            testing::kOwnerRole);
  EXPECT_EQ(database_.Query("SELECT has_table_privilege('waymark_runtime', 'animal', 'SELECT')"
                            " AND NOT has_table_privilege('waymark_runtime', 'animal', 'INSERT')"),
            "t");
}

TEST_F(MigratePgTest, TwoAtOnceApplyEachFileOnce) {
  absl::Status other;
  std::thread twin([&] { other = Run(); });
  EXPECT_THAT(Run(), IsOk());
  twin.join();
  EXPECT_THAT(other, IsOk());
  EXPECT_EQ(Applied(), "1,2");
}

TEST_F(MigratePgTest, EditedFileIsRefused) {
  ASSERT_THAT(Run(), IsOk());
  Write("0001_create_animal.sql", "CREATE TABLE animal (tenant text);");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_EDITED"));
}

TEST_F(MigratePgTest, DatabaseThatIsNewerIsRefused) {
  ASSERT_THAT(Run(), IsOk());
  std::filesystem::remove(folder_ + "/0002_add_name.sql");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_UNKNOWN"));
}

TEST_F(MigratePgTest, MisnamedAndMissingFilesAreRefused) {
  Write("0004_skip_one.sql", "SELECT 1;");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_MISNAMED"));
  std::filesystem::remove(folder_ + "/0004_skip_one.sql");
  Write("next.sql", "SELECT 1;");
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_MISNAMED"));
  EXPECT_THAT(Migrate(database_.owner_dsn(), testing::kRuntimeRole, {{"zoo", folder_ + "/no"}}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_FOLDER"));
}

TEST_F(MigratePgTest, FileThatFailsLeavesNothingAndSaysWhy) {
  Write("0003_half.sql", "CREATE TABLE half (tenant text); SELECT nonsense;");
  const absl::Status status = Run();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_FAILED"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("zoo/0003_half.sql"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("nonsense"));
  EXPECT_EQ(Applied(), "1,2");
  EXPECT_EQ(database_.Query("SELECT to_regclass('half')::text"), "");
}

TEST_F(MigratePgTest, RuntimeRoleCannotMigrate) {
  EXPECT_THAT(Migrate(database_.runtime_dsn(), testing::kRuntimeRole, {{"zoo", folder_}}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "MIGRATION_FAILED"));
  EXPECT_THAT(Migrate(database_.owner_dsn(), "a; DROP", {{"zoo", folder_}}),
              StatusIs(absl::StatusCode::kInvalidArgument, "ROLE_MALFORMED"));
}

TEST_F(MigratePgTest, ProgramRefusesASchemaItWasNotBuiltFor) {
  ASSERT_THAT(Run(), IsOk());
  const std::unique_ptr<Database> pool = database_.Open();
  EXPECT_THAT(CheckSchema(*pool, Soon(), {CommonSchema(), {"zoo", 2, 1}}), IsOk());
  EXPECT_THAT(CheckSchema(*pool, Soon(), {{"zoo", 3, 3}}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_OLD"));
  EXPECT_THAT(CheckSchema(*pool, Soon(), {{"zoo", 1, 1}}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW"));
  database_.Query("DROP TABLE schema_migration");
  EXPECT_THAT(CheckSchema(*pool, Soon(), {{"zoo", 2, 1}}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_OLD"));
}

}  // namespace
}  // namespace waymark::db
