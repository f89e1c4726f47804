#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/tenants.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/schema_walk.h"
#include "services/casework/instants.h"
#include "services/scheduling/duties/watchdog.h"
#include "services/scheduling/store/plans.h"
#include "services/scheduling/testing/plan_ground.h"

namespace waymark::scheduling {
namespace {

using casework::ToTimestamp;
using options::v1::ROLE_OH_NURSE;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class PlansPgTest : public PlanGround {
 protected:
  std::string Rungs() {
    return test_database_.Query(
        "SELECT string_agg(revision || '.' || rung, ' ' ORDER BY step_ref, revision, rung)"
        " FROM rung");
  }
  std::string Steps() {
    return test_database_.Query(
        "SELECT string_agg(ordinal || ':' || revision || ':' || coalesce(ending::text, 'open'),"
        " ' ' ORDER BY due_at, step_ref) FROM step");
  }
};

TEST_F(PlansPgTest, KeepsTheRulesThatEveryTableKeeps) {
  testing::Exempt exempt = testing::CommonExempt();
  exempt["due_tenant"] =
      "a tenant's code and the instant of its next rung: where the firing loop looks first";
  EXPECT_THAT(testing::WalkSchema(test_database_, exempt), IsEmpty());
}

TEST_F(PlansPgTest, TakesTheHighestVersionAndIgnoresOlderOnes) {
  v1::Plan first = CasePlan(kCase, 1);
  AddStep(first, "risk_assessment", absl::Hours(1));
  v1::Plan third = CasePlan(kCase, 3);
  End(*AddStep(third, "risk_assessment", absl::Hours(1)), casework::v1::ENDING_DONE,
      absl::Minutes(20));
  AddStep(third, "baseline", absl::Hours(4));

  EXPECT_EQ(Put(third).applied, 1);
  const PutResult late = Put(first);
  EXPECT_EQ(late.applied, 0);
  EXPECT_EQ(late.ignored, 1);
  EXPECT_EQ(Put(third).ignored, 1);
  EXPECT_EQ(Steps(), "0:1:1 1:1:open");
}

TEST_F(PlansPgTest, TakesOfSeveralVersionsInOneBatchTheNewest) {
  v1::Plan first = CasePlan(kCase, 1);
  AddStep(first, "risk_assessment", absl::Hours(1));
  v1::Plan second = CasePlan(kCase, 2);
  AddStep(second, "baseline", absl::Hours(4));
  const PutResult result = Put({second, first});
  EXPECT_EQ(result.applied, 1);
  EXPECT_EQ(result.ignored, 1);
  EXPECT_EQ(Steps(), "0:1:open");
}

TEST_F(PlansPgTest, EndsTheLadderInTheCommitThatEndsTheStep) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  AddAssessment(plan, "baseline");
  Put(plan);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM rung"), "10");
  v1::Plan done = CasePlan(kCase, 2);
  End(*AddAssessment(done), casework::v1::ENDING_DONE, absl::Minutes(20));
  AddAssessment(done, "baseline");
  Put(done);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM rung"), "5");
  EXPECT_EQ(test_database_.Query(absl::StrCat("SELECT count(*) FROM rung WHERE step_ref = '",
                                              StepRef("risk_assessment"), "'")),
            "0");
}

TEST_F(PlansPgTest, ClosingACaseEndsEveryLadderAndStepOfIt) {
  GoLive();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  clock_.Advance(absl::Minutes(45));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(test_database_.Query("SELECT state FROM notice"), "1");
  v1::Plan closed = plan;
  closed.set_case_version(2);
  closed.set_closed(true);
  Put(closed);
  EXPECT_EQ(Rungs(), "");
  EXPECT_EQ(Steps(), "0:1:4");
  EXPECT_EQ(test_database_.Query("SELECT state FROM notice"), "4") << "withdrawn";
  EXPECT_THAT(List().items, IsEmpty());
  // Opened again, it goes on where it stood: what fired stays fired.
  plan.set_case_version(3);
  Put(plan);
  EXPECT_EQ(Rungs(), "1.2 1.3 1.4 1.5");
  EXPECT_EQ(List().total, 1);
}

TEST_F(PlansPgTest, SupersedesAStepThatThePlanNoLongerHas) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  AddAssessment(plan, "pep");
  Put(plan);
  v1::Plan without = CasePlan(kCase, 2);
  AddAssessment(without);
  Put(without);
  EXPECT_EQ(test_database_.Query(
                absl::StrCat("SELECT ending FROM step WHERE step_ref = '", StepRef("pep"), "'")),
            "4");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM rung"), "5");
}

