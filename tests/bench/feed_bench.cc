// What an HR feed costs: the first load of everybody, the same file again, and a day's delta of one
// in a hundred, each received in chunks, previewed and applied on a PostgreSQL with fsync on.
//
//   feed_bench [people, 250000]
#include <sys/resource.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/clock/clock.h"
#include "common/crypto/crypto.h"
#include "common/crypto/key_provider.h"
#include "common/db/tenants.h"
#include "common/ids/ids.h"
#include "common/testing/postgres_cluster.h"
#include "services/casework/clients/trail.h"
#include "services/casework/instants.h"
#include "services/workforce/desk.h"
#include "services/workforce/feed/feed.h"
#include "services/workforce/feed/importer.h"
#include "services/workforce/vault/vault.h"

namespace waymark::workforce {
namespace {

constexpr char kTenant[] = "E23000001";

double Cpu() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int64_t PeakMegabytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

// A name of letters alone: digits do not count when names are compared.
std::string Letters(int number) {
  std::string name;
  for (; number > 0 || name.empty(); number /= 26) {
    name.push_back(static_cast<char>('a' + number % 26));
  }
  return name;
}

// Everybody has a sergeant, the first of their dozen, who may stand after them in the file.
// `moved`: every so manieth has another site and name; 0: nobody.
std::string People(int people, int moved, bool only_moved) {
  std::string csv =
      "external_id,family_name,given_name,workforce_type,role_family,site_code,"
      "manager_external_id,work_email,work_mobile,employee_number,collar_number,birth_date,"
      "start_date,rank_band,fte_percent,user_id\n";
  for (int i = 0; i < people; ++i) {
    const bool moves = moved != 0 && i % moved == 7;
    if (only_moved && !moves) continue;
    const int sergeant = std::min(i / 12 * 12 + 5, people - 1);
    absl::StrAppend(
        &csv, "P", i, ",Mc", Letters(i % 9973), moves ? "x" : "", ",Jo", Letters(i % 1709),
        ",officer,response,", moves ? "NORTH" : absl::StrCat("SITE", i % 60), ",",
        sergeant == i ? "" : absl::StrCat("P", sergeant), ",officer", i, "@force.police.uk,07700",
        absl::StrFormat("%06d", i % 1000000), ",E", i, ",", i % 100000, ",19", 60 + i % 40, "-0",
        1 + i % 9, "-1", i % 9, ",2015-04-01,constable to sergeant,100,sub", i, "\n");
  }
  return csv;
}

struct Bench {
  Bench(testing::TestDatabase& database, const std::string& keys_folder)
      : pool(database.Open(4)),
        tenants(*pool),
        keys(crypto::FileKeyProvider::Load(keys_folder).value()),
        vault(*pool, *keys, clock::Real()),
        audit("workforce", *pool, tenants, *keys, clock::Real(), nullptr),
        desk({.database = pool.get(),
              .tenants = &tenants,
              .keys = keys.get(),
              .vault = &vault,
              .audit = &audit,
              .clinical_clock = &clock::Real(),
              .real_clock = &clock::Real()}),
        feed(desk, nullptr),
        importer(desk) {}

  rpc::Call CallOf(const char* method) {
    rpc::Call call;
    call.method = absl::StrCat("waymark.workforce.v1.HrFeedService.", method);
    call.rule = access::RuleFor(call.method);
    call.caller.tenant = kTenant;
    call.caller.user_id = "bench";
    call.caller.roles = {options::v1::ROLE_HR_INTEGRATION};
    call.request_id = ids::NewUuid();
    call.now = absl::Now();
    call.deadline = absl::Now() + absl::Minutes(1);
    return call;
  }

