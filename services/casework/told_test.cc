#include "services/casework/told.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/proto_matchers.h"
#include "waymark/workforce/v1/fitness_service.pb.h"

namespace waymark::casework {
namespace {

using ::waymark::testing::EqualsProto;
using ::waymark::testing::ParseProto;

constexpr char kProtocol[] = R"pb(
  ladders {
    key: "urgent"
    rungs { kind: RUNG_KIND_BREACH base: RUNG_BASE_DUE audience: ROLE_OH_NURSE }
    rungs {
      kind: RUNG_KIND_ESCALATION
      base: RUNG_BASE_DUE
      offset_minutes: 10
      audience: ROLE_OH_LEAD
    }
  }
)pb";

constexpr char kHeader[] = R"pb(
  case_id: "c"
  version: 3
  subject_id: "s"
  jurisdiction: JURISDICTION_WALES
  state: CASE_STATE_CLOSED
  protocol_key: "bbv"
  protocol_version: 2
  assigned_to: "nurse-1"
  plan {
    steps {
      key: "assess"
      title: "Assess"
      stage: "assess"
      anchor_time { seconds: 0 }
      due_time { seconds: 3600 }
      responsible: ROLE_OH_NURSE
      ladder: "urgent"
      revision: 2
      measure: "ASSESSED_WITHIN_HOUR"
      outcome {
        ending: ENDING_DONE
        ended_time { seconds: 2400 }
      }
    }
    steps {
      key: "test_3_months"
      title: "Bloods"
      anchor_time { seconds: 0 }
      due_time { seconds: 8000000 }
      tests { test: "HIV" }
      measure: "TEST_3M"
      outcome {
        ending: ENDING_DONE
        ended_time { seconds: 9000000 }
      }
    }
    steps {
      key: "test_6_months"
      title: "Bloods"
      anchor_time { seconds: 0 }
      due_time { seconds: 16000000 }
      closes_time { seconds: 17000000 }
      tests { test: "HCV" }
      ladder: "urgent"
      revision: 1
      measure: "TEST_6M"
    }
    steps {
      key: "old"
      due_time { seconds: 20000000 }
      measure: "OLD"
      outcome {
        ending: ENDING_SUPERSEDED
        ended_time { seconds: 5 }
      }
    }
  }
)pb";

TEST(PlanForScheduling, HoldsInstantsAndRungsOfEveryStep) {
  const scheduling::v1::Plan plan = PlanForScheduling(
      "bbv", ParseProto<v1::Protocol>(kProtocol), ParseProto<v1::CaseHeader>(kHeader),
      {.user_id = "dr-1", .role = options::v1::ROLE_OH_PHYSICIAN});
  EXPECT_EQ(plan.case_id(), "c");
  EXPECT_EQ(plan.case_version(), 3);
  EXPECT_TRUE(plan.closed());
  ASSERT_EQ(plan.steps_size(), 4);
  // An ended step calls nobody.
  EXPECT_THAT(plan.steps(0), EqualsProto(R"pb(
                step_key: "assess"
                title: "Assess"
                stage: "assess"
                responsible: ROLE_OH_NURSE
                due_time { seconds: 3600 }
                revision: 2
                end {
                  ending: ENDING_DONE
                  time { seconds: 2400 }
                }
                measure {
                  key: "ASSESSED_WITHIN_HOUR"
                  anchor_time { seconds: 0 }
                  completed_time { seconds: 2400 }
                }
              )pb"));
  EXPECT_THAT(plan.steps(2), EqualsProto(R"pb(
                step_key: "test_6_months"
                title: "Bloods"
                due_time { seconds: 16000000 }
                closes_time { seconds: 17000000 }
                revision: 1
                rungs {
                  number: 1
                  fire_time { seconds: 16000000 }
                  audience: ROLE_OH_NURSE
                  kind: RUNG_KIND_BREACH
                }
                rungs {
                  number: 2
                  fire_time { seconds: 16000600 }
                  audience: ROLE_OH_LEAD
                  kind: RUNG_KIND_ESCALATION
                }
                measure {
                  key: "TEST_6M"
                  anchor_time { seconds: 0 }
                }
              )pb"));
}

TEST(OutcomeOf, HoldsCodesAndIntervalsOnly) {
  EXPECT_THAT(OutcomeOf("bbv", ParseProto<v1::CaseHeader>(kHeader)), EqualsProto(R"pb(
                pathway: "bbv"
                protocol_key: "bbv"
                protocol_version: 2
                closing: "COMPLETED"
                completed_tests: "HIV_TEST_3_MONTHS"
                measures { code: "ASSESSED_WITHIN_HOUR" finding: FINDING_YES }
                measures { code: "ASSESSED_WITHIN_HOUR_MINUTES" minutes: 40 }
                measures { code: "TEST_3M" finding: FINDING_NO }
                measures { code: "TEST_3M_DAYS" days: 104 }
                measures { code: "TEST_6M" finding: FINDING_NO }
                measures { code: "OLD" finding: FINDING_NOT_APPLICABLE }
                jurisdiction: "WALES"
              )pb"));
}

TEST(OutcomeOf, SaysWhenThePatientWasLost) {
  auto header = ParseProto<v1::CaseHeader>(kHeader);
  header.mutable_plan()->mutable_steps(2)->mutable_outcome()->set_ending(
      v1::ENDING_LOST_TO_FOLLOW_UP);
  EXPECT_EQ(OutcomeOf("bbv", header).closing(), "LOST_TO_FOLLOW_UP");
}

TEST(AskForFitness, NamesTheCaseThePersonAndACodeAndNothingElseOfTheCase) {
  const Call call{.tenant = "demo",
                  .user_id = "nurse-1",
                  .role = options::v1::ROLE_OH_NURSE,
                  .request_id = "r",
                  .act = "ProposeFitness"};
  const auto header = ParseProto<v1::CaseHeader>(kHeader);
  const Outgoing asked = AskForFitness(header, workforce::v1::FITNESS_CODE_RECUPERATIVE, call);
  EXPECT_EQ(asked.destination, "workforce");
  workforce::v1::ProposeFitnessRequest request;
  ASSERT_TRUE(request.ParseFromString(asked.payload));
  EXPECT_EQ(request.request_id(), call.NewId("fitness_request"));
  request.clear_request_id();
  EXPECT_THAT(request, EqualsProto(R"pb(
                tenant: "demo"
                actor { user_id: "nurse-1" role: ROLE_OH_NURSE }
                subject_id: "s"
                case_id: "c"
                code: FITNESS_CODE_RECUPERATIVE
              )pb"));
}

}  // namespace
}  // namespace waymark::casework
