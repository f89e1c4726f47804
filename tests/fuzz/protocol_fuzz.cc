// Protocol files: text that a clinician edits, read into the rules that plan a case.
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "services/casework/planner.h"
#include "services/casework/protocol_loader.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::casework {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = fuzz::Text(data, size);
  std::vector<Fault> faults;
  const v1::Protocol protocol = ParseProtocol(text, nullptr, faults);
  for (const Fault& fault : faults) {
    FUZZ_REQUIRE(!fault.reason.empty() && !fault.message.empty());
    FUZZ_REQUIRE(fault.line >= 1 && fault.column >= 1);
  }
  if (!faults.empty()) {
    FUZZ_REQUIRE(!DescribeFaults("file", faults).empty());
    return 0;
  }
  // What the linter lets through reads the same once it is written again, and can be planned.
  std::string again;
  FUZZ_REQUIRE(google::protobuf::TextFormat::PrintToString(protocol, &again));
  std::vector<Fault> second;
  ParseProtocol(again, nullptr, second);
  FUZZ_REQUIRE(second.empty());

  const absl::Time incident = absl::FromUnixSeconds(1'790'000'000);
  Facts facts;
  facts.points["incident"] = incident;
  facts.points["report"] = incident + absl::Hours(1);
  v1::CaseHeader header;
  static const auto& working_days =
      *new civil::WorkingDays(*civil::WorkingDays::Load("common/civil/bank_holidays.json"));
  const absl::StatusOr<v1::Plan> plan = PlanSteps(
      protocol, facts, header,
      {.now = incident, .cause = "fuzz", .case_version = 1, .working_days = &working_days});
  FUZZ_REQUIRE(plan.ok() && plan->steps_size() <= protocol.steps_size());
  return 0;
}

}  // namespace waymark::casework
