#include "services/casework/testing/story.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/civil/civil.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"
#include "services/casework/status.h"

namespace waymark::casework::testing {

Protocols LoadProtocols(const std::string& folder, const KnownFacts& known) {
  auto loaded = Protocols::Load(folder, &known);
  if (!loaded.ok()) {
    std::fputs(loaded.status().ToString().c_str(), stderr);
    std::abort();
  }
  return *std::move(loaded);
}

const civil::WorkingDays& BankHolidays() {
  static const auto* const days =
      new civil::WorkingDays(civil::WorkingDays::Load("common/civil/bank_holidays.json").value());
  return *days;
}

absl::Time Clock(absl::string_view local) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(local.size() > 16 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%dT%H:%M", local,
                       civil::London(), &time, &error)) {
    ADD_FAILURE() << local << ": " << error;
  }
  return time;
}

std::string InLondon(absl::Time time) {
  const bool seconds = civil::London().At(time).cs.second() != 0;
  return absl::FormatTime(seconds ? "%Y-%m-%d %H:%M:%S %Z" : "%Y-%m-%d %H:%M %Z", time,
                          civil::London());
}

std::string OpensOf(const v1::Plan& plan, absl::string_view key) {
  const v1::Step* step = FindStep(plan, key);
  if (step == nullptr || !step->has_opens_time()) return "";
  return InLondon(FromTimestamp(step->opens_time()));
}

std::string DueOf(const v1::Plan& plan, absl::string_view key) {
  const v1::Step* step = FindStep(plan, key);
  return step == nullptr ? "" : InLondon(FromTimestamp(step->due_time()));
}

std::string ClosesOf(const v1::Plan& plan, absl::string_view key) {
  const v1::Step* step = FindStep(plan, key);
  if (step == nullptr || !step->has_closes_time()) return "";
  return InLondon(FromTimestamp(step->closes_time()));
}

std::string StatusOf(const v1::Plan& plan, absl::string_view key, absl::Time now) {
  const v1::Step* step = FindStep(plan, key);
  if (step == nullptr) return "";
  return v1::StepStatus_Name(StatusAt(*step, now)).substr(sizeof("STEP_STATUS_") - 1);
}

std::string TestsOf(const v1::Plan& plan, absl::string_view key) {
  const v1::Step* step = FindStep(plan, key);
  if (step == nullptr) return "";
  return absl::StrJoin(step->tests(), " ", [](std::string* out, const v1::PlannedTest& test) {
    absl::StrAppend(out, test.test());
  });
}

void PlanForStory(const v1::Protocol& protocol, const Facts& facts, const Call& call,
                  v1::CaseHeader& header) {
  header.set_version(header.version() + 1);
  header.set_state(v1::CASE_STATE_OPEN);
  absl::StatusOr<v1::Plan> plan = PlanSteps(protocol, facts, header,
                                            {.now = call.now,
                                             .cause = call.act,
                                             .case_version = header.version(),
                                             .working_days = &BankHolidays()});
  if (plan.ok()) {
    *header.mutable_plan() = *std::move(plan);
  } else {
    ADD_FAILURE() << plan.status();
  }
}

Call CallForStory(int number, const std::string& act, absl::Time now, options::v1::Role role,
                  const v1::Protocol& protocol) {
  Call call;
  call.now = now;
  call.tenant = "demo";
  call.user_id = "nurse-1";
  call.role = role;
  call.request_id = absl::StrCat("01900000-0000-7000-8000-", absl::Dec(number, absl::kZeroPad12));
  call.act = act;
  call.protocol = &protocol;
  return call;
}

}  // namespace waymark::casework::testing
