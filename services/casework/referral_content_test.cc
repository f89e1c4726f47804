#include "services/casework/referral_content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "common/testing/proto_matchers.h"

namespace waymark::casework {
namespace {

using ::waymark::testing::EqualsProto;
using ::waymark::testing::ParseProto;
using ::waymark::testing::StatusIs;

constexpr char kHeader[] = R"pb(
  case_id: "c"
  subject_id: "s"
  jurisdiction: JURISDICTION_WALES
  plan {
    steps { key: "assess" title: "Assess" }
    steps {
      key: "vaccine"
      title: "Vaccinate"
      anchor: "exposure"
      anchor_time { seconds: 10 }
      due_time { seconds: 20 }
      closes_time { seconds: 30 }
    }
  }
)pb";

TEST(ReferralClock, IsTheStepAsPlannedAndTheInstantsItHas) {
  EXPECT_THAT(ReferralClock(ParseProto<v1::CaseHeader>(kHeader), "vaccine").value(),
              EqualsProto(R"pb(
                subject_id: "s"
                jurisdiction: JURISDICTION_WALES
                step_title: "Vaccinate"
                anchor: "exposure"
                anchor_time { seconds: 10 }
                due_time { seconds: 20 }
                closes_time { seconds: 30 }
              )pb"));
}

TEST(ReferralClock, OfAStepThatIsNotPlannedIsNotFound) {
  EXPECT_THAT(ReferralClock(ParseProto<v1::CaseHeader>(kHeader), "bloods"),
              StatusIs(absl::StatusCode::kNotFound, "STEP_NOT_FOUND"));
}

TEST(WordsOf, AreTheNameWithoutItsPrefixInLowerCase) {
  EXPECT_EQ(WordsOf("ROUTE_HUMAN_BITE", "ROUTE_"), "human bite");
  EXPECT_EQ(WordsOf("OTHER", "ROUTE_"), "other");
}

TEST(AddItem, ReturnsTheItemToPutItsValueIn) {
  referral::v1::PathwayContent content;
  AddItem("pep", referral::v1::ITEM_KIND_MEDICATION, "Prophylaxis", "It is under way.", content)
      .set_yes(true);
  EXPECT_THAT(content, EqualsProto(R"pb(
                items {
                  key: "pep"
                  kind: ITEM_KIND_MEDICATION
                  code { display: "Prophylaxis" }
                  yes: true
                  purpose: "It is under way."
                }
              )pb"));
}

}  // namespace
}  // namespace waymark::casework
