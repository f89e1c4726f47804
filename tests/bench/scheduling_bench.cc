// How late rungs fire at a thousand a second with a million waiting, and how fast a hundred
// thousand that fell due while nobody looked are drained, each with its notice. A real PostgreSQL
// with fsync on; the firing loop itself, no gRPC. With --peer, graphile-worker drains as many no-op
// jobs on the same server in the same run.
//
//   scheduling_bench [--peer FOLDER_WITH_GRAPHILE_WORKER] [--rounds 3] [lateness | drain]
//
// tests/bench/scheduling installs the peer into a temporary folder and calls this. Exits 1 when a
// target is missed.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/ids/ids.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "common/testing/postgres_cluster.h"
#include "services/casework/instants.h"
#include "services/scheduling/duties/firing.h"
#include "services/scheduling/store/rota.h"

namespace waymark::scheduling {
namespace {

constexpr char kTenant[] = "bench";
constexpr int kPending = 1'000'000;
constexpr int kPerSecond = 1000;
constexpr int kSeconds = 30;
constexpr int kDrained = 100'000;
constexpr double kLatestP99 = 50;  // milliseconds

void Check(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  std::exit(2);
}

double Percentile(std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(share * sorted.size()))];
}

// One force with a nurse on duty who is told by mail: every rung makes a notice that waits.
class Force {
 public:
  explicit Force(testing::PostgresCluster& cluster)
      : test_database_(
            std::vector<db::MigrationLine>{{"scheduling", "services/scheduling/migrations"}},
            cluster),
        database_(test_database_.Open()) {
    const std::string folder = absl::StrCat("/tmp/scheduling-bench-", ids::NewUuid());
    Check(crypto::CreateKeyFile(folder).status(), "key");
    auto keys = crypto::FileKeyProvider::Load(folder);
    Check(keys.status(), "keys");
    std::system(absl::StrCat("rm -r ", folder).c_str());
    v1::RotaEntry nurse;
    nurse.set_rota_entry_id(ids::NewUuid());
    nurse.set_role(options::v1::ROLE_OH_NURSE);
    nurse.set_person("nurse");
    *nurse.mutable_starts_time() = casework::ToTimestamp(absl::Now() - absl::Hours(1));
    *nurse.mutable_ends_time() = casework::ToTimestamp(absl::Now() + absl::Hours(24));
    nurse.mutable_contact()->set_channel(v1::CHANNEL_EMAIL);
    nurse.mutable_contact()->set_address("nurse@force.police.uk");
    Check(database_->Transact(absl::Now() + absl::Minutes(1), kTenant,
                              [&](db::Transaction& txn) -> absl::Status {
                                RETURN_IF_ERROR(PutRotaEntry(txn, **keys, nurse));
                                RETURN_IF_ERROR(SetDutyAddress(txn, **keys, nurse.contact(), ""));
                                return Activate(txn, absl::Now()).status();
                              }),
          "rota");
    // Ten steps a case. What is sealed in a plan is never touched by firing.
    test_database_.Query(absl::StrCat(
        "INSERT INTO plan_case SELECT '", kTenant,
        "', gen_random_uuid(), 'bbv', 1, NULL, NULL, NULL, 1, '', '' FROM generate_series(1, ",
        (kPending + kDrained) / 10, ")"));
  }

  // `count` steps, each with one rung; the first due at `first`, the others `apart` later each.
  void AddRungs(int count, absl::Time first, absl::Duration apart) {
    const std::string at =
        absl::StrCat("to_timestamp(", absl::ToUnixMicros(first), " / 1e6) + (n - 1) * interval '",
                     absl::ToInt64Microseconds(apart), " microseconds'");
    test_database_.Query(absl::StrCat(
        "WITH cases AS (SELECT case_ref, row_number() OVER () AS c FROM plan_case),"
        " steps AS (INSERT INTO step (tenant, step_ref, case_ref, ordinal, revision, responsible,"
        "   opens_at, due_at, closes_at)"
        "  SELECT '",
        kTenant, "', gen_random_uuid(), case_ref, 0, 1, 1, '-infinity', ", at,
        ", 'infinity' FROM generate_series(1, ", count, ") n JOIN cases ON c = 1 + n % ",
        (kPending + kDrained) / 10,
        " RETURNING step_ref, due_at)"
        " INSERT INTO rung SELECT '",
        kTenant, "', step_ref, 1, 1, due_at, due_at, 'infinity', 1, 2 FROM steps"));
  }
  void Settled() {
    test_database_.Query("VACUUM ANALYZE");
    test_database_.Query("CHECKPOINT");
    test_database_.Query("UPDATE due_tenant SET next_at = '-infinity'");
  }
  std::string Count(const char* table) {
    return test_database_.Query(absl::StrCat("SELECT count(*) FROM ", table));
  }

  const testing::TestDatabase test_database_;
  const std::unique_ptr<db::Database> database_;
};

// The loop as the service runs it, on a thread of its own.
class Loop {
 public:
  explicit Loop(const testing::TestDatabase& database)
      : database_(database.Open()),
        firing_(*database_, clock::Real(), clock::Real(), registry_,
                {.on_fired =
                     [this](absl::string_view, const std::vector<absl::Duration>& lags) {
                       const std::lock_guard lock(mutex_);
                       for (const absl::Duration lag : lags) {
                         late_.push_back(absl::ToDoubleMilliseconds(lag));
                       }
                       fired_ += static_cast<int>(lags.size());
                     }}),
        thread_([this] {
          while (!stopping_) {
            const auto look = firing_.LookOnce();
            Check(look.status(), "look");
            absl::SleepFor(firing_.PauseBefore(look->next));
          }
        }) {}
  ~Loop() { Stop(); }
  void Stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int fired() const { return fired_; }
  // Once stopped.
  std::vector<double>& late() { return late_; }

