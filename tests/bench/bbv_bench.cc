// Logging exposures over TLS with a token, by 16 callers, beside pgbench running the same
// transaction (BEGIN, settings, one statement with all rows and the same bytes, COMMIT) on the same
// cluster at the same concurrency. The two take turns, so that both see the same machine.
//
//   bbv_bench [seconds a turn, 5] [turns, 3] [callers, 16] [whole]
//
// Scheduling and audit are away, so that what is measured is the call and not what follows it; with
// `whole` they run too, and take what the relays deliver, on the same cores.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "google/protobuf/text_format.h"
#include "tests/harness/suite.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"

namespace waymark {
namespace {

constexpr double kLeastRatio = 0.6;

constexpr char kReport[] = R"pb(
  jurisdiction: JURISDICTION_ENGLAND
  people {
    exposure {
      incident_time { civil: "2026-03-28T22:30" }
      route: ROUTE_NEEDLESTICK
      fluid: FLUID_BLOOD
      visible_blood: ANSWER_YES
      site: BODY_SITE_FINGER
      device: DEVICE_HOLLOW_NEEDLE
      first_aid: FIRST_AID_WASHED
      activity: ACTIVITY_SEARCH
      hepatitis_b_status { vaccination: HEP_B_VACCINATION_UNVACCINATED }
      tetanus_priming: TETANUS_PRIMING_COMPLETE
      description: "Pricked by a used needle while searching a coat pocket."
    }
  }
  source { identity: SOURCE_IDENTITY_KNOWN hepatitis_b: SOURCE_VIRUS_POSITIVE }
)pb";

struct Turn {
  double per_second = 0;
  // Milliseconds, sorted.
  std::vector<double> taken;
  int failed = 0;
};

double Percentile(const Turn& turn, double share) {
  if (turn.taken.empty()) return 0;
  return turn.taken[std::min(turn.taken.size() - 1,
                             static_cast<size_t>(share * static_cast<double>(turn.taken.size())))];
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

Turn LogExposures(harness::Suite& suite, bbv::v1::BbvService::StubInterface& stub, int callers,
                  absl::Duration length) {
  bbv::v1::LogExposureRequest report;
  google::protobuf::TextFormat::ParseFromString(kReport, &report);
  const std::string token = suite.Token();
  const absl::Time start = absl::Now();
  const absl::Time end = start + length;
  std::vector<std::vector<double>> taken(callers);
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      while (absl::Now() < end) {
        bbv::v1::LogExposureRequest request = report;
        request.set_request_id(ids::NewUuid());
        request.mutable_people(0)->set_subject_id(ids::NewUuid());
        bbv::v1::LogExposureResponse response;
        const absl::Time begin = absl::Now();
        const absl::Status done =
            rpc::Invoke({.deadline = begin + absl::Seconds(20), .token = token},
                        [&](grpc::ClientContext* context) {
                          return stub.LogExposure(context, request, &response);
                        });
        if (!done.ok()) {
          if (failed++ == 0) std::fprintf(stderr, "%s\n", done.ToString().c_str());
          continue;
        }
        taken[i].push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Turn turn;
  for (const std::vector<double>& some : taken) {
    turn.taken.insert(turn.taken.end(), some.begin(), some.end());
  }
  std::sort(turn.taken.begin(), turn.taken.end());
  turn.per_second =
      static_cast<double>(turn.taken.size()) / absl::ToDoubleSeconds(absl::Now() - start);
  turn.failed = failed;
  return turn;
}

// One statement that writes what LogExposure writes, with its rows and as many bytes in each column
// as the cases logged so far have on average.
std::string SameStatement(testing::TestDatabase& database) {
  const auto bytes = [&](const std::string& column, const std::string& rows) {
    int length = 0;
    (void)absl::SimpleAtoi(
        database.Query(absl::StrCat("SELECT avg(octet_length(", column, "))::int FROM ", rows)),
        &length);
    std::string literal = "'\\x";
    for (int i = 0; i < length; ++i) literal += "5a";
    return literal + "'::bytea";
  };
  return absl::StrCat(
      "WITH new AS MATERIALIZED (SELECT gen_random_uuid() AS id),"
      " once AS (INSERT INTO idempotency_key (tenant, caller, method, request_id, request_sha256,"
      "  response, created_at, touched_at) SELECT 'demo', 'nurse-1', 'LogExposure', id, ",
      bytes("request_sha256", "idempotency_key"), ", ", bytes("response", "idempotency_key"),
      ", now(), now() FROM new ON CONFLICT DO NOTHING RETURNING 1),"
      " saved AS (INSERT INTO case_record (tenant, case_id, version, state, opened_at, subject_id,"
      "  subject_kind, jurisdiction, protocol_key, protocol_version, key_version, wrapped_key, "
      "body,"
      "  parts_version) SELECT 'demo', id, 1, 1, now(), id, 1, 1, 'bbv', 1, 1, ",
      bytes("wrapped_key", "case_record"), ", ", bytes("body", "case_record"),
      ", 1 FROM new RETURNING 1),"
      " logged AS (INSERT INTO case_event (tenant, case_id, case_version, event_id, recorded_at,"
      "  body, held_apart, apart_key_version, apart_wrapped_key)"
      "  SELECT 'demo', id, 1, id, now(), ",
      bytes("body", "case_event"), ", ", bytes("held_apart", "case_event"), ", 1, ",
      bytes("apart_wrapped_key", "case_event"),
      " FROM new),"
      " apart AS (INSERT INTO case_part (tenant, case_id, field, version, key_version,"
      "  wrapped_key, body) SELECT 'demo', id, 'source', 1, 1, ",
      bytes("wrapped_key", "case_part"), ", ", bytes("body", "case_part"),
      " FROM new),"
      " told AS (INSERT INTO outbox (tenant, destination, event_id, payload)"
      "  SELECT 'demo', 'scheduling', id, ",
      bytes("payload", "outbox WHERE destination = 'scheduling'"),
      " FROM new UNION ALL SELECT 'demo', 'audit', id, ",
      bytes("payload", "outbox WHERE destination = 'audit'"),
      " FROM new) SELECT count(*) FROM saved;\n");
}

// pgbench's own log gives each transaction's time.
Turn Pgbench(const std::string& script, const std::string& dsn, int callers, absl::Duration length,
             const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (absl::string_view(entry.path().filename().c_str()).substr(0, 7) == "pgbench") {
      std::filesystem::remove(entry.path());
    }
  }
  const std::string command =
      absl::StrCat("PGOPTIONS='-c waymark.tenant=demo' pgbench -n -M extended -c ", callers,
                   " -j 2 -T ", absl::ToInt64Seconds(length), " -l --log-prefix=", folder,
                   "/pgbench -f ", script, " '", dsn, "' > ", folder, "/out.txt 2>&1");
  Turn turn;
  turn.failed = std::system(command.c_str()) == 0 ? 0 : 1;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (absl::string_view(entry.path().filename().c_str()).substr(0, 7) != "pgbench") continue;
    std::ifstream log(entry.path());
    std::string line;
    while (std::getline(log, line)) {
      // client, transaction, microseconds, ...
      std::istringstream words(line);
      double client = 0, number = 0, micros = 0;
      words >> client >> number >> micros;
      turn.taken.push_back(micros / 1000);
    }
  }
  std::sort(turn.taken.begin(), turn.taken.end());
  turn.per_second = static_cast<double>(turn.taken.size()) / absl::ToDoubleSeconds(length);
  return turn;
}

void Print(const char* name, const std::vector<Turn>& turns, double beside) {
  std::vector<double> rates, medians, tails;
  for (const Turn& turn : turns) {
    rates.push_back(turn.per_second);
    medians.push_back(Percentile(turn, 0.5));
    tails.push_back(Percentile(turn, 0.99));
  }
  std::printf("%-44s %10.0f %9.2f %9.2f %9.2f\n", name, Median(rates), Median(medians),
              Median(tails), Median(rates) / beside);
}

double Rate(const std::vector<Turn>& turns) {
  std::vector<double> rates;
  for (const Turn& turn : turns) rates.push_back(turn.per_second);
  return Median(rates);
}

int Run(absl::Duration length, int turns, int callers, bool whole) {
  harness::SuiteOptions options{.durable = true, .workers = callers};
  if (!whole) {
    options.services = {"bbv"};
    options.flags["bbv"] = {"--peer=scheduling=127.0.0.1:9", "--peer=audit=127.0.0.1:9"};
  }
  absl::StatusOr<std::unique_ptr<harness::Suite>> suite = harness::Suite::Start(options);
  if (!suite.ok()) {
    std::fprintf(stderr, "%s\n", suite.status().ToString().c_str());
    return 2;
  }
  testing::TestDatabase& database = (*suite)->database("bbv");
  const auto stub = bbv::v1::BbvService::NewStub((*suite)->Connect("bbv"));

  const Turn warm = LogExposures(**suite, *stub, callers, absl::Seconds(2));
  if (warm.taken.empty()) return 2;
  const std::string folder = (*suite)->folder() + "/pgbench";
  std::filesystem::create_directory(folder);
  const std::string statement = SameStatement(database);
  std::ofstream(folder + "/transaction.sql")
      << "BEGIN; SET LOCAL waymark.tenant = 'demo'; SET LOCAL statement_timeout = 20000;\n"
      << statement << "COMMIT;\n";
  std::ofstream(folder + "/statement.sql") << statement;
  const std::string dsn(database.runtime_dsn().Reveal());

  std::vector<Turn> exposures, transactions, statements;
  for (int turn = 0; turn < turns; ++turn) {
    transactions.push_back(Pgbench(folder + "/transaction.sql", dsn, callers, length, folder));
    exposures.push_back(LogExposures(**suite, *stub, callers, length));
    statements.push_back(Pgbench(folder + "/statement.sql", dsn, callers, length, folder));
    if (transactions.back().failed + statements.back().failed > 0) {
      std::fprintf(stderr, "pgbench failed: %s/out.txt\n", folder.c_str());
      std::ifstream out(folder + "/out.txt");
      std::fprintf(stderr, "%s\n", std::string(std::istreambuf_iterator<char>(out), {}).c_str());
      return 2;
    }
  }
  int failed = 0;
  for (const Turn& turn : exposures) failed += turn.failed;
  const double beside = Rate(transactions);
  std::printf("%d callers, %d turns of %d s, %s, %d calls failed\n", callers, turns,
              static_cast<int>(absl::ToInt64Seconds(length)),
              whole ? "scheduling and audit running" : "scheduling and audit away", failed);
  std::printf("%-44s %10s %9s %9s %9s\n", "", "a second", "p50 ms", "p99 ms", "ratio");
  Print("LogExposure over TLS with token", exposures, beside);
  Print("pgbench, the same transaction", transactions, beside);
  Print("pgbench, the statement alone", statements, beside);
  return failed == 0 && Rate(exposures) / beside >= kLeastRatio ? 0 : 1;
}

}  // namespace
}  // namespace waymark

int main(int argc, char** argv) {
  int seconds = 5;
  int turns = 3;
  int callers = 16;
  if ((argc > 1 && !absl::SimpleAtoi(argv[1], &seconds)) ||
      (argc > 2 && !absl::SimpleAtoi(argv[2], &turns)) ||
      (argc > 3 && !absl::SimpleAtoi(argv[3], &callers)) || seconds < 1 || turns < 1 ||
      callers < 1) {
    std::fprintf(stderr, "usage: bbv_bench [seconds a turn] [turns] [callers] [whole]\n");
    return 2;
  }
  return waymark::Run(absl::Seconds(seconds), turns, callers, argc > 4);
}
