// What opening a case costs without gRPC: the pathway's function, planning, sealing and the one
// statement, by 16 callers on a PostgreSQL with fsync on. Splits the CPU from the waiting.
//
//   case_bench [cases, 4000] [callers, 16]
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/civil/working_days.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/tenants.h"
#include "common/ids/ids.h"
#include "common/testing/postgres_cluster.h"
#include "google/protobuf/text_format.h"
#include "services/bbv/facts.h"
#include "services/bbv/log_exposure.h"
#include "services/casework/cases.h"
#include "services/casework/store/case_store.h"

namespace waymark::bbv {
namespace {

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int Run(int cases_wanted, int callers) {
  auto protocols = casework::Protocols::Load("services/bbv/protocols", &KnownFacts());
  auto days = civil::WorkingDays::Load("common/civil/bank_holidays.json");
  if (!protocols.ok() || !days.ok()) {
    std::fprintf(stderr, "run from the root of the repository\n");
    return 2;
  }
  auto cluster = testing::PostgresCluster::Start({.durable = true});
  if (!cluster.ok()) return 2;
  testing::TestDatabase database(
      {{std::string(casework::kCaseworkLine), std::string(casework::kCaseworkFolder)}}, **cluster);
  const std::unique_ptr<db::Database> pool = database.Open(callers);
  db::Tenants tenants(*pool);
  const std::string keys_folder = absl::StrCat("/tmp/case-bench-keys-", ids::NewUuid());
  if (!crypto::CreateKeyFile(keys_folder).ok()) return 2;
  const auto keys = crypto::FileKeyProvider::Load(keys_folder).value();
  casework::Cases<v1::BbvCase> cases({.pathway = "bbv",
                                      .protocols = &*protocols,
                                      .working_days = &*days,
                                      .database = pool.get(),
                                      .tenants = &tenants,
                                      .keys = keys.get(),
                                      .real_clock = &clock::Real()},
                                     &FactsOf);

  rpc::Call call;
  call.method = "waymark.bbv.v1.BbvService.LogExposure";
  call.rule = access::RuleFor(call.method);
  call.caller.user_id = "nurse-1";
  call.caller.tenant = "demo";
  call.caller.roles = {options::v1::ROLE_OH_NURSE};
  call.granted = access::Authorise(*call.rule, call.caller, "gateway").value();
  call.now = absl::FromUnixSeconds(1'774'740'000);
  v1::LogExposureRequest request;
  google::protobuf::TextFormat::ParseFromString(
      R"pb(
        jurisdiction: JURISDICTION_ENGLAND
        people {
          exposure {
            incident_time { civil: "2026-03-28T22:30" }
            route: ROUTE_NEEDLESTICK
            fluid: FLUID_BLOOD
            hepatitis_b_status { vaccination: HEP_B_VACCINATION_UNVACCINATED }
          }
        }
        source { identity: SOURCE_IDENTITY_KNOWN hepatitis_b: SOURCE_VIRUS_POSITIVE }
      )pb",
      &request);

  std::atomic<int> left = cases_wanted;
  std::atomic<int> failed = 0;
  std::vector<std::vector<double>> taken(callers);
  const double cpu = CpuSeconds();
  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      while (left-- > 0) {
        const absl::Time begin = absl::Now();
        rpc::Call mine = call;
        mine.request_id = ids::NewUuid();
        mine.deadline = begin + absl::Seconds(20);
        v1::LogExposureRequest exposure = request;
        exposure.set_request_id(mine.request_id);
        exposure.mutable_people(0)->set_subject_id(ids::NewUuid());
        v1::LogExposureResponse response;
        const absl::Status done =
            cases.RunOpen(mine, exposure, &response, &LogExposure, &FillReceipts);
        if (!done.ok() && failed++ == 0) std::fprintf(stderr, "%s\n", done.ToString().c_str());
        taken[i].push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  const double cpu_micros = (CpuSeconds() - cpu) * 1e6 / cases_wanted;
  std::vector<double> all;
  for (const std::vector<double>& some : taken) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  std::printf("%d cases, %d callers, %d failed\n", cases_wanted, callers, failed.load());
  std::printf("opened a second            %10.0f\n", cases_wanted / seconds);
  std::printf("CPU of the service a case  %10.0f us\n", cpu_micros);
  std::printf("median                     %10.2f ms\n", all[all.size() / 2]);
  std::printf("p99                        %10.2f ms\n", all[all.size() - 1 - all.size() / 100]);
  std::printf("bytes a case               %s\n",
              database
                  .Query("SELECT 'body ' || (SELECT avg(length(body))::int FROM case_record) ||"
                         " ', event ' || (SELECT avg(length(body))::int FROM case_event) ||"
                         " ', answer ' || (SELECT avg(length(response))::int FROM idempotency_key)"
                         " || ', outbox ' || (SELECT sum(length(payload)) FROM outbox) /"
                         " (SELECT count(*) FROM case_record)")
                  .c_str());
  std::filesystem::remove_all(keys_folder);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace waymark::bbv

int main(int argc, char** argv) {
  int cases = 4000;
  int callers = 16;
  if ((argc > 1 && !absl::SimpleAtoi(argv[1], &cases)) ||
      (argc > 2 && !absl::SimpleAtoi(argv[2], &callers)) || cases < 100 || callers < 1) {
    std::fprintf(stderr, "usage: case_bench [cases, at least 100] [callers]\n");
    return 2;
  }
  return waymark::bbv::Run(cases, callers);
}