TEST_F(PlansPgTest, RaisesItsOwnRevisionWhenInstantsMoveUnderTheSameOne) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  v1::Plan moved = CasePlan(kCase, 2);
  *AddAssessment(moved)->mutable_due_time() = ToTimestamp(Incident() + absl::Hours(3));
  Put(moved);
  EXPECT_EQ(Steps(), "0:2:open");
  EXPECT_EQ(Rungs(), "2.1 2.2 2.3 2.4 2.5");
  moved.set_case_version(3);
  Put(moved);
  EXPECT_EQ(Steps(), "0:2:open") << "nothing moved";
}

TEST_F(PlansPgTest, FollowsALadderThatChangesUnderTheSameRevision) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  v1::Plan changed = CasePlan(kCase, 2);
  v1::PlannedStep* step = AddAssessment(changed);
  step->mutable_rungs()->RemoveLast();
  step->mutable_rungs(0)->set_audience(options::v1::ROLE_OH_LEAD);
  *step->mutable_rungs(0)->mutable_fire_time() = ToTimestamp(Incident() + absl::Minutes(5));
  Put(changed);
  EXPECT_EQ(Rungs(), "1.1 1.2 1.3 1.4");
  EXPECT_EQ(test_database_.Query("SELECT audience || ' ' || (fire_at = planned_at) FROM rung"
                                 " WHERE rung = 1"),
            "3 true");
}

TEST_F(PlansPgTest, KeepsOneTenantsPlansFromAnother) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  Run(
      [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(const PutResult result,
                         PutPlans(txn, *keys_, *references_, "bbv", {&plan}, clock_.Now()));
        EXPECT_EQ(result.applied, 1);
        ASSIGN_OR_RETURN(const auto versions, KnownVersions(txn, *references_, {kCase}));
        EXPECT_THAT(versions, UnorderedElementsAre(Pair(kCase, 1)));
        return absl::OkStatus();
      },
      "another-force");
  EXPECT_EQ(List().total, 1);
  EXPECT_EQ(test_database_.Query("SELECT count(DISTINCT case_ref) FROM plan_case"), "2")
      << "the pseudonyms of two tenants do not meet";
}

TEST_F(PlansPgTest, StoresNothingThatSaysWhatItIsAbout) {
  v1::Plan plan = CasePlan();
  v1::PlannedStep* step = AddAssessment(plan, "hbig_administration");
  step->mutable_measure()->set_key("PEP_DOOR_TO_DOSE");
  *step->mutable_measure()->mutable_anchor_time() = ToTimestamp(Incident());
  Put(plan);
  for (const char* table : {"plan_case", "step", "rung", "measure"}) {
    const std::string rows =
        test_database_.Query(absl::StrCat("SELECT string_agg(t::text, ' ') FROM ", table, " t"));
    for (const std::string& word :
         {std::string("hbig"), std::string("Title"), std::string("bbv'"), std::string("PEP"),
          std::string(kCase), std::string(kSubject)}) {
      EXPECT_EQ(rows.find(word), std::string::npos) << table << " " << word;
    }
  }
}

TEST_F(PlansPgTest, FindsWhatWasStoredUnderAnOlderPseudonymKey) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  ASSERT_OK_AND_ASSIGN(
      auto rotated, crypto::Pseudonymiser::Create(crypto::SecretBytes(std::string(32, 'k')), "salt",
                                                  "scheduling", {2, 1}));
  references_ = std::make_unique<References>(std::move(rotated));
  plan.set_case_version(2);
  EXPECT_EQ(Put(plan).applied, 1);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM plan_case"), "1");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM step"), "1");
  Put(CasePlan(ids::NewUuid()));
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM plan_case"), "2");
}

