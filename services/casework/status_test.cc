#include "services/casework/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/proto_matchers.h"
#include "services/casework/ladder.h"

namespace waymark::casework {
namespace {

using ::testing::ElementsAre;
using ::waymark::testing::ParseProto;

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

TEST(StatusAt, FollowsFromTheInstantsAndNow) {
  const auto step = ParseProto<v1::Step>(R"pb(
    anchor_time { seconds: 50 }
    opens_time { seconds: 100 }
    due_time { seconds: 200 }
    closes_time { seconds: 300 }
  )pb");
  EXPECT_EQ(StatusAt(step, At(99)), v1::STEP_STATUS_UPCOMING);
  EXPECT_EQ(StatusAt(step, At(100)), v1::STEP_STATUS_OPEN);
  EXPECT_EQ(StatusAt(step, At(200)), v1::STEP_STATUS_OPEN);
  EXPECT_EQ(StatusAt(step, At(200) + absl::Nanoseconds(1)), v1::STEP_STATUS_OVERDUE);
  EXPECT_EQ(StatusAt(step, At(300)), v1::STEP_STATUS_OVERDUE);
  EXPECT_EQ(StatusAt(step, At(300) + absl::Nanoseconds(1)), v1::STEP_STATUS_WINDOW_CLOSED);
}

TEST(StatusAt, OpensWithItsAnchorAndNeverClosesByDefault) {
  const auto step = ParseProto<v1::Step>("anchor_time { seconds: 50 } due_time { seconds: 200 }");
  EXPECT_EQ(StatusAt(step, At(49)), v1::STEP_STATUS_UPCOMING);
  EXPECT_EQ(StatusAt(step, At(50)), v1::STEP_STATUS_OPEN);
  EXPECT_EQ(StatusAt(step, At(100'000'000)), v1::STEP_STATUS_OVERDUE);
}

TEST(StatusAt, AnEndingStandsWhateverTheTime) {
  for (const auto& [ending, status] :
       {std::pair(v1::ENDING_DONE, v1::STEP_STATUS_DONE),
        std::pair(v1::ENDING_DECLINED, v1::STEP_STATUS_DECLINED),
        std::pair(v1::ENDING_WAIVED, v1::STEP_STATUS_WAIVED),
        std::pair(v1::ENDING_SUPERSEDED, v1::STEP_STATUS_SUPERSEDED),
        std::pair(v1::ENDING_LOST_TO_FOLLOW_UP, v1::STEP_STATUS_LOST_TO_FOLLOW_UP)}) {
    v1::Step step;
    step.mutable_outcome()->set_ending(ending);
    EXPECT_EQ(StatusAt(step, At(0)), status);
    EXPECT_FALSE(IsOpen(step));
  }
}

constexpr char kPlan[] = R"pb(
  steps {
    key: "shut"
    stage: "a"
    due_time { seconds: 10 }
    closes_time { seconds: 20 }
  }
  steps {
    key: "done"
    stage: "a"
    due_time { seconds: 30 }
    outcome {
      ending: ENDING_DONE
      ended_time { seconds: 30 }
    }
    blocks_closing: true
  }
  steps {
    key: "next"
    stage: "b"
    due_time { seconds: 40 }
    blocks_closing: true
  }
)pb";

TEST(NextStep, PrefersWhatCanStillBeDone) {
  const auto plan = ParseProto<v1::Plan>(kPlan);
  EXPECT_EQ(NextStep(plan, At(5))->key(), "shut");
  EXPECT_EQ(NextStep(plan, At(25))->key(), "next");
  EXPECT_EQ(NextStep(v1::Plan(), At(25)), nullptr);
}

TEST(CurrentStage, IsThatOfTheNextStepAndAtTheEndTheLastWalked) {
  auto plan = ParseProto<v1::Plan>(kPlan);
  const auto protocol =
      ParseProto<v1::Protocol>("stages { key: 'a' } stages { key: 'b' } stages { key: 'c' }");
  EXPECT_EQ(CurrentStage(protocol, plan, At(5)), "a");
  EXPECT_EQ(CurrentStage(protocol, plan, At(25)), "b");
  for (v1::Step& step : *plan.mutable_steps()) step.mutable_outcome()->set_ending(v1::ENDING_DONE);
  EXPECT_EQ(CurrentStage(protocol, plan, At(25)), "b");
  EXPECT_EQ(CurrentStage(protocol, {}, At(25)), "");
}

TEST(BlockingSteps, AreOpenStepsThatBlockClosing) {
  EXPECT_THAT(BlockingSteps(ParseProto<v1::Plan>(kPlan)), ElementsAre("next"));
}

TEST(DoneOnTime, CountsTheDueInstantItself) {
  auto plan = ParseProto<v1::Plan>(kPlan);
  EXPECT_TRUE(DoneOnTime(plan.steps(1)));
  plan.mutable_steps(1)->mutable_outcome()->mutable_ended_time()->set_seconds(31);
  EXPECT_FALSE(DoneOnTime(plan.steps(1)));
  EXPECT_FALSE(DoneOnTime(plan.steps(2)));
}

TEST(ExpandLadder, NumbersRungsInOrderOfTime) {
  const auto protocol = ParseProto<v1::Protocol>(R"pb(
    ladders {
      key: "urgent"
      rungs {
        kind: RUNG_KIND_LAST_CALL
        base: RUNG_BASE_CLOSES
        offset_minutes: -1
        audience: ROLE_OH_PHYSICIAN
        page: true
      }
      rungs {
        kind: RUNG_KIND_REMINDER
        base: RUNG_BASE_DUE
        offset_minutes: -1
        audience: ROLE_OH_NURSE
      }
      rungs { kind: RUNG_KIND_BREACH base: RUNG_BASE_DUE audience: ROLE_OH_NURSE }
      rungs { kind: RUNG_KIND_REMINDER base: RUNG_BASE_OPENS audience: ROLE_OH_NURSE }
    }
  )pb");
  auto step = ParseProto<v1::Step>(R"pb(
    ladder: "urgent"
    anchor_time { seconds: 0 }
    due_time { seconds: 600 }
    closes_time { seconds: 1200 }
  )pb");
  std::vector<std::pair<int, int64_t>> rungs;
  for (const RungAt& rung : ExpandLadder(protocol, step)) {
    rungs.emplace_back(rung.number, absl::ToUnixSeconds(rung.fire_time));
  }
  EXPECT_THAT(rungs, ElementsAre(std::pair(1, 0), std::pair(2, 540), std::pair(3, 600),
                                 std::pair(4, 1140)));
  step.clear_closes_time();
  EXPECT_EQ(ExpandLadder(protocol, step).size(), 3);
  step.clear_ladder();
  EXPECT_EQ(ExpandLadder(protocol, step).size(), 0);
}

}  // namespace
}  // namespace waymark::casework
