#include "services/workforce/fitness/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/testing/proto_matchers.h"
#include "services/casework/instants.h"
#include "services/workforce/fitness/rules.h"

namespace waymark::workforce {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;
using ::testing::ElementsAre;
using testing::ParseProto;

absl::Time At(absl::CivilSecond local) { return absl::FromCivil(local, civil::London()); }

v1::FitnessStatement Statement(v1::StatementState state) {
  auto statement = ParseProto<v1::FitnessStatement>(R"pb(
    fitness {
      statement_id: "01900000-0000-7000-8000-000000000001"
      subject_id: "01900000-0000-7000-8000-000000000002"
      code: FITNESS_CODE_TEMPORARILY_UNFIT
      review_date { year: 2026 month: 4 day: 5 }
    }
    version: 3
    issued_by: "nia"
  )pb");
  statement.set_state(state);
  *statement.mutable_answer_due_time() = ToTimestamp(At(absl::CivilSecond(2026, 3, 9, 23, 59, 59)));
  *statement.mutable_answered_time() = ToTimestamp(At(absl::CivilSecond(2026, 3, 4, 10)));
  return statement;
}

// "2 OH_NURSE BREACH 2026-..." of each rung.
std::vector<std::string> Ladder(const scheduling::v1::PlannedStep& step) {
  std::vector<std::string> ladder;
  for (const scheduling::v1::Rung& rung : step.rungs()) {
    ladder.push_back(absl::StrCat(
        options::v1::Role_Name(rung.audience()), " ", scheduling::v1::RungKind_Name(rung.kind()),
        " ", civil::FormatLocal(FromTimestamp(rung.fire_time()), civil::London())));
  }
  return ladder;
}

TEST(PlanOf, WaitsForTheOfficerThenForTheReview) {
  scheduling::v1::Plan plan = PlanOf(Rules(), Statement(v1::STATEMENT_STATE_WITH_OFFICER));
  ASSERT_EQ(plan.steps_size(), 1);
  EXPECT_EQ(plan.case_version(), 3);
  EXPECT_EQ(plan.assigned_to(), "nia");
  EXPECT_FALSE(plan.closed());
  EXPECT_THAT(Ladder(plan.steps(0)),
              ElementsAre("ROLE_OH_NURSE RUNG_KIND_BREACH 2026-03-09T23:59:59+00:00",
                          "ROLE_OH_LEAD RUNG_KIND_ESCALATION 2026-03-16T00:00:00+00:00"));
  plan = PlanOf(Rules(), Statement(v1::STATEMENT_STATE_RELEASED));
  ASSERT_EQ(plan.steps_size(), 1);
  // The clocks go forward in between: a reminder is about days.
  EXPECT_THAT(Ladder(plan.steps(0)),
              ElementsAre("ROLE_OH_NURSE RUNG_KIND_REMINDER 2026-03-22T00:00:00+00:00",
                          "ROLE_OH_NURSE RUNG_KIND_BREACH 2026-04-05T00:00:00+01:00",
                          "ROLE_OH_LEAD RUNG_KIND_ESCALATION 2026-04-12T00:00:00+01:00"));
}

TEST(PlanOf, TellsTheClinicianAtOnceOfADisputedFact) {
  const scheduling::v1::Plan plan = PlanOf(Rules(), Statement(v1::STATEMENT_STATE_FACT_DISPUTED));
  ASSERT_EQ(plan.steps_size(), 1);
  EXPECT_EQ(Ladder(plan.steps(0))[0], "ROLE_OH_NURSE RUNG_KIND_REMINDER 2026-03-04T10:00:00+00:00");
}

TEST(PlanOf, IsClosedWhileNothingWaits) {
  for (const v1::StatementState state :
       {v1::STATEMENT_STATE_WITHHELD, v1::STATEMENT_STATE_WITHDRAWN, v1::STATEMENT_STATE_SUPERSEDED,
        v1::STATEMENT_STATE_EXPIRED}) {
    EXPECT_TRUE(PlanOf(Rules(), Statement(state)).closed());
  }
  v1::FitnessStatement fit = Statement(v1::STATEMENT_STATE_RELEASED);
  fit.mutable_fitness()->clear_review_date();
  EXPECT_TRUE(PlanOf(Rules(), fit).closed());
}

TEST(PlanOf, LeavesWhatOnlyAPhysicianStatesToAPhysician) {
  v1::FitnessStatement statement = Statement(v1::STATEMENT_STATE_WITH_OFFICER);
  statement.mutable_fitness()->set_code(v1::FITNESS_CODE_PERMANENTLY_UNFIT);
  EXPECT_EQ(PlanOf(Rules(), statement).steps(0).responsible(), options::v1::ROLE_OH_PHYSICIAN);
}

}  // namespace
}  // namespace waymark::workforce
