// How fast the audit log takes entries in batches, grows its tree, and proves an entry among a
// million. A real PostgreSQL with fsync on; no gRPC. Prints one table; exits 1 when a target is
// missed.
//
//   audit_bench [events to append, 200000] [leaves of the big tree, 1000000]
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/ids/ids.h"
#include "common/testing/postgres_cluster.h"
#include "services/audit/content_keys.h"
#include "services/audit/integrator.h"
#include "services/audit/log.h"
#include "services/audit/merkle.h"
#include "services/audit/store.h"

namespace waymark::audit {
namespace {

constexpr int kBatch = 1000;
constexpr double kLeastAppended = 20000;
constexpr double kLongestProof = 5;  // milliseconds

void Check(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  std::exit(2);
}

absl::Time Soon() { return absl::Now() + absl::Minutes(10); }

std::vector<NumberedBytes> Batch(int64_t first, const std::string& tenant) {
  std::vector<NumberedBytes> batch;
  for (int64_t number = first; number < first + kBatch; ++number) {
    v1::AuditEvent event;
    event.set_event_id(ids::NewUuid());
    event.set_tenant(tenant);
    event.mutable_occurred_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    event.set_source("bbv");
    // Two hundred staff, forty thousand officers.
    event.mutable_actor()->set_user_id(absl::StrCat("user-", number % 200));
    event.mutable_actor()->add_roles(options::v1::ROLE_OH_NURSE);
    event.mutable_actor()->set_service("gateway");
    event.set_action(number % 4 == 0 ? v1::ACTION_CHANGE : v1::ACTION_READ);
    event.set_method("waymark.bbv.v1.BbvService.GetCase");
    event.set_purpose("Caring for the patient of one's own force.");
    event.set_object_type("bbv_case");
    event.set_object_version(number % 7 + 1);
    event.set_subject_id(ids::DeriveUuid("subject", absl::StrCat(number * 7919 % 40000)));
    event.set_object_id(event.subject_id());
    event.set_request_id(ids::NewUuid());
    batch.push_back({number, event.SerializeAsString()});
  }
  return batch;
}

// Appends what is prepared, from one thread a tenant; entries a second.
double Append(Log& log, const std::vector<std::string>& tenants, int64_t events) {
  std::vector<std::vector<std::vector<NumberedBytes>>> batches(tenants.size());
  const int64_t each = events / static_cast<int64_t>(tenants.size()) / kBatch;
  for (size_t t = 0; t < tenants.size(); ++t) {
    for (int64_t i = 0; i < each; ++i) batches[t].push_back(Batch(i * kBatch + 1, tenants[t]));
  }
  // Keys and tenants are there already in a running service.
  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  for (size_t t = 0; t < tenants.size(); ++t) {
    threads.emplace_back([&, t] {
      for (const auto& batch : batches[t]) {
        Check(log.Append(Soon(), tenants[t], "bbv", batch).status(), "append");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return static_cast<double>(each * kBatch * static_cast<int64_t>(tenants.size())) / seconds;
}

struct Times {
  double p50 = 0;
  double p99 = 0;
};

// Milliseconds of 1,000 runs, each its own transaction.
template <typename Work>
Times Measure(db::Database& database, const std::string& tenant, Work work) {
  std::vector<double> times;
  for (int i = 0; i < 1000; ++i) {
    const absl::Time start = absl::Now();
    Check(database.Transact(Soon(), tenant, {.read_only = true}, work), "proof");
    times.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
  }
  std::sort(times.begin(), times.end());
  return {times[500], times[990]};
}

int Run(int64_t events, int64_t leaves) {
  auto cluster = testing::PostgresCluster::Start(
      {.durable = true, .settings = {"shared_buffers=1GB", "max_wal_size=8GB"}});
  Check(cluster.status(), "PostgreSQL");
  testing::TestDatabase database({{"audit", "services/audit/migrations"}}, **cluster);
  const std::unique_ptr<db::Database> pool = database.Open(8);
  const std::string folder =
      std::filesystem::temp_directory_path() / absl::StrCat("audit_bench_", ids::NewUuid());
  Check(crypto::CreateKeyFile(folder).status(), "key");
  auto provider = crypto::FileKeyProvider::Load(folder);
  Check(provider.status(), "key");
  std::filesystem::remove_all(folder);
  db::Tenants tenants(*pool);
  ContentKeys keys(*pool, **provider, clock::Real());
  const Pseudonyms pseudonyms = *Pseudonyms::Create(crypto::SecretBytes(std::string(32, 'r')), {1});
  const Signer signer("bench.waymark/audit", crypto::SecretBytes(std::string(32, 's')));
  Integrator integrator(*pool, tenants, signer, HighWater(""), clock::Real());
  Log log(*pool, tenants, keys, pseudonyms, clock::Real(), [](absl::string_view) {});

  const double one = Append(log, {"demo"}, events);
  const double two = Append(log, {"north", "south"}, events);
  absl::Time start = absl::Now();
  Check(integrator.CatchUp("demo"), "integrate");
  const double integrated =
      static_cast<double>(events) / absl::ToDoubleSeconds(absl::Now() - start);

  // The big tree: leaves that were appended long ago, put there at once.
  database.Query(
      absl::StrCat("INSERT INTO entry SELECT 'big', g, gen_random_uuid(), 'leaf ' || g,"
                   " sha256(convert_to('leaf ' || g, 'UTF8')), NULL, NULL, 'm', now(), now()"
                   " FROM generate_series(0, ",
                   leaves - 1, ") g; ANALYZE entry; SELECT 1"));
  Check(integrator.CatchUp("big"), "integrate");
  std::mt19937_64 random(11);
  const auto size = static_cast<uint64_t>(leaves);
  const Times inclusion = Measure(*pool, "big", [&](db::Transaction& txn) -> absl::Status {
    TreeReader reader(txn, leaves);
    return InclusionProof(random() % size, size, reader.reader()).status();
  });
  const Times consistency = Measure(*pool, "big", [&](db::Transaction& txn) -> absl::Status {
    TreeReader reader(txn, leaves);
    return ConsistencyProof(1 + random() % size, size, reader.reader()).status();
  });

  std::printf("| audit log, PostgreSQL with fsync | measured | beat |\n|---|---|---|\n");
  std::printf("| append, batches of %d, one log | %.0f entries/s | %.0f |\n", kBatch, one,
              kLeastAppended);
  std::printf("| append, batches of %d, two logs at once | %.0f entries/s | |\n", kBatch, two);
  std::printf("| integrate and sign | %.0f entries/s | |\n", integrated);
  std::printf("| inclusion proof at %lld leaves, p50 / p99 | %.2f / %.2f ms | %.0f ms |\n",
              static_cast<long long>(leaves), inclusion.p50, inclusion.p99, kLongestProof);
  std::printf("| consistency proof at %lld leaves, p50 / p99 | %.2f / %.2f ms | %.0f ms |\n",
              static_cast<long long>(leaves), consistency.p50, consistency.p99, kLongestProof);
  return one >= kLeastAppended && inclusion.p50 < kLongestProof && consistency.p50 < kLongestProof
             ? 0
             : 1;
}

}  // namespace
}  // namespace waymark::audit

int main(int argc, char** argv) {
  int64_t events = 200000;
  int64_t leaves = 1000000;
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &events)) return 2;
  if (argc > 2 && !absl::SimpleAtoi(argv[2], &leaves)) return 2;
  return waymark::audit::Run(events, leaves);
}