TEST_F(PlansPgTest, ForgetsCasesThatClosedLongAgo) {
  GoLive();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  clock_.Advance(absl::Hours(1));
  Look();
  plan.set_case_version(2);
  plan.set_closed(true);
  Put(plan);
  v1::Plan open = CasePlan(ids::NewUuid());
  AddStep(open, "baseline", absl::Hours(1));
  Put(open);
  Run([&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const int none, PurgeClosed(txn, clock_.Now(), 100));
    EXPECT_EQ(none, 0);
    ASSIGN_OR_RETURN(const int purged, PurgeClosed(txn, clock_.Now() + absl::Seconds(1), 100));
    EXPECT_EQ(purged, 1);
    return absl::OkStatus();
  });
  for (const char* table : {"firing", "notice", "rung"}) {
    EXPECT_EQ(test_database_.Query(absl::StrCat("SELECT count(*) FROM ", table)), "0") << table;
  }
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM step"), "1");
}

TEST_F(PlansPgTest, RefusesAPlanThatCannotBeEnforced) {
  v1::Plan plan = CasePlan("not-a-uuid", 0);
  plan.set_pathway("");
  v1::PlannedStep* step = AddStep(plan, "a", absl::Hours(1));
  step->set_responsible(options::v1::ROLE_UNSPECIFIED);
  step->set_revision(0);
  *step->mutable_closes_time() = ToTimestamp(Incident());
  AddRung(*step, 2, absl::Hours(1), ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  AddRung(*step, 1, absl::Hours(1), ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  AddRung(*step, 3, absl::Hours(1), options::v1::ROLE_UNSPECIFIED, v1::RUNG_KIND_BREACH);
  step->mutable_measure()->set_key("lower case");
  AddStep(plan, "a", absl::Hours(1))->clear_due_time();
  std::vector<std::string> fields;
  for (const status::FieldViolation& violation : status::Violations(CheckPlan(plan))) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, UnorderedElementsAre("case_id", "case_version", "pathway",
                                           "steps[0].responsible", "steps[0].closes_time",
                                           "steps[0].revision", "steps[0].rungs", "steps[0].rungs",
                                           "steps[0].measure.key", "steps[0].measure.anchor_time",
                                           "steps[1].due_time", "steps[1].step_key"));
}

constexpr char kBeforeAll[] = "00000000-0000-0000-0000-000000000000";

class WatchdogPgTest : public PlanGround {
 protected:
  WatchdogPgTest() : tenants_(*database_) {
    Staffed();
    EXPECT_THAT(tenants_.Ensure(absl::Now() + absl::Seconds(10), kTenant), IsOk());
  }
  absl::Status WatchOnce() {
    Watchdog watchdog(*database_, tenants_, *keys_, *references_, clock_, clock::Real(), registry_,
                      [this](absl::string_view, absl::Time earliest) { mended_ = earliest; });
    return watchdog.RunOnce();
  }
  // How many steps had no timer.
  double Watch() {
    EXPECT_THAT(WatchOnce(), IsOk());
    cases_ = registry_.GetGauge("waymark_scheduling_cases_checked", "").Value();
    unreadable_ = registry_.GetGauge("waymark_scheduling_plans_unreadable", "").Value();
    return registry_.GetGauge("waymark_scheduling_steps_without_timer", "").Value();
  }
  db::Tenants tenants_;
  absl::Time mended_ = absl::InfiniteFuture();
  double cases_ = 0;
  double unreadable_ = 0;
};

TEST_F(WatchdogPgTest, FindsNothingInOrderlyLadders) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  AddStep(plan, "waits_in_the_list", absl::Hours(2));
  v1::PlannedStep* done = AddAssessment(plan, "done");
  End(*done, casework::v1::ENDING_DONE, absl::Minutes(5));
  Put(plan);
  EXPECT_EQ(Watch(), 0);
  clock_.Set(Incident() + absl::Minutes(60));
  EXPECT_EQ(Look(), 2);
  EXPECT_EQ(Watch(), 0) << "some of it has fired";
  v1::Plan closed = CasePlan("00000000-0000-4000-8000-000000000002");
  AddAssessment(closed);
  closed.set_closed(true);
  Put(closed);
  EXPECT_EQ(Watch(), 0);
  EXPECT_EQ(cases_, 1);
}

