// Planning and logging a usual case of each pathway beside one of the blood-borne virus pathway:
// what a new pathway may cost.
//
//   pathways_bench [seconds a turn, 3] [turns, 5] [callers, 8]
//
// Logging is over TLS with a token; the pathways take turns, so that all see the same machine.
// Scheduling and audit are away. Exits 1 when a pathway takes more than 1.3 times as long as the
// first.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/civil/working_days.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "google/protobuf/text_format.h"
#include "services/bbv/facts.h"
#include "services/bbv/log_exposure.h"
#include "services/casework/planner.h"
#include "services/casework/protocol_loader.h"
#include "services/dental/facts.h"
#include "services/dental/log_dental_injury.h"
#include "services/mental_health/facts.h"
#include "services/mental_health/log_traumatic_incident.h"
#include "services/msk/facts.h"
#include "services/msk/log_injury.h"
#include "tests/harness/suite.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/dental/v1/dental_service.grpc.pb.h"
#include "waymark/mental_health/v1/mental_health_service.grpc.pb.h"
#include "waymark/msk/v1/msk_service.grpc.pb.h"

namespace waymark {
namespace {

constexpr double kMostTimes = 1.3;
constexpr int kRounds = 5000;

constexpr char kNeedlestick[] = R"pb(
  jurisdiction: JURISDICTION_ENGLAND
  people {
    subject_id: "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101"
    exposure {
      incident_time { civil: "2026-03-28T22:30" }
      route: ROUTE_NEEDLESTICK
      fluid: FLUID_BLOOD
      hepatitis_b_status { vaccination: HEP_B_VACCINATION_UNVACCINATED }
      description: "Pricked by a used needle while searching a coat pocket."
    }
  }
  source { identity: SOURCE_IDENTITY_KNOWN hepatitis_b: SOURCE_VIRUS_POSITIVE }
)pb";

constexpr char kKick[] = R"pb(
  jurisdiction: JURISDICTION_ENGLAND
  people {
    subject_id: "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101"
    injury {
      incident_time { civil: "2026-03-28T22:30" }
      laceration: ANSWER_YES
      teeth {
        tooth: "11"
        injuries: TOOTH_INJURY_TYPE_AVULSION
        medium: STORAGE_MEDIUM_MILK
        dry_minutes: 20
      }
      description: "Kicked in the mouth during an arrest; one tooth is out."
    }
  }
)pb";

constexpr char kCollision[] = R"pb(
  jurisdiction: JURISDICTION_ENGLAND
  incident {
    occurred_time { civil: "2026-03-28T22:30" }
    kind: INCIDENT_KIND_FATAL_COLLISION
    description: "Two cars, three people dead at the scene, one of them a child."
  }
  people {
    subject_id: "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101"
    involvement: INVOLVEMENT_FIRST_ON_SCENE
  }
)pb";

constexpr char kLifting[] = R"pb(
  jurisdiction: JURISDICTION_ENGLAND
  people {
    subject_id: "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101"
    injury {
      incident_time { civil: "2026-03-28T22:30" }
      region: REGION_LOW_BACK
      mechanism: MECHANISM_LIFTING
      on_duty: ANSWER_YES
      work_ability: WORK_ABILITY_UNABLE
      description: "Back pain after lifting a casualty over a fence."
    }
    red_flags {}
    absence { first_date { year: 2026 month: 3 day: 28 } }
  }
)pb";

