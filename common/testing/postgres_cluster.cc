#include "common/testing/postgres_cluster.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <pqxx/connection>
#include <pqxx/nontransaction>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/status/status.h"

// Read by LeakSanitizer: libpqxx 6.4 forgets one PGresult each time a connection is lost while a
// statement runs. Nothing of ours calls libpq directly.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer's own name
extern "C" const char* __lsan_default_suppressions();
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:PQmakeEmptyPGresult\n"; }

namespace waymark::testing {
namespace {

constexpr absl::string_view kFolderPrefix = "waymark-pg-";
constexpr absl::Duration kStartTimeout = absl::Seconds(60);

[[noreturn]] void Die(absl::string_view what, absl::string_view why) {
  fprintf(stderr, "test database: %s: %s\n", std::string(what).c_str(), std::string(why).c_str());
  std::abort();
}

absl::Status Failed(absl::string_view why) { return status::Internal("TEST_CLUSTER", why); }

std::string Binary(const std::string& name) {
  if (const char* folder = std::getenv("WAYMARK_POSTGRES_BIN")) {
    return absl::StrCat(folder, "/", name);
  }
  int newest = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    int version = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &version) &&
        std::filesystem::exists(entry.path() / "bin" / name)) {
      newest = std::max(newest, version);
    }
  }
  return newest == 0 ? name : absl::StrCat("/usr/lib/postgresql/", newest, "/bin/", name);
}

// The user PostgreSQL runs as: it refuses root.
struct User {
  uid_t uid = getuid();
  gid_t gid = getgid();
  bool switched = false;
};

absl::StatusOr<User> ServerUser() {
  User user;
  if (getuid() != 0) return user;
  const passwd* entry = getpwnam("postgres");
  if (entry == nullptr) return Failed("we are root and there is no user postgres to switch to");
  user.uid = entry->pw_uid;
  user.gid = entry->pw_gid;
  user.switched = true;
  return user;
}

// Starts a program as `user` with its output in `log`; it dies with this thread. Everything is
// prepared before the fork: other threads may hold locks.
pid_t Spawn(const User& user, const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (out >= 0) {
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
  }
  setpgid(0, 0);
  if (user.switched) {
    if (setgroups(0, nullptr) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0) _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGQUIT);  // forgotten by setuid, so only now
  if (getppid() != parent) _exit(125);
  if (chdir("/") != 0) _exit(124);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

// Removes what test programs left that were killed; the process id is in the folder's name.
void RemoveLeftovers(const std::filesystem::path& temporary) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(temporary, error)) {
    absl::string_view name;
    const std::string whole = entry.path().filename().string();
    name = whole;
    if (!absl::StartsWith(name, kFolderPrefix)) continue;
    name.remove_prefix(kFolderPrefix.size());
    int pid = 0;
    if (!absl::SimpleAtoi(name.substr(0, name.find('-')), &pid)) continue;
    if (kill(pid, 0) == 0 || errno == EPERM) continue;
    std::error_code ignored;
    std::filesystem::remove_all(entry.path(), ignored);
  }
}

std::string ReadTail(const std::string& path) {
  std::string text;
  if (FILE* file = fopen(path.c_str(), "r")) {
    char buffer[4096];
    size_t read;
    while ((read = fread(buffer, 1, sizeof(buffer), file)) > 0) text.append(buffer, read);
    fclose(file);
  }
  return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

constexpr char kRoles[] =
    "DO $$ BEGIN"
    " IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'waymark_owner') THEN"
    "  CREATE ROLE waymark_owner LOGIN; END IF;"
    " IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'waymark_runtime') THEN"
    "  CREATE ROLE waymark_runtime LOGIN; END IF;"
    " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";

std::string RunSql(const std::string& dsn, const std::string& sql) {
  try {
    pqxx::connection connection(dsn);
    const pqxx::quiet_errorhandler quiet(connection);
    const pqxx::result rows = pqxx::nontransaction(connection).exec(sql);
    if (rows.empty() || rows.columns() == 0 || rows[0][0].is_null()) return "";
    return rows[0][0].c_str();
  } catch (const std::exception& error) {
    Die(sql, error.what());
  }
}

}  // namespace