 private:
  const std::unique_ptr<db::Database> database_;
  metrics::Registry registry_;
  std::mutex mutex_;  // guards late_
  std::vector<double> late_;
  std::atomic<int> fired_ = 0;
  std::atomic<bool> stopping_ = false;
  Firing firing_;
  std::thread thread_;
};

// p99 in milliseconds.
double Lateness(testing::PostgresCluster& cluster) {
  Force force(cluster);
  force.AddRungs(kPending, absl::Now() + absl::Hours(24), absl::Milliseconds(10));
  force.Settled();
  // Long enough for the rows to be there before the first of them is due.
  force.AddRungs(kPerSecond * kSeconds, absl::Now() + absl::Seconds(15),
                 absl::Seconds(1) / kPerSecond);
  force.test_database_.Query("UPDATE due_tenant SET next_at = '-infinity'");
  Loop loop(force.test_database_);
  while (loop.fired() < kPerSecond * kSeconds) absl::SleepFor(absl::Milliseconds(20));
  loop.Stop();
  std::vector<double>& late = loop.late();
  std::sort(late.begin(), late.end());
  const double p99 = Percentile(late, 0.99);
  std::printf(
      "lateness, %d a second for %d s, %s waiting, %s notices: p50 %.1f ms  p99 %.1f ms  "
      "max %.1f ms\n",
      kPerSecond, kSeconds, force.Count("rung").c_str(), force.Count("notice").c_str(),
      Percentile(late, 0.5), p99, late.back());
  return p99;
}

// Rungs a second.
double Drain(testing::PostgresCluster& cluster, int processes) {
  Force force(cluster);
  force.AddRungs(kDrained, absl::Now() - absl::Hours(1), absl::Milliseconds(1));
  force.Settled();
  const absl::Time start = absl::Now();
  {
    std::vector<std::unique_ptr<Loop>> loops;
    for (int i = 0; i < processes; ++i) {
      loops.push_back(std::make_unique<Loop>(force.test_database_));
    }
    const auto fired = [&] {
      int sum = 0;
      for (const auto& loop : loops) sum += loop->fired();
      return sum;
    };
    while (fired() < kDrained) absl::SleepFor(absl::Milliseconds(1));
  }
  const double rate = kDrained / absl::ToDoubleSeconds(absl::Now() - start);
  if (force.Count("notice") != std::to_string(kDrained))
    Check(absl::InternalError("lost"), "drain");
  return rate;
}

// The same number of no-op jobs through graphile-worker; jobs a second as it reports them.
double PeerDrain(testing::PostgresCluster& cluster, const std::string& peer, int processes) {
  const testing::TestDatabase database({}, cluster);
  const std::string out = absl::StrCat("/tmp/graphile-", ids::NewUuid());
  const std::string script =
      (std::filesystem::current_path() / "tests/bench/graphile_worker/drain.mjs").string();
  const std::string command =
      absl::StrCat("cd ", peer, " && DSN=\"", database.superuser_dsn().Reveal(), "\" node ", script,
                   " ", kDrained, " ", processes, " > ", out);
  if (std::system(command.c_str()) != 0) Check(absl::InternalError("failed"), "graphile-worker");
  FILE* file = std::fopen(out.c_str(), "r");
  double rate = 0;
  if (file == nullptr || std::fscanf(file, "%lf", &rate) != 1) {
    Check(absl::InternalError("no figure"), "graphile-worker");
  }
  std::fclose(file);
  std::remove(out.c_str());
  return rate;
}

}  // namespace

int Bench(int argc, char** argv) {
  std::string peer, only;
  int rounds = 3;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--peer" && i + 1 < argc) {
      peer = argv[++i];
    } else if (word == "--rounds" && i + 1 < argc && absl::SimpleAtoi(argv[i + 1], &rounds)) {
      ++i;
    } else {
      only = word;
    }
  }
  auto cluster = testing::PostgresCluster::Start(
      {.durable = true, .settings = {"shared_buffers=1GB", "max_wal_size=8GB"}});
  Check(cluster.status(), "cluster");
  bool met = true;
  if (only != "drain") met &= Lateness(**cluster) <= kLatestP99;
  if (only != "lateness") {
    // The first run on a new cluster also makes its WAL files; nobody's figure should hold that.
    Drain(**cluster, 1);
    if (!peer.empty()) PeerDrain(**cluster, peer, 1);
    for (const int processes : {1, 2}) {
      std::vector<double> ours, theirs;
      // Turn by turn, so that a noisy minute hits both.
      for (int round = 0; round < rounds; ++round) {
        ours.push_back(Drain(**cluster, processes));
        if (!peer.empty()) theirs.push_back(PeerDrain(**cluster, peer, processes));
      }
      std::sort(ours.begin(), ours.end());
      std::sort(theirs.begin(), theirs.end());
      const double our = Percentile(ours, 0.5);
      std::printf("drain of %d, %d process%s: %.0f rungs a second, each with its notice", kDrained,
                  processes, processes == 1 ? "" : "es", our);
      if (!theirs.empty()) {
        const double their = Percentile(theirs, 0.5);
        std::printf("; graphile-worker %.0f no-op jobs a second; ratio %.2f", their, our / their);
        met &= our >= their;
      }
      std::printf("\n");
    }
  }
  return met ? 0 : 1;
}

}  // namespace waymark::scheduling

int main(int argc, char** argv) { return waymark::scheduling::Bench(argc, argv); }