TEST_F(WatchdogPgTest, PutsBackATimerThatWasLostAndItFires) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  AddAssessment(plan, "other");
  Put(plan);
  test_database_.Query(
      absl::StrCat("DELETE FROM rung WHERE step_ref = '", StepRef("risk_assessment"), "'"));
  EXPECT_EQ(Watch(), 1);
  EXPECT_EQ(mended_, Incident() + absl::Minutes(45));
  EXPECT_EQ(Watch(), 0);
  clock_.Set(Incident() + absl::Minutes(45));
  EXPECT_EQ(Look(), 2);
  test_database_.Query(absl::StrCat("DELETE FROM rung WHERE step_ref = '",
                                    StepRef("risk_assessment"), "' AND rung = 5"));
  EXPECT_EQ(Watch(), 1);
  EXPECT_EQ(Look(), 0) << "what has fired stays fired";
}

TEST_F(WatchdogPgTest, PutsBackAStepThatIsGone) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  test_database_.Query("DELETE FROM rung");
  test_database_.Query("DELETE FROM step");
  EXPECT_EQ(List().total, 0);
  EXPECT_EQ(Watch(), 1);
  EXPECT_EQ(List().total, 1);
  clock_.Set(Incident() + absl::Minutes(60));
  EXPECT_GT(Look(), 0);
}

TEST_F(WatchdogPgTest, LooksAtEveryPlanBesideOneThatCannotBeRead) {
  const std::vector<std::string> cases = {kCase, "00000000-0000-4000-8000-000000000002",
                                          "00000000-0000-4000-8000-000000000003"};
  for (const std::string& id : cases) {
    v1::Plan plan = CasePlan(id);
    AddAssessment(plan);
    Put(plan);
  }
  // The first that is looked at.
  test_database_.Query(
      "UPDATE plan_case SET sealed_plan = 'x'"
      " WHERE case_ref = (SELECT case_ref FROM plan_case ORDER BY case_ref LIMIT 1)");
  // The list has its deadline beside those of the others.
  int nameless = 0;
  for (const v1::WorklistItem& item : List().items) {
    if (!item.case_id().empty()) continue;
    ++nameless;
    EXPECT_THAT(item.title(), HasSubstr("cannot be read"));
    EXPECT_TRUE(item.has_due_time());
  }
  EXPECT_EQ(nameless, 1);
  EXPECT_EQ(List().items.size(), 3U);
  test_database_.Query("DELETE FROM rung");
  EXPECT_EQ(Watch(), 2);
  EXPECT_EQ(unreadable_, 1);
  EXPECT_EQ(cases_, 3);
  EXPECT_EQ(Watch(), 0);
  EXPECT_EQ(unreadable_, 1);
  Run([&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const TimerCheck check, CheckTimers(txn, *keys_, *references_, kBeforeAll, 1));
    EXPECT_EQ(check.cases, 1);
    EXPECT_NE(check.last, "") << "from there the next look goes on";
    return absl::OkStatus();
  });
}

TEST_F(WatchdogPgTest, SaysWhatItFoundThoughOneForceCannotBeMended) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  for (const std::string other : {"A-first-test", "z-last-test"}) {
    EXPECT_THAT(tenants_.Ensure(absl::Now() + absl::Seconds(10), other), IsOk());
    Run(
        [&](db::Transaction& txn) {
          return PutPlans(txn, *keys_, *references_, "bbv", {&plan}, clock_.Now()).status();
        },
        other);
  }
  test_database_.Query("DELETE FROM rung");
  test_database_.Query("ALTER TABLE rung ADD CHECK (tenant = 'E23000025-test')");
  EXPECT_FALSE(WatchOnce().ok());
  EXPECT_EQ(registry_.GetGauge("waymark_scheduling_steps_without_timer", "").Value(), 1)
      << "the alert rests on it";
}

}  // namespace
}  // namespace waymark::scheduling
