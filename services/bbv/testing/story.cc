#include "services/bbv/testing/story.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_join.h"
#include "common/civil/civil.h"
#include "services/bbv/facts.h"
#include "services/bbv/log_exposure.h"
#include "services/bbv/record_test_result.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"
#include "services/casework/status.h"

namespace waymark::bbv::testing {

const casework::Protocols& Protocols() {
  static const auto* const protocols = [] {
    auto loaded = casework::Protocols::Load("services/bbv/protocols", &KnownFacts());
    if (!loaded.ok()) {
      std::fputs(loaded.status().ToString().c_str(), stderr);
      std::abort();
    }
    return new casework::Protocols(*std::move(loaded));
  }();
  return *protocols;
}

const casework::v1::Protocol& Protocol() { return **Protocols().Latest("bbv"); }

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

casework::Call Story::NextCall(const std::string& act) {
  casework::Call call;
  call.now = now_;
  call.tenant = "demo";
  call.user_id = "nurse-1";
  call.role = role_;
  call.request_id = absl::StrCat("01900000-0000-7000-8000-", absl::Dec(++acts_, absl::kZeroPad12));
  call.act = act;
  call.protocol = &Protocol();
  return call;
}

v1::BbvCase Story::Planned(v1::BbvCase bbv_case, const casework::Call& call) const {
  casework::v1::CaseHeader& header = *bbv_case.mutable_header();
  header.set_version(header.version() + 1);
  header.set_state(casework::v1::CASE_STATE_OPEN);
  absl::StatusOr<casework::v1::Plan> plan =
      casework::PlanSteps(*call.protocol, FactsOf(bbv_case, *call.protocol), header,
                          {.now = call.now,
                           .cause = call.act,
                           .case_version = header.version(),
                           .working_days = &BankHolidays()});
  if (plan.ok()) {
    *header.mutable_plan() = *std::move(plan);
  } else {
    ADD_FAILURE() << plan.status();
  }
  return bbv_case;
}

absl::Status Story::Log(const std::string& exposure, const std::string& source) {
  v1::LogExposureRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  v1::ExposedPerson& person = *request.add_people();
  person.set_subject_id("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101");
  *person.mutable_exposure() = waymark::testing::ParseProto<v1::Exposure>(exposure);
  person.mutable_exposure()->mutable_incident_time()->set_civil(incident_);
  *request.mutable_source() = waymark::testing::ParseProto<v1::ExposureSource>(source);
  return Log(std::move(request));
}

absl::Status Story::Log(v1::LogExposureRequest request) {
  const casework::Call call = NextCall("LogExposure");
  BbvChange change = LogExposure(request, call);
  if (!change.ok()) return change.status();
  cases_.clear();
  for (v1::BbvCase& opened : change->cases) cases_.push_back(Planned(std::move(opened), call));
  return absl::OkStatus();
}

std::string Story::Result(const std::string& test, absl::string_view date,
                          const std::string& outcome) {
  const absl::Status recorded = Act(
      &RecordTestResult, absl::StrCat("result { test: TEST_CODE_", test, " outcome: TEST_OUTCOME_",
                                      outcome, " sampled_time { civil: '", date, "T12:00' } }"));
  if (!recorded.ok()) {
    ADD_FAILURE() << recorded;
    return "";
  }
  return Case().results().rbegin()->result_id();
}

std::string Story::Opens(absl::string_view key) const {
  const casework::v1::Step* step = casework::FindStep(Case().header().plan(), key);
  if (step == nullptr || !step->has_opens_time()) return "";
  return InLondon(casework::FromTimestamp(step->opens_time()));
}

std::string Story::Due(absl::string_view key) const {
  const casework::v1::Step* step = casework::FindStep(Case().header().plan(), key);
  return step == nullptr ? "" : InLondon(casework::FromTimestamp(step->due_time()));
}

std::string Story::Closes(absl::string_view key) const {
  const casework::v1::Step* step = casework::FindStep(Case().header().plan(), key);
  if (step == nullptr || !step->has_closes_time()) return "";
  return InLondon(casework::FromTimestamp(step->closes_time()));
}

std::string Story::Status(absl::string_view key) const {
  const casework::v1::Step* step = casework::FindStep(Case().header().plan(), key);
  if (step == nullptr) return "";
  return casework::v1::StepStatus_Name(casework::StatusAt(*step, now_))
      .substr(sizeof("STEP_STATUS_") - 1);
}

std::string Story::Tests(absl::string_view key) const {
  const casework::v1::Step* step = casework::FindStep(Case().header().plan(), key);
  if (step == nullptr) return "";
  return absl::StrJoin(step->tests(), " ", [](std::string* out, const auto& test) {
    absl::StrAppend(out, test.test());
  });
}

}  // namespace waymark::bbv::testing
