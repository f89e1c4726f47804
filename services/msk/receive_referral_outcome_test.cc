#include "services/msk/receive_referral_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "services/msk/request_care.h"
#include "services/msk/testing/story.h"

namespace waymark::msk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Story;
using ::waymark::testing::IsOk;

// 3 February 2026, 12:30 in London.
constexpr char kSession[] =
    "service: CARE_SERVICE_PHYSIOTHERAPY outcome { treatments { kind: TREATMENT_KIND_SESSION "
    "given_time { seconds: 1770121800 } } }";

Story Injured() {
  Story story("2026-02-02T17:30");
  story.At("2026-02-02T18:20");
  EXPECT_THAT(story.Log("region: REGION_LOW_BACK mechanism: MECHANISM_LIFTING on_duty: ANSWER_YES "
                        "work_ability: WORK_ABILITY_RESTRICTED_DUTIES"),
              IsOk());
  return story;
}

TEST(ReceiveReferralOutcome, ASessionBelongsToTheCareThatWasAskedForOrWaitsForAPerson) {
  Story story = Injured();
  story.At("2026-02-03T13:00");
  ASSERT_THAT(story.Act(&ReceiveReferralOutcome, kSession), IsOk());
  ASSERT_THAT(story.Case().header().unrecorded(), SizeIs(1));
  EXPECT_THAT(story.Case().header().unrecorded(0).what(), ElementsAre("SESSION CARE_NOT_FOUND"));
  EXPECT_TRUE(story.Plans("look_at_outcome#1"));

  Story asked = Injured();
  asked.At("2026-02-03T12:10");
  ASSERT_THAT(asked.Act(&RequestCare,
                        "care { kind: CARE_KIND_PHYSIOTHERAPY provider: PROVIDER_NHS "
                        "requested_time { civil: '2026-02-03T12:00' } }"),
              IsOk());
  asked.At("2026-02-03T13:00");
  ASSERT_THAT(asked.Act(&ReceiveReferralOutcome, kSession), IsOk());
  EXPECT_THAT(asked.Case().header().unrecorded(), IsEmpty());
  EXPECT_THAT(asked.Case().care(0).sessions(), SizeIs(1));
}

TEST(ReceiveReferralOutcome, ResultsWaitForAPerson) {
  Story story = Injured();
  story.At("2026-02-03T13:00");
  ASSERT_THAT(story.Act(&ReceiveReferralOutcome,
                        "outcome { results { test: 'X' outcome: RESULT_OUTCOME_NEGATIVE } }"),
              IsOk());
  EXPECT_THAT(story.Case().header().unrecorded(0).what(), ElementsAre("RESULT NO_ACT"));
}

}  // namespace
}  // namespace waymark::msk
