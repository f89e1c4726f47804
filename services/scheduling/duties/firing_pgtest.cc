#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "services/casework/instants.h"
#include "services/scheduling/duties/firing.h"
#include "services/scheduling/store/firing.h"
#include "services/scheduling/store/steps.h"
#include "services/scheduling/testing/plan_ground.h"

namespace waymark::scheduling {
namespace {

using casework::ToTimestamp;
using options::v1::ROLE_OH_LEAD;
using options::v1::ROLE_OH_NURSE;
using options::v1::ROLE_OH_PHYSICIAN;
using testing::IsOk;

class FiringPgTest : public PlanGround {
 protected:
  void At(absl::Duration after) { clock_.Set(Incident() + after); }
  void AcknowledgeUntil(const std::string& key, absl::Duration until) {
    Run([&](db::Transaction& txn) -> absl::Status {
      ASSIGN_OR_RETURN(const LockedStep step, LockStep(txn, *keys_, StepRef(key)));
      ASSIGN_OR_RETURN(std::vector<PendingRung> rungs, LockLadder(txn, step));
      RETURN_IF_ERROR(Hold(clock_.Now(), Incident() + until, rungs));
      return Acknowledge(txn, step, rungs, "nia", Incident() + until);
    });
  }
};

TEST_F(FiringPgTest, ClimbsTheLadderInTimeAndTellsEachOnce) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  EXPECT_EQ(Look(), 0);
  At(absl::Minutes(45) - absl::Microseconds(1));
  EXPECT_EQ(Look(), 0);
  At(absl::Minutes(45));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Look(), 0);
  At(absl::Minutes(60));
  EXPECT_EQ(Look(), 1);
  At(absl::Minutes(90));
  EXPECT_EQ(Look(), 1);
  At(absl::Minutes(150));
  EXPECT_EQ(Look(), 1);
  At(absl::Hours(70));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Firings(), "1>1 2>1 3>3 4>2 5>3");
  EXPECT_EQ(Notices(), "nia:1 nia:2 lee:3 pat:4 lee:5");
  EXPECT_THAT(registry_.Text(), ::testing::HasSubstr("waymark_scheduling_missed_aims_total 1\n"));
  At(absl::Hours(24 * 365));
  EXPECT_EQ(Look(), 0);
}

TEST_F(FiringPgTest, SaysWhenTheNextRungIsDue) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  ASSERT_OK_AND_ASSIGN(Firing::Look look, firing_->LookOnce());
  EXPECT_EQ(look.next, Incident() + absl::Minutes(45));
  EXPECT_EQ(firing_->PauseBefore(look.next), absl::Seconds(1));
  EXPECT_TRUE(firing_->SleepsPast(Incident() + absl::Minutes(44)));
  EXPECT_FALSE(firing_->SleepsPast(Incident() + absl::Minutes(45)));
  At(absl::Minutes(45) - absl::Milliseconds(3));
  EXPECT_EQ(firing_->PauseBefore(look.next), absl::Milliseconds(3));
}

TEST_F(FiringPgTest, MissesNothingWhileItWasDownAndThenTellsOnlyTheHighest) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  AddAssessment(plan, "baseline");
  Put(plan);
  At(absl::Hours(2));
  Firing restarted(*database_, clock_, clock::Real(), registry_, {});
  ASSERT_OK_AND_ASSIGN(Firing::Look look, restarted.LookOnce());
  EXPECT_EQ(look.fired, 6);
  EXPECT_EQ(Notices(), "lee:3 lee:3");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM firing WHERE told IS NULL"), "4");
}