template <typename Request>
Request Parse(const char* text) {
  Request request;
  google::protobuf::TextFormat::ParseFromString(text, &request);
  return request;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Measured {
  int steps = 0;
  // Facts and plan of a case that has a plan, in microseconds.
  double planning = 0;
  // Median of a call, in milliseconds, one a turn.
  std::vector<double> logging;
};

template <typename Request, typename Case>
Measured Plan(const char* name, const char* report, const casework::KnownFacts& known,
              absl::StatusOr<casework::Change<Case>> (*open)(const Request&, const casework::Call&),
              casework::Facts (*facts_of)(const Case&, const casework::v1::Protocol&)) {
  const auto protocols =
      casework::Protocols::Load(std::string("services/") + name + "/protocols", &known);
  const auto days = civil::WorkingDays::Load("common/civil/bank_holidays.json");
  const casework::v1::Protocol& protocol = **protocols->Latest(name);
  casework::Call call;
  call.now = absl::FromUnixSeconds(1'774'740'000);
  call.tenant = "demo";
  call.request_id = "01900000-0000-7000-8000-000000000001";
  call.protocol = &protocol;
  auto opened = open(Parse<Request>(report), call);
  Case& record = opened->cases.front();
  // As the corridor plans what it stores: the words are put in for the answer.
  const casework::Planning planning{.now = call.now,
                                    .cause = "Log",
                                    .case_version = 1,
                                    .working_days = &*days,
                                    .without_words = true};
  const auto plan = [&] {
    return *casework::PlanSteps(protocol, facts_of(record, protocol), record.header(), planning);
  };
  *record.mutable_header()->mutable_plan() = plan();
  std::vector<double> taken(kRounds);
  for (double& micros : taken) {
    const int64_t start = absl::GetCurrentTimeNanos();
    plan();
    micros = static_cast<double>(absl::GetCurrentTimeNanos() - start) / 1e3;
  }
  return {.steps = record.header().plan().steps_size(), .planning = Median(taken), .logging = {}};
}

// Logs one case; false when it was refused.
using Logger = std::function<bool()>;

template <typename Request, typename Response, typename Stub>
Logger LoggerOf(std::shared_ptr<Stub> stub, const char* report, const std::string& token,
                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  return [stub, prototype = Parse<Request>(report), token, method] {
    Request request = prototype;
    request.set_request_id(ids::NewUuid());
    request.mutable_people(0)->set_subject_id(ids::NewUuid());
    Response response;
    return rpc::Invoke({.deadline = absl::Now() + absl::Seconds(20), .token = token},
                       [&](grpc::ClientContext* context) {
                         return (stub.get()->*method)(context, request, &response);
                       })
        .ok();
  };
}

// The median of what the calls of one turn take, in milliseconds; negative when one failed.
double Turn(const Logger& log, int callers, absl::Duration length) {
  const absl::Time end = absl::Now() + length;
  std::vector<std::vector<double>> taken(callers);
  std::atomic<bool> failed = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      while (absl::Now() < end) {
        const absl::Time begin = absl::Now();
        if (!log()) failed = true;
        taken[i].push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<double> all;
  for (const auto& some : taken) all.insert(all.end(), some.begin(), some.end());
  return failed ? -1 : Median(all);
}

int Run(absl::Duration length, int turns, int callers) {
  const std::vector<std::string> names = {"bbv", "dental", "mental_health", "msk"};
  std::map<std::string, Measured> measured;
  measured["bbv"] = Plan("bbv", kNeedlestick, bbv::KnownFacts(), &bbv::LogExposure, &bbv::FactsOf);
  measured["dental"] =
      Plan("dental", kKick, dental::KnownFacts(), &dental::LogDentalInjury, &dental::FactsOf);
  measured["mental_health"] = Plan("mental_health", kCollision, mental_health::KnownFacts(),
                                   &mental_health::LogTraumaticIncident, &mental_health::FactsOf);
  measured["msk"] = Plan("msk", kLifting, msk::KnownFacts(), &msk::LogInjury, &msk::FactsOf);

  harness::SuiteOptions options{.durable = true, .services = names, .workers = callers};
  for (const std::string& name : names) {
    options.flags[name] = {"--peer=scheduling=127.0.0.1:9", "--peer=audit=127.0.0.1:9"};
  }
  const auto suite = harness::Suite::Start(options);
  if (!suite.ok()) {
    std::fprintf(stderr, "%s\n", suite.status().ToString().c_str());
    return 2;
  }
  const std::string token = (*suite)->Token();
  const std::map<std::string, Logger> loggers = {
      {"bbv", LoggerOf(std::shared_ptr(bbv::v1::BbvService::NewStub((*suite)->Connect("bbv"))),
                       kNeedlestick, token, &bbv::v1::BbvService::Stub::LogExposure)},
      {"dental",
       LoggerOf(std::shared_ptr(dental::v1::DentalService::NewStub((*suite)->Connect("dental"))),
                kKick, token, &dental::v1::DentalService::Stub::LogDentalInjury)},
      {"mental_health",
       LoggerOf(
           std::shared_ptr(
               mental_health::v1::MentalHealthService::NewStub((*suite)->Connect("mental_health"))),
           kCollision, token, &mental_health::v1::MentalHealthService::Stub::LogTraumaticIncident)},
      {"msk", LoggerOf(std::shared_ptr(msk::v1::MskService::NewStub((*suite)->Connect("msk"))),
                       kLifting, token, &msk::v1::MskService::Stub::LogInjury)}};
  for (const std::string& name : names) Turn(loggers.at(name), callers, absl::Seconds(1));
  for (int turn = 0; turn < turns; ++turn) {
    for (const std::string& name : names) {
      const double taken = Turn(loggers.at(name), callers, length);
      if (taken < 0) {
        std::fprintf(stderr, "%s refused a call\n%s\n", name.c_str(), (*suite)->Log(name).c_str());
        return 2;
      }
      measured[name].logging.push_back(taken);
    }
  }

  std::printf("%d callers, %d turns of %d s each, scheduling and audit away\n", callers, turns,
              static_cast<int>(absl::ToInt64Seconds(length)));
  std::printf("%-16s %6s %14s %7s %14s %7s\n", "", "steps", "planning us", "times", "logging ms",
              "times");
  const Measured& first = measured["bbv"];
  bool kept = true;
  for (const std::string& name : names) {
    const Measured& of = measured[name];
    const double planning = of.planning / first.planning;
    const double logging = Median(of.logging) / Median(first.logging);
    kept &= planning <= kMostTimes && logging <= kMostTimes;
    std::printf("%-16s %6d %14.1f %7.2f %14.2f %7.2f\n", name.c_str(), of.steps, of.planning,
                planning, Median(of.logging), logging);
  }
  return kept ? 0 : 1;
}

}  // namespace
}  // namespace waymark

int main(int argc, char** argv) {
  int seconds = 3;
  int turns = 5;
  int callers = 8;
  if ((argc > 1 && !absl::SimpleAtoi(argv[1], &seconds)) ||
      (argc > 2 && !absl::SimpleAtoi(argv[2], &turns)) ||
      (argc > 3 && !absl::SimpleAtoi(argv[3], &callers)) || seconds < 1 || turns < 1 ||
      callers < 1) {
    std::fprintf(stderr, "usage: pathways_bench [seconds a turn] [turns] [callers]\n");
    return 2;
  }
  return waymark::Run(absl::Seconds(seconds), turns, callers);
}
