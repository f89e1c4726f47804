#include "services/casework/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/proto_matchers.h"
#include "services/casework/rule_text.h"

namespace waymark::casework {
namespace {

using ::testing::SizeIs;
using ::waymark::testing::EqualsProto;
using ::waymark::testing::IsOk;
using ::waymark::testing::ParseProto;
using ::waymark::testing::StatusIs;

v1::CaseHeader Header() {
  return ParseProto<v1::CaseHeader>(R"pb(
    state: CASE_STATE_OPEN
    protocol_key: "t"
    protocol_version: 1
    plan {
      steps { key: "assess" blocks_closing: true }
      steps { key: "bloods" blocks_closing: true }
      steps { key: "talk" }
    }
  )pb");
}

Call PhysicianCall() {
  return {.now = absl::FromUnixSeconds(1000),
          .user_id = "dr-1",
          .role = options::v1::ROLE_OH_PHYSICIAN};
}

TEST(EndOpenSteps, EndsWhatIsOpenAndNamedAndNothingElse) {
  v1::CaseHeader header;
  header.mutable_plan()->add_steps()->set_key("therapy");
  header.mutable_plan()->add_steps()->set_key("letter");
  v1::Step& done = *header.mutable_plan()->add_steps();
  done.set_key("assessment");
  done.mutable_outcome()->set_ending(v1::ENDING_DONE);
  const auto not_letter = [](const v1::Step& step) { return step.key() != "letter"; };
  EXPECT_FALSE(EndOpenSteps(v1::ENDING_DONE, "died", Call(), not_letter, header).ok());
  ASSERT_TRUE(EndOpenSteps(v1::ENDING_WAIVED, "died", Call(), not_letter, header).ok());
  ASSERT_EQ(header.decided_size(), 1);
  EXPECT_EQ(header.decided(0).step_key(), "therapy");
  EXPECT_EQ(header.decided(0).ending(), v1::ENDING_WAIVED);
  EXPECT_EQ(header.decided(0).reason(), "died");
}

TEST(WaiveStep, RecordsWhoDecidedWhatAndWhy) {
  v1::CaseHeader header = Header();
  ASSERT_THAT(
      WaiveStep("assess", v1::ENDING_LOST_TO_FOLLOW_UP, "moved away", PhysicianCall(), header),
      IsOk());
  ASSERT_THAT(header.decided(), SizeIs(1));
  EXPECT_THAT(header.decided(0), EqualsProto(R"pb(
                step_key: "assess"
                ending: ENDING_LOST_TO_FOLLOW_UP
                ended_time { seconds: 1000 }
                recorded_time { seconds: 1000 }
                reason: "moved away"
                role: ROLE_OH_PHYSICIAN
                user_id: "dr-1"
              )pb"));
}

TEST(WaiveStep, NeedsAReasonAndAnEndingThatIsADecision) {
  v1::CaseHeader header = Header();
  const absl::Status refused = WaiveStep("assess", v1::ENDING_DONE, "  ", PhysicianCall(), header);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, status::kInvalidFields));
  EXPECT_THAT(status::Violations(refused), SizeIs(2));
  // Characters count, not bytes.
  std::string long_reason;
  for (int i = 0; i < 1000; ++i) long_reason += "é";
  EXPECT_THAT(WaiveStep("assess", v1::ENDING_WAIVED, long_reason, PhysicianCall(), header), IsOk());
  EXPECT_THAT(WaiveStep("talk", v1::ENDING_WAIVED, long_reason + "x", PhysicianCall(), header),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CloseCase, CountsTheStepsInTheWayAndNamesThemOnlyInMetadata) {
  v1::CaseHeader header = Header();
  const absl::Status refused = CloseCase("", PhysicianCall(), header);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "BLOCKING_STEP_OPEN"));
  EXPECT_THAT(std::string(refused.message()), ::testing::StartsWith("2 steps keep the case open"));
  EXPECT_THAT(std::string(refused.message()), ::testing::Not(::testing::HasSubstr("assess")));
  EXPECT_EQ(status::Metadata(refused, "blocking_steps"), "assess,bloods");
  EXPECT_EQ(header.state(), v1::CASE_STATE_OPEN);
}