TEST_F(FiringPgTest, SurvivesAClockThatJumpsSixMonths) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  v1::PlannedStep* test = AddStep(plan, "test_6m", absl::Hours(24 * 184));
  AddRung(*test, 1, absl::Hours(24 * 177), ROLE_OH_NURSE, v1::RUNG_KIND_REMINDER);
  AddRung(*test, 2, absl::Hours(24 * 184), ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  Put(plan);
  At(absl::Minutes(50));
  EXPECT_EQ(Look(), 1);
  At(absl::Hours(24 * 180));
  EXPECT_EQ(Look(), 5);
  EXPECT_EQ(Notices(), "nia:1 *:1 nia:1 lee:5");
  // Back again, as a person who sets a machine's clock does: nothing fires twice.
  At(absl::Minutes(50));
  EXPECT_EQ(Look(), 0);
  At(absl::Hours(24 * 180));
  EXPECT_EQ(Look(), 0);
  At(absl::Hours(24 * 200));
  EXPECT_EQ(Look(), 1);
}

TEST_F(FiringPgTest, OfALateReportSendsOneNotice) {
  Staffed();
  At(absl::Hours(30));
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  EXPECT_EQ(Look(), 4);
  EXPECT_EQ(Firings(), "1>- 2>- 3>- 4>2");
  EXPECT_EQ(Notices(), "pat:4");
}

TEST_F(FiringPgTest, FiresEachRungOnceOverTwoReplicas) {
  Staffed();
  std::vector<v1::Plan> plans;
  for (int i = 0; i < 300; ++i) {
    v1::Plan plan = CasePlan(ids::NewUuid());
    v1::PlannedStep* step = AddStep(plan, "risk_assessment", absl::Hours(1));
    AddRung(*step, 1, absl::Minutes(10), ROLE_OH_NURSE, v1::RUNG_KIND_REMINDER);
    AddRung(*step, 2, absl::Minutes(20), ROLE_OH_LEAD, v1::RUNG_KIND_BREACH);
    plans.push_back(std::move(plan));
  }
  Put(plans);
  const auto database = test_database_.Open();
  int fired[2] = {0, 0};
  for (const absl::Duration after : {absl::Minutes(10), absl::Minutes(20)}) {
    At(after);
    std::vector<std::thread> replicas;
    for (int i = 0; i < 2; ++i) {
      replicas.emplace_back([&, i] {
        metrics::Registry registry;
        Firing replica(i == 0 ? *database_ : *database, clock_, clock::Real(), registry,
                       {.batch = 7});
        for (int looks = 0; looks < 3; ++looks) {
          const auto look = replica.LookOnce();
          ASSERT_THAT(look, IsOk());
          fired[i] += look->fired;
        }
      });
    }
    for (std::thread& replica : replicas) replica.join();
  }
  EXPECT_EQ(fired[0] + fired[1], 600);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM firing"), "600");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM notice"), "600");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM rung"), "0");
}

TEST_F(FiringPgTest, HoldsWhatWasAcknowledgedAndThenGoesOnWithTheNextRung) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  At(absl::Minutes(60));
  EXPECT_EQ(Look(), 2);  // the reminder overtaken
  AcknowledgeUntil("risk_assessment", absl::Hours(4));
  At(absl::Hours(4) - absl::Seconds(1));
  EXPECT_EQ(Look(), 0);
  At(absl::Hours(4));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Notices(), "nia:2 lee:3");
  // The physician follows the lead at the distance the plan gave them.
  At(absl::Hours(5));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Notices(), "nia:2 lee:3 pat:4");
  // A new version of the case that moves nothing leaves the ladder as it is.
  plan.set_case_version(2);
  Put(plan);
  EXPECT_EQ(Look(), 0);
}

TEST_F(FiringPgTest, KeepsAnAcknowledgementWhenTheCaseChangesWithoutMovingTheStep) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  At(absl::Minutes(50));
  EXPECT_EQ(Look(), 1);
  AcknowledgeUntil("risk_assessment", absl::Hours(4));
  plan.set_case_version(2);
  Put(plan);
  At(absl::Hours(3));
  EXPECT_EQ(Look(), 0);
}