namespace {

// The migrated databases that others are copied from, by cluster and lines. A borrowed server gets
// rid of them at exit; our own go with their folder.
struct Templates {
  std::map<std::string, std::string> databases;
  std::string borrowed;
  ~Templates() {
    if (borrowed.empty()) return;
    for (const auto& [key, database] : databases) {
      RunSql(borrowed, absl::StrCat("DROP DATABASE IF EXISTS ", database, " WITH (FORCE)"));
    }
  }
};

}  // namespace

PostgresCluster& PostgresCluster::Shared() {
  static const std::unique_ptr<PostgresCluster> cluster = [] {
    absl::StatusOr<std::unique_ptr<PostgresCluster>> started = Start();
    if (!started.ok()) Die("cannot start PostgreSQL", started.status().message());
    return *std::move(started);
  }();
  return *cluster;
}

absl::StatusOr<std::unique_ptr<PostgresCluster>> PostgresCluster::Start(
    const ClusterOptions& options) {
  std::unique_ptr<PostgresCluster> cluster(new PostgresCluster());
  if (const char* borrowed = std::getenv("WAYMARK_TEST_POSTGRES")) {
    cluster->superuser_dsn_ = borrowed;
    RunSql(cluster->Dsn("postgres"), kRoles);
    return cluster;
  }
  cluster->settings_ = {"listen_addresses=", "max_connections=120", "shared_buffers=64MB",
                        "log_min_messages=warning", "timezone=UTC"};
  if (!options.durable) {
    cluster->settings_.insert(cluster->settings_.end(),
                              {"fsync=off", "synchronous_commit=off", "full_page_writes=off"});
  }
  cluster->settings_.insert(cluster->settings_.end(), options.settings.begin(),
                            options.settings.end());
  RETURN_IF_ERROR(cluster->Initialise());
  RETURN_IF_ERROR(cluster->Run());
  RunSql(cluster->Dsn("postgres"), kRoles);
  return cluster;
}

absl::Status PostgresCluster::Initialise() {
  std::error_code error;
  const std::filesystem::path temporary = std::filesystem::temp_directory_path(error);
  if (error) return Failed("there is no temporary folder");
  RemoveLeftovers(temporary);
  std::string pattern = (temporary / absl::StrCat(kFolderPrefix, getpid(), "-XXXXXX")).string();
  if (mkdtemp(pattern.data()) == nullptr) return Failed("cannot make a temporary folder");
  folder_ = pattern;
  ASSIGN_OR_RETURN(const User user, ServerUser());
  if (user.switched && chown(folder_.c_str(), user.uid, user.gid) != 0) {
    return Failed("cannot hand the temporary folder to user postgres");
  }
  superuser_dsn_ = absl::StrCat("host=", folder_, " user=postgres");
  const std::string log = folder_ + "/initdb.log";
  const pid_t pid = Spawn(
      user,
      {Binary("initdb"), "--pgdata=" + folder_ + "/data", "--username=postgres", "--auth=trust",
       "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
      log);
  int result = 0;
  if (pid < 0 || waitpid(pid, &result, 0) != pid || !WIFEXITED(result) ||
      WEXITSTATUS(result) != 0) {
    return Failed("initdb failed: " + ReadTail(log));
  }
  return absl::OkStatus();
}

absl::Status PostgresCluster::Run() {
  ASSIGN_OR_RETURN(const User user, ServerUser());
  std::vector<std::string> words = {Binary("postgres"), "-D", folder_ + "/data", "-k", folder_};
  for (const std::string& setting : settings_) {
    words.push_back("-c");
    words.push_back(setting);
  }
  const std::string log = folder_ + "/postgres.log";
  pid_ = Spawn(user, words, log);
  if (pid_ < 0) return Failed("cannot start the server");
  const std::string dsn = Dsn("postgres");
  for (const absl::Time end = absl::Now() + kStartTimeout; absl::Now() < end;) {
    try {
      pqxx::connection connection(dsn);
      return absl::OkStatus();
    } catch (const std::exception&) {
      int result = 0;
      if (waitpid(pid_, &result, WNOHANG) == pid_) {
        pid_ = 0;
        return Failed("the server ended at start: " + ReadTail(log));
      }
      absl::SleepFor(absl::Milliseconds(10));
    }
  }
  return Failed("the server does not answer: " + ReadTail(log));
}

void PostgresCluster::Stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGQUIT);
  int result = 0;
  waitpid(pid_, &result, 0);
  pid_ = 0;
}