  // False when it does not come through.
  bool Import(const char* what, const std::string& csv, v1::FeedKind kind) {
    const int64_t rows = std::count(csv.begin(), csv.end(), '\n') - 1;
    const rpc::Call call = CallOf("SyncPeople");
    v1::SyncPeopleRequest first;
    first.set_request_id(call.request_id);
    v1::FeedHeader& header = *first.mutable_header();
    header.set_kind(kind);
    v1::FeedManifest& manifest = *header.mutable_manifest();
    manifest.set_sha256(crypto::Hex(crypto::Bytes(crypto::Sha256(csv))));
    manifest.set_row_count(rows);
    *manifest.mutable_extract_time() = casework::ToTimestamp(absl::Now());
    manifest.set_source("bench");
    manifest.set_schema_version(1);

    const absl::Time started = absl::Now();
    const double cpu = Cpu();
    int64_t number = 0;
    v1::SyncPeopleResponse received;
    const absl::Status sent = feed.SyncPeople(
        call, first,
        [&](v1::SyncPeopleRequest* message) -> absl::StatusOr<bool> {
          message->set_request_id(call.request_id);
          const size_t at = static_cast<size_t>(number) * kBiggestChunk;
          message->set_number(++number);
          if (at < csv.size()) {
            message->set_csv(csv.substr(at, kBiggestChunk));
          } else {
            message->set_end(true);
          }
          return true;
        },
        &received);
    const absl::Time after_receiving = absl::Now();
    const absl::Status previewed = importer.RunOnce();
    const absl::Time after_preview = absl::Now();
    v1::ApplyFeedRunRequest apply;
    const rpc::Call applying = CallOf("ApplyFeedRun");
    apply.set_request_id(applying.request_id);
    apply.set_run_id(call.request_id);
    v1::ApplyFeedRunResponse applied;
    const absl::Status asked = feed.ApplyFeedRun(applying, apply, &applied);
    const absl::Status done = importer.RunOnce();
    const absl::Time end = absl::Now();
    v1::GetFeedRunRequest get;
    get.set_run_id(call.request_id);
    v1::GetFeedRunResponse got;
    const absl::Status read = feed.GetFeedRun(CallOf("GetFeedRun"), get, &got);
    for (const absl::Status& status : {sent, previewed, asked, done, read}) {
      if (!status.ok()) {
        std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
        return false;
      }
    }
    const auto seconds = [](absl::Time from, absl::Time to) {
      return absl::ToDoubleSeconds(to - from);
    };
    const v1::FeedCounts& counts = got.run().counts();
    std::printf(
        "%-10s %7lld rows: received %5.1f s, previewed %6.1f s, applied %6.1f s; %6.0f rows/s"
        " in all; own CPU %5.1f s; peak memory %lld MB; %lld joiners %lld movers %lld unchanged\n",
        what, static_cast<long long>(rows), seconds(started, after_receiving),
        seconds(after_receiving, after_preview), seconds(after_preview, end),
        static_cast<double>(rows) / seconds(started, end), Cpu() - cpu,
        static_cast<long long>(PeakMegabytes()), static_cast<long long>(counts.joiners()),
        static_cast<long long>(counts.movers()), static_cast<long long>(counts.unchanged()));
    return got.run().state() == v1::FEED_RUN_STATE_APPLIED;
  }

  const std::unique_ptr<db::Database> pool;
  db::Tenants tenants;
  const std::unique_ptr<crypto::FileKeyProvider> keys;
  Vault vault;
  casework::AuditTrail audit;
  Desk desk;
  Feed feed;
  Importer importer;
};

int Run(int people) {
  auto cluster = testing::PostgresCluster::Start(
      {.durable = true, .settings = {"shared_buffers=512MB", "max_wal_size=4GB"}});
  if (!cluster.ok()) return 2;
  testing::TestDatabase database(
      std::vector<db::MigrationLine>{{"workforce", "services/workforce/migrations"}}, **cluster);
  const std::string folder = absl::StrCat("/tmp/feed-bench-keys-", ids::NewUuid());
  if (!crypto::CreateKeyFile(folder).ok()) return 2;
  bool whole = false;
  {
    const std::string everybody = People(people, 0, false);
    Bench bench(database, folder);
    std::printf("%d people, a file of %zu MB; memory before %lld MB\n", people,
                everybody.size() >> 20, static_cast<long long>(PeakMegabytes()));
    whole = bench.Import("first load", everybody, v1::FEED_KIND_SNAPSHOT) &&
            bench.Import("again", everybody, v1::FEED_KIND_SNAPSHOT) &&
            bench.Import("delta 1 %", People(people, 100, true), v1::FEED_KIND_CHANGES) &&
            bench.Import("snapshot", People(people, 100, false), v1::FEED_KIND_SNAPSHOT);
  }
  std::filesystem::remove_all(folder);
  return whole ? 0 : 1;
}

}  // namespace
}  // namespace waymark::workforce

int main(int argc, char** argv) {
  int people = 250000;
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &people)) return 2;
  return waymark::workforce::Run(people);
}