TEST_F(FiringPgTest, StartsAnewWhenReplanningMovesTheStep) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  At(absl::Minutes(50));
  EXPECT_EQ(Look(), 1);
  AcknowledgeUntil("risk_assessment", absl::Hours(4));
  // The incident was half an hour later than first thought.
  v1::Plan moved = CasePlan(kCase, 2);
  v1::PlannedStep* step = AddAssessment(moved);
  step->set_revision(2);
  *step->mutable_due_time() = ToTimestamp(Incident() + absl::Minutes(90));
  step->clear_rungs();
  AddRung(*step, 1, absl::Minutes(75), ROLE_OH_NURSE, v1::RUNG_KIND_REMINDER);
  AddRung(*step, 2, absl::Minutes(90), ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  Put(moved);
  EXPECT_EQ(Look(), 0);
  At(absl::Minutes(75));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Notices(), "nia:1 nia:1");
  EXPECT_EQ(test_database_.Query("SELECT string_agg(revision || '.' || rung, ' ' ORDER BY"
                                 " revision, rung) FROM firing"),
            "1.1 2.1");
}

TEST_F(FiringPgTest, ShowsTheLoopARungThatAPlanMadeEarlier) {
  Staffed();
  v1::Plan late = CasePlan();
  AddRung(*AddStep(late, "test_6w", absl::Hours(24 * 42)), 1, absl::Hours(24 * 40), ROLE_OH_NURSE,
          v1::RUNG_KIND_REMINDER);
  Put(late);
  EXPECT_EQ(Look(), 0);
  v1::Plan soon = CasePlan(ids::NewUuid());
  AddAssessment(soon);
  EXPECT_EQ(Put(soon).earliest, Incident() + absl::Minutes(45));
  At(absl::Minutes(45));
  EXPECT_EQ(Look(), 1);
}

TEST_F(FiringPgTest, WithNobodyOnDutyClimbsAtOnceToWhoeverIs) {
  OnDuty(ROLE_OH_PHYSICIAN, "pat");
  GoLive();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  At(absl::Minutes(45));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Firings(), "1>2");
  EXPECT_EQ(Notices(), "pat:1");
  // Their own rungs are still theirs.
  At(absl::Minutes(150));
  EXPECT_EQ(Look(), 3);
  EXPECT_EQ(Notices(), "pat:1 pat:4");
  // Above the last call nobody is left: the duty address.
  At(absl::Hours(70));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Firings(), "1>2 2>- 3>- 4>2 5>0");
  EXPECT_EQ(Notices(), "pat:1 pat:4 duty:5");
}

TEST_F(FiringPgTest, TellsTheDutyAddressWhenTheRotaIsEmpty) {
  GoLive();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  At(absl::Minutes(45));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Notices(), "duty:1");
  EXPECT_EQ(test_database_.Query("SELECT channel || ' ' || state FROM notice"), "2 1");
}

TEST_F(FiringPgTest, WaitsUntilTheTenantIsLiveAndThenMissesNothing) {
  OnDuty(ROLE_OH_LEAD, "lee");
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  At(absl::Hours(2));
  EXPECT_EQ(Look(), 0);
  GoLive();
  EXPECT_EQ(Look(), 3);
  EXPECT_EQ(Notices(), "lee:3");
}

TEST_F(FiringPgTest, ReachesWhoeverCovers) {
  Staffed();
  Run([&](db::Transaction& txn) {
    v1::Delegation cover;
    cover.set_delegation_id(ids::NewUuid());
    cover.set_from_person("nia");
    cover.set_to_person("lee");
    *cover.mutable_starts_time() = ToTimestamp(Incident());
    *cover.mutable_ends_time() = ToTimestamp(Incident() + absl::Minutes(50));
    return AddDelegation(txn, cover);
  });
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  At(absl::Minutes(45));
  EXPECT_EQ(Look(), 1);
  At(absl::Minutes(60));
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Notices(), "lee:1 nia:2");
}

