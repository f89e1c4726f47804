// A self-referral or an event as it comes in: JSON from the command line or a gateway, then the
// generic checks of the corridor, then the pathway's own, down to the plan of the case. Whatever is
// sent, an answer about suicide, or a blank in its place, puts a contact on today's plan.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <string>

#include "common/civil/civil.h"
#include "common/civil/working_days.h"
#include "common/rpc/validate.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"
#include "services/casework/protocol_loader.h"
#include "services/casework/status.h"
#include "services/mental_health/facts.h"
#include "services/mental_health/log_traumatic_incident.h"
#include "services/mental_health/self_refer.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::mental_health {
namespace {

constexpr int kItem9 = 8;

struct Pathway {
  casework::Protocols protocols =
      *casework::Protocols::Load("services/mental_health/protocols", nullptr);
  const casework::v1::Protocol& latest = **protocols.Latest("mental_health");
  civil::WorkingDays days = *civil::WorkingDays::Load("common/civil/bank_holidays.json");
};

casework::v1::Plan PlanOf(const Pathway& pathway, const casework::Call& call,
                          const v1::MentalHealthCase& opened) {
  FUZZ_REQUIRE(!opened.header().case_id().empty());
  absl::StatusOr<casework::v1::Plan> plan =
      casework::PlanSteps(pathway.latest, FactsOf(opened, pathway.latest), opened.header(),
                          {.now = call.now, .cause = call.act, .working_days = &pathway.days});
  FUZZ_REQUIRE(plan.ok() && plan->steps_size() <= 200);
  return *std::move(plan);
}

void CheckReferred(const Pathway& pathway, const casework::Call& call,
                   const v1::SelfReferRequest& request, const v1::MentalHealthCase& opened) {
  const casework::v1::Plan plan = PlanOf(pathway, call, opened);
  FUZZ_REQUIRE(plan.steps_size() > 0);
  FUZZ_REQUIRE(opened.header().hidden_from_managers());
  FUZZ_REQUIRE(opened.measurements_size() == request.answers().sheets_size());
  const bool asks =
      std::any_of(request.answers().sheets().begin(), request.answers().sheets().end(),
                  [](const v1::AnswerSheet& sheet) {
                    return sheet.instrument() == v1::INSTRUMENT_PHQ9 && sheet.answers(kItem9) != 0;
                  });
  const casework::v1::Step* contact = casework::FindStep(plan, "risk_contact#1");
  FUZZ_REQUIRE(contact != nullptr ||
               (!asks && request.referral().fears_for_safety() != v1::ANSWER_YES));
  if (contact != nullptr) {
    FUZZ_REQUIRE(civil::DateOf(casework::FromTimestamp(contact->due_time()), civil::London()) ==
                 civil::DateOf(call.now, civil::London()));
  }
  for (const v1::Measurement& measurement : opened.measurements()) {
    FUZZ_REQUIRE(measurement.validity() != v1::VALIDITY_UNSPECIFIED);
    FUZZ_REQUIRE(measurement.total() >= 0 && measurement.total() <= 88);
  }
}

// The error says what is wrong, and is the request's.
void CheckRefused(const absl::Status& refused) {
  FUZZ_REQUIRE(refused.code() == absl::StatusCode::kInvalidArgument);
  FUZZ_REQUIRE(!status::Reason(refused).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // protobuf would print a line about every text that is not UTF-8.
  [[maybe_unused]] static auto* const silenced = google::protobuf::SetLogHandler(nullptr);
  static const Pathway& pathway = *new Pathway;
  const std::string json(fuzz::Text(data, size));
  casework::Call call;
  call.now = absl::FromUnixSeconds(1'790'000'000);
  call.tenant = "demo";
  call.user_id = "nurse-1";
  call.role = options::v1::ROLE_OH_NURSE;
  call.request_id = "01900000-0000-7000-8000-000000000001";
  call.protocol = &pathway.latest;

  v1::SelfReferRequest referral;
  if (google::protobuf::util::JsonStringToMessage(json, &referral).ok() &&
      rpc::CheckRequest(referral).ok()) {
    call.act = "SelfRefer";
    const MentalHealthChange change = SelfRefer(referral, call);
    if (change.ok()) {
      FUZZ_REQUIRE(change->cases.size() == 1);
      CheckReferred(pathway, call, referral, change->cases[0]);
    } else {
      CheckRefused(change.status());
    }
  }
  v1::LogTraumaticIncidentRequest event;
  if (google::protobuf::util::JsonStringToMessage(json, &event).ok() &&
      rpc::CheckRequest(event).ok()) {
    call.act = "LogTraumaticIncident";
    const MentalHealthChange change = LogTraumaticIncident(event, call);
    if (!change.ok()) {
      CheckRefused(change.status());
      return 0;
    }
    FUZZ_REQUIRE(change->cases.size() == static_cast<size_t>(event.people_size()));
    for (const v1::MentalHealthCase& opened : change->cases) {
      PlanOf(pathway, call, opened);
      FUZZ_REQUIRE(opened.header().links().empty());
    }
  }
  return 0;
}

}  // namespace waymark::mental_health
