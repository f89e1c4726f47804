// The injury report as it comes in: JSON from the command line or a gateway, then the generic
// checks of the corridor, then the pathway's own, down to the plan of the case: whatever is sent,
// nothing of the ordinary path is planned beside an emergency, and an emergency has a step within
// the hour.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <string>

#include "common/civil/working_days.h"
#include "common/rpc/validate.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"
#include "services/casework/protocol_loader.h"
#include "services/msk/door.h"
#include "services/msk/facts.h"
#include "services/msk/log_injury.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::msk {
namespace {

struct Pathway {
  casework::Protocols protocols = *casework::Protocols::Load("services/msk/protocols", nullptr);
  const casework::v1::Protocol& latest = **protocols.Latest("msk");
  civil::WorkingDays days = *civil::WorkingDays::Load("common/civil/bank_holidays.json");
};

void CheckCase(const Pathway& pathway, const casework::Call& call, const v1::MskCase& opened) {
  FUZZ_REQUIRE(!opened.header().case_id().empty());
  FUZZ_REQUIRE(opened.injury().incident_time().has_instant());
  const absl::StatusOr<casework::v1::Plan> plan =
      casework::PlanSteps(pathway.latest, FactsOf(opened, pathway.latest), opened.header(),
                          {.now = call.now, .cause = "LogInjury", .working_days = &pathway.days});
  FUZZ_REQUIRE(plan.ok() && plan->steps_size() > 0);
  const absl::Time reported = casework::InstantOf(opened.injury().reported_time());
  bool within_the_hour = false;
  for (const casework::v1::Step& step : plan->steps()) {
    const bool ordinary = step.stage() == "triage" || step.stage() == "treatment";
    FUZZ_REQUIRE(!ordinary || DoorOf(opened) == Door::kClear);
    within_the_hour |= step.stage() == "emergency" &&
                       casework::FromTimestamp(step.due_time()) <= call.now + absl::Hours(1);
  }
  FUZZ_REQUIRE(reported <= call.now);
  FUZZ_REQUIRE(opened.advice().urgency() != v1::URGENCY_EMERGENCY || within_the_hour);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // protobuf would print a line about every text that is not UTF-8.
  [[maybe_unused]] static auto* const silenced = google::protobuf::SetLogHandler(nullptr);
  static const Pathway& pathway = *new Pathway;
  v1::LogInjuryRequest request;
  const std::string json(fuzz::Text(data, size));
  if (!google::protobuf::util::JsonStringToMessage(json, &request).ok()) return 0;
  if (!rpc::CheckRequest(request).ok()) return 0;

  casework::Call call;
  call.now = absl::FromUnixSeconds(1'790'000'000);
  call.tenant = "demo";
  call.user_id = "nurse-1";
  call.role = options::v1::ROLE_OH_NURSE;
  call.request_id = "01900000-0000-7000-8000-000000000001";
  call.act = "LogInjury";
  call.protocol = &pathway.latest;
  const MskChange change = LogInjury(request, call);
  if (!change.ok()) {
    FUZZ_REQUIRE(change.status().code() == absl::StatusCode::kInvalidArgument);
    FUZZ_REQUIRE(!status::Reason(change.status()).empty());
    return 0;
  }
  FUZZ_REQUIRE(change->cases.size() == static_cast<size_t>(request.people_size()));
  for (const v1::MskCase& opened : change->cases) CheckCase(pathway, call, opened);
  return 0;
}

}  // namespace waymark::msk