TEST(CloseCase, ClosesAndReopens) {
  v1::CaseHeader header = Header();
  for (v1::Step& step : *header.mutable_plan()->mutable_steps()) {
    step.mutable_outcome()->set_ending(v1::ENDING_DONE);
  }
  ASSERT_THAT(CloseCase("all negative", PhysicianCall(), header), IsOk());
  EXPECT_EQ(header.state(), v1::CASE_STATE_CLOSED);
  EXPECT_EQ(header.closed_time().seconds(), 1000);
  EXPECT_THAT(CloseCase("", PhysicianCall(), header),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_CLOSED"));
  EXPECT_THAT(ReopenCase("", header), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(ReopenCase("symptoms", header), IsOk());
  EXPECT_EQ(header.state(), v1::CASE_STATE_OPEN);
  EXPECT_FALSE(header.has_closed_time());
  EXPECT_THAT(ReopenCase("again", header),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_OPEN"));
}

TEST(AdoptProtocol, PinsAnotherVersion) {
  v1::CaseHeader header = Header();
  EXPECT_THAT(AdoptProtocol(1, "why not", header),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PROTOCOL_ALREADY_ADOPTED"));
  EXPECT_THAT(AdoptProtocol(0, "", header), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(AdoptProtocol(2, "corrected", header), IsOk());
  EXPECT_EQ(header.protocol_version(), 2);
}

TEST(AssignCase, TakesAUserIdOrNobody) {
  v1::CaseHeader header = Header();
  ASSERT_THAT(AssignCase("nurse-2", header), IsOk());
  EXPECT_EQ(header.assigned_to(), "nurse-2");
  ASSERT_THAT(AssignCase("", header), IsOk());
  EXPECT_EQ(header.assigned_to(), "");
  EXPECT_THAT(AssignCase(std::string(129, 'x'), header),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(LetGo, SupersedesWhatIsOpenLeavesWhatEndedAndIsForGood) {
  auto header = ParseProto<v1::CaseHeader>(R"pb(
    state: CASE_STATE_OPEN
    version: 4
    plan {
      steps {
        key: "assess"
        due_time { seconds: 100 }
        outcome { step_key: "assess" ending: ENDING_DONE }
      }
      steps {
        key: "six_weeks"
        opens_time { seconds: 150 }
        due_time { seconds: 200 }
        blocks_closing: true
      }
    }
  )pb");
  const auto there = ParseProto<v1::CaseElsewhere>(R"pb(
    force: "north"
    case_id: "c2"
    time { seconds: 120 }
  )pb");
  LetGo(there, "HandOverCase", header);
  EXPECT_THAT(header, EqualsProto(R"pb(
                state: CASE_STATE_CLOSED
                version: 4
                closed_time { seconds: 120 }
                went_to {
                  force: "north"
                  case_id: "c2"
                  time { seconds: 120 }
                }
                plan {
                  steps {
                    key: "assess"
                    due_time { seconds: 100 }
                    outcome { step_key: "assess" ending: ENDING_DONE }
                  }
                  steps {
                    key: "six_weeks"
                    opens_time { seconds: 150 }
                    due_time { seconds: 200 }
                    blocks_closing: true
                    outcome {
                      step_key: "six_weeks"
                      ending: ENDING_SUPERSEDED
                      ended_time { seconds: 120 }
                      recorded_time { seconds: 120 }
                    }
                  }
                  moves {
                    step_key: "six_weeks"
                    case_version: 4
                    recorded_time { seconds: 120 }
                    cause: "HandOverCase"
                    from_opens_time { seconds: 150 }
                    from_due_time { seconds: 200 }
                  }
                }
              )pb"));
  EXPECT_THAT(ReopenCase("they came back", header),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_TRANSFERRED"));
}

TEST(RuleText, GoesAndComesBackUnlessAnotherVersionSaidIt) {
  const auto protocol = ParseProto<v1::Protocol>(R"pb(
    steps {
      key: "assess"
      title: "Assess"
      guidance: "Now"
      sources { guideline: "G" section: "1" evidence: EVIDENCE_SOURCE_READ }
    }
    steps { key: "bloods" title: "New words" }
  )pb");
  const auto plan = ParseProto<v1::Plan>(R"pb(
    steps {
      key: "assess"
      title: "Assess"
      guidance: "Now"
      sources { guideline: "G" section: "1" evidence: EVIDENCE_SOURCE_READ }
      revision: 2
    }
    steps { key: "bloods" title: "Old words" }
    steps { key: "gone" title: "Of version 0" }
  )pb");
  v1::Plan stored = plan;
  StripRuleText(protocol, stored);
  EXPECT_THAT(stored, EqualsProto(R"pb(
                steps { key: "assess" revision: 2 }
                steps { key: "bloods" title: "Old words" }
                steps { key: "gone" title: "Of version 0" }
              )pb"));
  RestoreRuleText(protocol, stored);
  EXPECT_THAT(stored, EqualsProto(plan));
}

}  // namespace
}  // namespace waymark::casework
