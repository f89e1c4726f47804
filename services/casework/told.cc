#include "services/casework/told.h"

#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/casework/instants.h"
#include "services/casework/ladder.h"
#include "services/casework/rule_text.h"
#include "services/casework/status.h"
#include "waymark/workforce/v1/fitness_service.pb.h"

namespace waymark::casework {
namespace {

// What audit and scheduling take at most.
constexpr int kMostMeasures = 64;
constexpr int kMostTests = 64;

scheduling::v1::RungKind KindOf(v1::RungKind kind) {
  switch (kind) {
    case v1::RUNG_KIND_REMINDER:
      return scheduling::v1::RUNG_KIND_REMINDER;
    case v1::RUNG_KIND_BREACH:
      return scheduling::v1::RUNG_KIND_BREACH;
    case v1::RUNG_KIND_ESCALATION:
      return scheduling::v1::RUNG_KIND_ESCALATION;
    case v1::RUNG_KIND_LAST_CALL:
      return scheduling::v1::RUNG_KIND_LAST_CALL;
    default:
      return scheduling::v1::RUNG_KIND_UNSPECIFIED;
  }
}

int32_t Clamped(int64_t value) {
  return static_cast<int32_t>(
      std::min<int64_t>(std::max<int64_t>(value, std::numeric_limits<int32_t>::min()),
                        std::numeric_limits<int32_t>::max()));
}

std::string TitleIn(const v1::Protocol& protocol, const v1::Step& step) {
  if (!step.title().empty()) return step.title();
  const v1::StepRule* rule = FindRule(protocol, step.key());
  return rule == nullptr ? step.key() : TitleOf(*rule, step.key());
}

// "HIV_AG_AB_TEST_6_WEEKS". Which of several things was tested would tell more than learning needs.
std::string CodeOf(const v1::PlannedTest& test, const v1::Step& step) {
  const absl::string_view key = absl::string_view(step.key()).substr(0, step.key().find('#'));
  return absl::StrCat(test.test(), "_", absl::AsciiStrToUpper(key));
}

audit::v1::Finding FindingOf(const v1::Step& step) {
  switch (step.outcome().ending()) {
    case v1::ENDING_DONE:
      return DoneOnTime(step) ? audit::v1::FINDING_YES : audit::v1::FINDING_NO;
    case v1::ENDING_SUPERSEDED:
    case v1::ENDING_WAIVED:
      return audit::v1::FINDING_NOT_APPLICABLE;
    default:
      // Declined, lost, or still open when the case closed: it was wanted and not done.
      return audit::v1::FINDING_NO;
  }
}

}  // namespace

scheduling::v1::Plan PlanForScheduling(absl::string_view pathway, const v1::Protocol& protocol,
                                       const v1::CaseHeader& header, const Call& call) {
  scheduling::v1::Plan plan;
  plan.set_case_id(header.case_id());
  plan.set_case_version(header.version());
  plan.set_subject_id(header.subject_id());
  plan.set_pathway(std::string(pathway));
  plan.set_assigned_to(header.assigned_to());
  plan.set_jurisdiction(header.jurisdiction());
  plan.mutable_actor()->set_user_id(call.user_id);
  plan.mutable_actor()->set_role(call.role);
  plan.set_closed(header.state() == v1::CASE_STATE_CLOSED);
  for (const v1::Step& step : header.plan().steps()) {
    scheduling::v1::PlannedStep& planned = *plan.add_steps();
    planned.set_step_key(step.key());
    planned.set_title(TitleIn(protocol, step));
    planned.set_stage(step.stage());
    planned.set_responsible(step.responsible());
    if (step.has_opens_time()) *planned.mutable_opens_time() = step.opens_time();
    *planned.mutable_due_time() = step.due_time();
    if (step.has_closes_time()) *planned.mutable_closes_time() = step.closes_time();
    planned.set_revision(step.revision());
    if (!IsOpen(step)) {
      planned.mutable_end()->set_ending(step.outcome().ending());
      *planned.mutable_end()->mutable_time() = step.outcome().ended_time();
    } else {
      for (const RungAt& rung : ExpandLadder(protocol, step)) {
        scheduling::v1::Rung& told = *planned.add_rungs();
        told.set_number(rung.number);
        *told.mutable_fire_time() = ToTimestamp(rung.fire_time);
        told.set_audience(rung.audience);
        told.set_kind(KindOf(rung.kind));
      }
    }
    if (!step.measure().empty()) {
      scheduling::v1::Measure& measure = *planned.mutable_measure();
      measure.set_key(step.measure());
      *measure.mutable_anchor_time() = step.anchor_time();
      if (step.outcome().ending() == v1::ENDING_DONE) {
        *measure.mutable_completed_time() = step.outcome().ended_time();
      }
    }
  }
  return plan;
}

audit::v1::Outcome OutcomeOf(absl::string_view pathway, const v1::CaseHeader& header) {
  audit::v1::Outcome outcome;
  outcome.set_pathway(std::string(pathway));
  outcome.set_protocol_key(header.protocol_key());
  outcome.set_protocol_version(header.protocol_version());
  outcome.set_jurisdiction(header.jurisdiction() == v1::JURISDICTION_WALES ? "WALES" : "ENGLAND");
  outcome.set_closing("COMPLETED");
  for (const v1::Step& step : header.plan().steps()) {
    if (step.outcome().ending() == v1::ENDING_LOST_TO_FOLLOW_UP) {
      outcome.set_closing("LOST_TO_FOLLOW_UP");
    }
    if (step.outcome().ending() == v1::ENDING_DONE) {
      for (const v1::PlannedTest& test : step.tests()) {
        if (outcome.completed_tests_size() == kMostTests) break;
        outcome.add_completed_tests(CodeOf(test, step));
      }
    }
    if (step.measure().empty() || outcome.measures_size() + 2 > kMostMeasures) continue;
    audit::v1::Measure& met = *outcome.add_measures();
    met.set_code(step.measure());
    met.set_finding(FindingOf(step));
    if (step.outcome().ending() != v1::ENDING_DONE) continue;
    const absl::Duration taken =
        FromTimestamp(step.outcome().ended_time()) - FromTimestamp(step.anchor_time());
    audit::v1::Measure& time = *outcome.add_measures();
    // Minutes tell a door-to-dose time; beyond a week they would only tell the exact date.
    if (taken < absl::Hours(24 * 7)) {
      time.set_code(absl::StrCat(step.measure(), "_MINUTES"));
      time.set_minutes(Clamped(absl::ToInt64Minutes(taken)));
    } else {
      time.set_code(absl::StrCat(step.measure(), "_DAYS"));
      time.set_days(Clamped(absl::ToInt64Hours(taken) / 24));
    }
  }
  return outcome;
}

Outgoing AskForFitness(const v1::CaseHeader& header, workforce::v1::FitnessCode code,
                       const Call& call) {
  workforce::v1::ProposeFitnessRequest request;
  request.set_request_id(call.NewId("fitness_request"));
  request.set_tenant(call.tenant);
  request.mutable_actor()->set_user_id(call.user_id);
  request.mutable_actor()->set_role(call.role);
  request.set_subject_id(header.subject_id());
  request.set_case_id(header.case_id());
  request.set_code(code);
  return {.destination = "workforce", .payload = request.SerializeAsString()};
}

}  // namespace waymark::casework
