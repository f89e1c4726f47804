// A private PostgreSQL for tests: its own cluster in a temporary folder, reached over a Unix socket
// only, so no port is taken and two test programs never meet.
#ifndef WAYMARK_COMMON_TESTING_POSTGRES_CLUSTER_H_
#define WAYMARK_COMMON_TESTING_POSTGRES_CLUSTER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret.h"
#include "common/db/database.h"
#include "common/db/migrate.h"

namespace waymark::testing {

// The roles that every test database has, as in production: the owner migrates, the runtime role
// serves.
inline constexpr absl::string_view kOwnerRole = "waymark_owner";
inline constexpr absl::string_view kRuntimeRole = "waymark_runtime";

struct ClusterOptions {
  // Off: fsync, synchronous_commit and full_page_writes are off, as tests need no durability.
  bool durable = false;
  // More server settings, "name=value".
  std::vector<std::string> settings;
};

// Runs as user postgres when we are root, else as ourselves. The server is started as a child that
// dies with the thread that started it, and its folder is removed with the object. With
// WAYMARK_TEST_POSTGRES set to a superuser's DSN (key=value form) that server is used instead and
// nothing is started.
class PostgresCluster {
 public:
  // The cluster of this test program, started by the first call and stopped at exit. Ends the
  // program with a message when it cannot start.
  static PostgresCluster& Shared();
  // Another one, for tests that kill the server.
  static absl::StatusOr<std::unique_ptr<PostgresCluster>> Start(const ClusterOptions& options = {});
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // For `role` on `database`; without a role the superuser's.
  std::string Dsn(absl::string_view database, absl::string_view role = "") const;

  // Faults; not on a borrowed server. Stop is PostgreSQL's immediate shutdown (as good as a power
  // cut), Run starts it again and waits until it answers.
  void Stop();
  absl::Status Run();

  // Where socket, data and log lie; empty on a borrowed server.
  const std::string& folder() const { return folder_; }

 private:
  PostgresCluster() = default;
  absl::Status Initialise();

  std::string folder_;
  std::string superuser_dsn_;  // without dbname
  std::vector<std::string> settings_;
  pid_t pid_ = 0;
};

// A database of its own, copied from a template on which `lines` have been applied once; dropped
// with the object. Runs beside any other. Ends the program with a message when something fails.
class TestDatabase {
 public:
  // `lines` beside "common", which is always first.
  explicit TestDatabase(const std::vector<db::MigrationLine>& lines = {},
                        PostgresCluster& cluster = PostgresCluster::Shared());
  ~TestDatabase();

  // A copy as it is now, what a backup would restore. Nothing may be connected to this one: close
  // its pools first.
  std::unique_ptr<TestDatabase> Copy() const;

  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& name() const { return name_; }
  crypto::SecretBytes owner_dsn() const;
  crypto::SecretBytes runtime_dsn() const;
  crypto::SecretBytes superuser_dsn() const;

  // A pool of the runtime role.
  std::unique_ptr<db::Database> Open(int pool_size = 4) const;

  // As the superuser, who sees every tenant: runs `sql` and returns the first field of the first
  // row as text, "" for none or NULL. Ends the program when it fails.
  std::string Query(const std::string& sql) const;

 private:
  TestDatabase(PostgresCluster& cluster, std::string name)
      : cluster_(cluster), name_(std::move(name)) {}

  PostgresCluster& cluster_;
  std::string name_;
};

}  // namespace waymark::testing

#endif  // WAYMARK_COMMON_TESTING_POSTGRES_CLUSTER_H_
