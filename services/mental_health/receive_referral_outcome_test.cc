#include "services/mental_health/receive_referral_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "services/mental_health/refer_onward.h"
#include "services/mental_health/testing/story.h"

namespace waymark::mental_health {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Story;
using ::waymark::testing::IsOk;

// 16 September 2026, noon in London.
constexpr char kSession[] =
    "outcome { treatments { kind: TREATMENT_KIND_SESSION given_time { seconds: 1789556400 } } }";

TEST(ReceiveReferralOutcome, ASessionBelongsToAnOnwardReferralOrWaitsForAPerson) {
  Story story;
  story.At("2026-09-14T17:10");
  ASSERT_THAT(story.SelfRefer(), IsOk());
  story.At("2026-09-17T09:00");
  ASSERT_THAT(story.Act(&ReceiveReferralOutcome, kSession), IsOk());
  ASSERT_THAT(story.Case().header().unrecorded(), SizeIs(1));
  EXPECT_THAT(story.Case().header().unrecorded(0).what(),
              ElementsAre("SESSION ONWARD_REFERRAL_NOT_FOUND"));
  EXPECT_TRUE(story.Plans("look_at_outcome#1"));

  Story referred;
  referred.At("2026-09-14T17:10");
  ASSERT_THAT(referred.SelfRefer(), IsOk());
  referred.At("2026-09-14T17:40");
  ASSERT_THAT(referred.Act(&ReferOnward,
                           "referral { service: ONWARD_SERVICE_PRIMARY referred_time { civil: "
                           "'2026-09-14T17:30' } }"),
              IsOk());
  referred.At("2026-09-17T09:00");
  // The assessment, the first of the treatment, and one more, which changes no date.
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(referred.Act(&ReceiveReferralOutcome, kSession), IsOk());
  }
  EXPECT_TRUE(referred.Case().onward_referrals(0).has_treated_time());
  EXPECT_THAT(referred.Case().header().unrecorded(), IsEmpty());
}

}  // namespace
}  // namespace waymark::mental_health
