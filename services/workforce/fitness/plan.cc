#include "services/workforce/fitness/plan.h"

#include <string>

#include "common/civil/civil.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/fitness/rules.h"

namespace waymark::workforce {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;
using options::v1::ROLE_OH_LEAD;
using options::v1::ROLE_OH_NURSE;
using options::v1::ROLE_OH_PHYSICIAN;

constexpr char kPathway[] = "workforce";

absl::CivilDay LondonDay(absl::Time time) { return civil::DateOf(time, civil::London()); }

// A step of its own ladder: a reminder, the breach, and a lead when it is long overdue.
scheduling::v1::PlannedStep& AddStep(const v1::FitnessRules& rules, absl::string_view key,
                                     absl::string_view title, options::v1::Role responsible,
                                     absl::Time remind, absl::Time due,
                                     scheduling::v1::Plan& plan) {
  scheduling::v1::PlannedStep& step = *plan.add_steps();
  step.set_step_key(std::string(key));
  step.set_title(std::string(title));
  step.set_stage("fitness");
  step.set_responsible(responsible);
  *step.mutable_due_time() = ToTimestamp(due);
  step.set_revision(1);
  const auto rung = [&](int number, absl::Time at, options::v1::Role audience,
                        scheduling::v1::RungKind kind) {
    scheduling::v1::Rung& one = *step.add_rungs();
    one.set_number(number);
    *one.mutable_fire_time() = ToTimestamp(at);
    one.set_audience(audience);
    one.set_kind(kind);
  };
  if (remind < due) rung(1, remind, responsible, scheduling::v1::RUNG_KIND_REMINDER);
  rung(2, due, responsible, scheduling::v1::RUNG_KIND_BREACH);
  rung(3, civil::StartOfDay(After(LondonDay(due), rules.escalation()), civil::London()),
       ROLE_OH_LEAD, scheduling::v1::RUNG_KIND_ESCALATION);
  return step;
}

}  // namespace

scheduling::v1::Plan PlanOf(const v1::FitnessRules& rules, const v1::FitnessStatement& statement) {
  const v1::Fitness& fitness = statement.fitness();
  scheduling::v1::Plan plan;
  plan.set_case_id(fitness.statement_id());
  plan.set_case_version(statement.version());
  plan.set_subject_id(fitness.subject_id());
  plan.set_pathway(kPathway);
  plan.set_assigned_to(statement.issued_by());
  plan.mutable_actor()->set_user_id(statement.issued_by());
  const options::v1::Role clinician =
      RuleOf(rules, fitness.code()).physician_only() ? ROLE_OH_PHYSICIAN : ROLE_OH_NURSE;
  plan.mutable_actor()->set_role(clinician);
  const absl::Time answer_due = FromTimestamp(statement.answer_due_time());
  switch (statement.state()) {
    case v1::STATEMENT_STATE_WITH_OFFICER:
      AddStep(rules, "fitness_answer", "A fitness statement waits for the officer's answer",
              clinician, answer_due, answer_due, plan);
      break;
    case v1::STATEMENT_STATE_FACT_DISPUTED:
      AddStep(rules, "fitness_dispute", "The officer says that a fact of a statement is wrong",
              clinician, FromTimestamp(statement.answered_time()), answer_due, plan);
      break;
    case v1::STATEMENT_STATE_RELEASED:
      if (fitness.has_review_date()) {
        const absl::CivilDay review = casework::DayOf(fitness.review_date());
        const v1::FitnessPeriod& ahead = rules.review_reminder();
        AddStep(rules, "fitness_review", "A fitness statement is to be reviewed", clinician,
                civil::StartOfDay(civil::AddMonths(review, -ahead.months()) - ahead.days(),
                                  civil::London()),
                civil::StartOfDay(review, civil::London()), plan);
      }
      break;
    default:
      break;
  }
  plan.set_closed(plan.steps().empty());
  return plan;
}

scheduling::v1::Plan PlanOfProposal(const v1::FitnessRules& rules, absl::string_view proposal_id,
                                    absl::string_view subject_id, absl::Time proposed,
                                    absl::Time due) {
  scheduling::v1::Plan plan;
  plan.set_case_id(std::string(proposal_id));
  plan.set_case_version(1);
  plan.set_subject_id(std::string(subject_id));
  plan.set_pathway(kPathway);
  AddStep(rules, "fitness_proposal", "A fitness statement is asked for", ROLE_OH_NURSE, proposed,
          due, plan);
  return plan;
}

scheduling::v1::Plan ClosedPlan(absl::string_view id, int64_t version) {
  scheduling::v1::Plan plan;
  plan.set_case_id(std::string(id));
  plan.set_case_version(version);
  plan.set_pathway(kPathway);
  plan.set_closed(true);
  return plan;
}

}  // namespace waymark::workforce