PostgresCluster::~PostgresCluster() {
  Stop();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

std::string PostgresCluster::Dsn(absl::string_view database, absl::string_view role) const {
  // The last of two settings of the same name counts.
  return absl::StrCat(superuser_dsn_, " dbname=", database, role.empty() ? "" : " user=", role);
}

TestDatabase::TestDatabase(const std::vector<db::MigrationLine>& lines, PostgresCluster& cluster)
    : cluster_(cluster) {
  // One template for each set of lines on each cluster; the mutex also keeps copies apart, as a
  // template must not be in use while it is copied.
  static absl::Mutex mutex(absl::kConstInit);
  static Templates templates;
  static int count = 0;
  absl::MutexLock lock(&mutex);
  const auto fresh_name = [&] { return absl::StrCat("test_", getpid(), "_", ++count); };
  const std::string admin = cluster_.Dsn("postgres");
  std::string key = cluster_.Dsn("");
  for (const db::MigrationLine& line : lines)
    absl::StrAppend(&key, "|", line.name, "=", line.folder);
  std::string& original = templates.databases[key];
  if (original.empty()) {
    const std::string made = fresh_name();
    RunSql(admin, absl::StrCat("CREATE DATABASE ", made, " OWNER ", kOwnerRole));
    std::vector<db::MigrationLine> all = {
        {std::string(db::kCommonLine), std::string(db::kCommonFolder)}};
    all.insert(all.end(), lines.begin(), lines.end());
    const absl::Status migrated =
        db::Migrate(crypto::SecretBytes(cluster_.Dsn(made, kOwnerRole)), kRuntimeRole, all);
    if (!migrated.ok()) Die("cannot migrate", migrated.message());
    original = made;
    if (cluster_.folder().empty()) templates.borrowed = admin;
  }
  name_ = fresh_name();
  RunSql(admin,
         absl::StrCat("CREATE DATABASE ", name_, " OWNER ", kOwnerRole, " TEMPLATE ", original));
}

std::unique_ptr<TestDatabase> TestDatabase::Copy() const {
  static std::atomic<int> count = 0;
  const std::string name = absl::StrCat(name_, "_copy_", ++count);
  // A backend that was told to end may still be there for a moment.
  RunSql(cluster_.Dsn("postgres"),
         absl::StrCat("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                      " WHERE datname = '",
                      name_, "'"));
  RunSql(cluster_.Dsn("postgres"),
         absl::StrCat("CREATE DATABASE ", name, " OWNER ", kOwnerRole, " TEMPLATE ", name_));
  return std::unique_ptr<TestDatabase>(new TestDatabase(cluster_, name));
}

TestDatabase::~TestDatabase() {
  // A test may have stopped the server for good.
  try {
    pqxx::connection connection(cluster_.Dsn("postgres"));
    const pqxx::quiet_errorhandler quiet(connection);
    pqxx::nontransaction(connection)
        .exec(absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
  } catch (const std::exception&) {
  }
}

crypto::SecretBytes TestDatabase::owner_dsn() const {
  return crypto::SecretBytes(cluster_.Dsn(name_, kOwnerRole));
}
crypto::SecretBytes TestDatabase::runtime_dsn() const {
  return crypto::SecretBytes(cluster_.Dsn(name_, kRuntimeRole));
}
crypto::SecretBytes TestDatabase::superuser_dsn() const {
  return crypto::SecretBytes(cluster_.Dsn(name_));
}

std::unique_ptr<db::Database> TestDatabase::Open(int pool_size) const {
  return std::make_unique<db::Database>(
      db::DatabaseOptions{.dsn = runtime_dsn(), .pool_size = pool_size});
}

std::string TestDatabase::Query(const std::string& sql) const {
  return RunSql(cluster_.Dsn(name_), sql);
}

}  // namespace waymark::testing
