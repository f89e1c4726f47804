// The dental report as it comes in: JSON from the command line or a gateway, then the generic
// checks of the corridor, then the pathway's own, down to the plan of the case and its merged
// visits.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <set>
#include <string>
#include <utility>

#include "common/civil/working_days.h"
#include "common/rpc/validate.h"
#include "common/status/status.h"
#include "services/casework/planner.h"
#include "services/casework/protocol_loader.h"
#include "services/casework/status.h"
#include "services/dental/facts.h"
#include "services/dental/log_dental_injury.h"
#include "services/dental/visits.h"
#include "tests/fuzz/fuzz_target.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::dental {
namespace {

// What scheduling takes of one case.
constexpr int kMostSteps = 200;

struct Pathway {
  casework::Protocols protocols = *casework::Protocols::Load("services/dental/protocols", nullptr);
  const casework::v1::Protocol& latest = **protocols.Latest("dental");
  civil::WorkingDays days = *civil::WorkingDays::Load("common/civil/bank_holidays.json");
};

void CheckCase(const Pathway& pathway, const casework::Call& call, const v1::DentalCase& opened) {
  FUZZ_REQUIRE(!opened.header().case_id().empty());
  FUZZ_REQUIRE(opened.injury().incident_time().has_instant());
  FUZZ_REQUIRE(opened.advice().urgency() != v1::URGENCY_UNSPECIFIED);
  absl::StatusOr<casework::v1::Plan> plan = casework::PlanSteps(
      pathway.latest, FactsOf(opened, pathway.latest), opened.header(),
      {.now = call.now, .cause = "LogDentalInjury", .working_days = &pathway.days});
  FUZZ_REQUIRE(plan.ok() && plan->steps_size() > 0 && plan->steps_size() <= kMostSteps);
  casework::SetStatuses(call.now, *plan);
  std::set<std::string> served;
  for (const v1::Visit& visit : MergeVisits(*plan)) {
    for (const std::string& key : visit.step_keys()) FUZZ_REQUIRE(served.insert(key).second);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // protobuf would print a line about every text that is not UTF-8.
  [[maybe_unused]] static auto* const silenced = google::protobuf::SetLogHandler(nullptr);
  static const Pathway& pathway = *new Pathway;
  v1::LogDentalInjuryRequest request;
  const std::string json(fuzz::Text(data, size));
  if (!google::protobuf::util::JsonStringToMessage(json, &request).ok()) return 0;
  if (!rpc::CheckRequest(request).ok()) return 0;

  casework::Call call;
  call.now = absl::FromUnixSeconds(1'790'000'000);
  call.tenant = "demo";
  call.user_id = "nurse-1";
  call.role = options::v1::ROLE_OH_NURSE;
  call.request_id = "01900000-0000-7000-8000-000000000001";
  call.act = "LogDentalInjury";
  call.protocol = &pathway.latest;
  const DentalChange change = LogDentalInjury(request, call);
  if (!change.ok()) {
    FUZZ_REQUIRE(change.status().code() == absl::StatusCode::kInvalidArgument);
    FUZZ_REQUIRE(!status::Reason(change.status()).empty());
    return 0;
  }
  FUZZ_REQUIRE(change->cases.size() == static_cast<size_t>(request.people_size()));
  for (const v1::DentalCase& opened : change->cases) CheckCase(pathway, call, opened);
  for (const casework::Outgoing& message : change->messages) {
    bbv::v1::OpenLinkedCaseRequest linked;
    FUZZ_REQUIRE(message.destination == "bbv" && linked.ParseFromString(message.payload));
  }
  return 0;
}

}  // namespace waymark::dental
