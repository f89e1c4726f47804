#include "services/dental/receive_referral_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "services/dental/record_tooth_care.h"
#include "services/dental/testing/story.h"

namespace waymark::dental {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Story;
using ::waymark::testing::IsOk;

// Of the tooth 11, loose and splinted.
Story Splinted() {
  Story story("2026-03-28T22:30");
  story.At("2026-03-28T23:10");
  EXPECT_THAT(story.Log("mechanism: MECHANISM_FALL teeth { tooth: '11' "
                        "injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION }"),
              IsOk());
  story.At("2026-03-29T09:00");
  EXPECT_THAT(story.Act(&RecordToothCare,
                        "teeth: '11' done_time { civil: '2026-03-29T08:40' } splinted {}"),
              IsOk());
  story.At("2026-05-01T12:00");
  return story;
}

// 30 April 2026, noon in London.
constexpr char kTreated[] =
    " outcome { treatments { kind: TREATMENT_KIND_DENTAL_TREATMENT given_time { seconds: "
    "1777546800 } } }";

TEST(ReceiveReferralOutcome, ASplintThatIsOffIsRecorded) {
  Story story = Splinted();
  ASSERT_THAT(story.Act(&ReceiveReferralOutcome,
                        std::string("step_key: 'splint_removal_4_weeks#11'") + kTreated),
              IsOk());
  EXPECT_THAT(story.Case().header().unrecorded(), IsEmpty());
}

TEST(ReceiveReferralOutcome, WhatNoActTakesIsAStepForAPerson) {
  Story story = Splinted();
  ASSERT_THAT(
      story.Act(&ReceiveReferralOutcome, std::string("step_key: 'review_1_year#11'") + kTreated),
      IsOk());
  ASSERT_THAT(story.Case().header().unrecorded(), SizeIs(1));
  EXPECT_THAT(story.Case().header().unrecorded(0).what(), ElementsAre("DENTAL_TREATMENT NO_ACT"));
  EXPECT_EQ(story.Due("look_at_outcome#1"), "2026-05-01 16:00 BST");
}

}  // namespace
}  // namespace waymark::dental