TEST_F(FiringPgTest, FiresARungOnceEvenWhenAnOldPlanPutsItBack) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  At(absl::Minutes(45));
  EXPECT_EQ(Look(), 1);
  // As a plan does that was read before the rung fired and is stored after it.
  test_database_.Query(
      "INSERT INTO rung SELECT tenant, step_ref, revision, rung, fire_at, fire_at, 'infinity',"
      " audience, kind"
      " FROM firing");
  test_database_.Query("UPDATE due_tenant SET next_at = '-infinity'");
  EXPECT_EQ(Look(), 0);
  EXPECT_EQ(Notices(), "nia:1");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM rung"), "4");
}

TEST_F(FiringPgTest, OfOneTenantIsNotHeldUpByAnother) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  // Live, and always broken: nobody set a duty address behind the loop's back like this.
  test_database_.Query("INSERT INTO due_tenant VALUES ('a broken name', '-infinity')");
  At(absl::Minutes(45));
  EXPECT_FALSE(firing_->LookOnce().ok());
  EXPECT_EQ(Notices(), "nia:1");
}

// What the statement must do, said once more in plain code: who is told by each rung of one step
// that has not been told yet.
std::map<int, std::string> Expected(const std::map<int, std::pair<absl::Duration, int>>& rungs,
                                    const std::map<int, std::string>& told_before,
                                    absl::Duration now, const std::vector<int>& reachable) {
  const auto is_reachable = [&](int role) {
    return std::find(reachable.begin(), reachable.end(), role) != reachable.end();
  };
  std::map<int, std::string> told = told_before;
  for (const auto& [number, rung] : rungs) {
    if (told_before.count(number) > 0 || rung.first > now) continue;
    bool overtaken = false;
    for (const auto& [other, above] : rungs) {
      overtaken |= other > number && above.first <= now;
    }
    std::string who = "0";
    for (const auto& [other, above] : rungs) {
      if (other < number || !is_reachable(above.second)) continue;
      who = absl::StrCat(above.second);
      break;
    }
    told[number] = overtaken ? "-" : who;
  }
  return told;
}

TEST_F(FiringPgTest, DecidesLikeThePlainRuleOnRandomLadders) {
  GoLive();
  std::mt19937 random(20260328);
  for (int round = 0; round < 40; ++round) {
    test_database_.Query("DELETE FROM rota_entry");
    std::vector<int> reachable;
    for (const int role : {1, 2, 3, 4}) {
      if (random() % 2 == 0) continue;
      reachable.push_back(role);
      OnDuty(static_cast<options::v1::Role>(role), absl::StrCat("person", role));
    }
    v1::Plan plan = CasePlan(ids::NewUuid());
    v1::PlannedStep* step = AddStep(plan, "step", absl::Hours(1));
    std::map<int, std::pair<absl::Duration, int>> rungs;
    const int count = 1 + static_cast<int>(random() % 6);
    for (int number = 1; number <= count; ++number) {
      const absl::Duration after = absl::Minutes(static_cast<int>(random() % 100));
      const int role = 1 + static_cast<int>(random() % 4);
      rungs[number] = {after, role};
      AddRung(*step, number, after, static_cast<options::v1::Role>(role), v1::RUNG_KIND_ESCALATION);
    }
    At(absl::ZeroDuration());
    Put(plan);
    std::map<int, std::string> expected;
    for (const int minutes : {20, 50, 100}) {
      At(absl::Minutes(minutes));
      expected = Expected(rungs, expected, absl::Minutes(minutes), reachable);
      Look();
    }
    const std::string fired = test_database_.Query(absl::StrCat(
        "SELECT string_agg(rung || '>' || coalesce(told::text, '-'), ' ' ORDER BY rung)"
        " FROM firing WHERE step_ref = '",
        StepRef("step", plan.case_id()), "'"));
    EXPECT_EQ(fired, absl::StrJoin(expected, " ", absl::PairFormatter(">"))) << "round " << round;
  }
}

}  // namespace
}  // namespace waymark::scheduling
