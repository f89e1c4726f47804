#include "services/casework/unrecorded.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/testing/matchers.h"
#include "services/casework/instants.h"
#include "services/casework/ladder.h"
#include "services/casework/lifecycle.h"
#include "services/casework/planner.h"
#include "services/casework/rule_text.h"
#include "services/casework/status.h"
#include "services/casework/toy_for_test.h"

namespace waymark::casework {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::waymark::testing::IsOk;

const absl::Time kNow = absl::FromUnixSeconds(1'781'085'600);

Call At(absl::Time now) {
  Call call;
  call.now = now;
  call.user_id = "nurse-1";
  call.request_id = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80";
  return call;
}

// The header with its plan of `now`.
void Plan(absl::Time now, v1::CaseHeader& header) {
  Facts facts;
  facts.points["incident"] = kNow - absl::Hours(1);
  absl::StatusOr<v1::Plan> plan =
      PlanSteps(ToyPathway::Protocol(), facts, header, {.now = now, .without_words = true});
  ASSERT_THAT(plan, IsOk());
  *header.mutable_plan() = *std::move(plan);
}

TEST(Unrecorded, IsAStepForAPersonWhateverProtocolTheCaseFollows) {
  v1::CaseHeader header;
  Plan(kNow, header);
  const std::string stage = CurrentStage(ToyPathway::Protocol(), header.plan(), kNow);
  KeepUnrecorded({"HEPATITIS_B_IMMUNOGLOBULIN INVALID_FIELDS"}, At(kNow), header);
  Plan(kNow, header);
  const v1::Step* look = FindStep(header.plan(), "look_at_outcome#1");
  ASSERT_NE(look, nullptr);
  EXPECT_EQ(FromTimestamp(look->due_time()), kNow + absl::Hours(4));
  EXPECT_EQ(look->stage(), stage);
  EXPECT_TRUE(look->blocks_closing());
  EXPECT_THAT(ExpandLadder(ToyPathway::Protocol(), *look), SizeIs(2));
  RestoreRuleText(ToyPathway::Protocol(), *header.mutable_plan());
  EXPECT_EQ(FindStep(header.plan(), "look_at_outcome#1")->title(),
            "Something came that could not be recorded: look (1)");
  // The words are not stored with each case.
  StripRuleText(ToyPathway::Protocol(), *header.mutable_plan());
  EXPECT_EQ(FindStep(header.plan(), "look_at_outcome#1")->title(), "");
}

TEST(Unrecorded, EndsWhenAPersonSaysSoAndTheNextIsAnother) {
  v1::CaseHeader header;
  KeepUnrecorded({"SESSION NO_ACT"}, At(kNow), header);
  Plan(kNow, header);
  ASSERT_THAT(
      WaiveStep("look_at_outcome#1", v1::ENDING_WAIVED, "Recorded by hand.", At(kNow), header),
      IsOk());
  KeepUnrecorded({"SESSION NO_ACT"}, At(kNow + absl::Hours(1)), header);
  Plan(kNow + absl::Hours(1), header);
  EXPECT_FALSE(IsOpen(*FindStep(header.plan(), "look_at_outcome#1")));
  EXPECT_TRUE(IsOpen(*FindStep(header.plan(), "look_at_outcome#2")));
  EXPECT_THAT(BlockingSteps(header.plan()), ElementsAre("check", "look_at_outcome#2"));
}

TEST(Unrecorded, NothingIsNoStep) {
  v1::CaseHeader header;
  KeepUnrecorded({}, At(kNow), header);
  EXPECT_THAT(header.unrecorded(), IsEmpty());
}

}  // namespace
}  // namespace waymark::casework
