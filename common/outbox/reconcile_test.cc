#include "common/outbox/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"

namespace waymark::outbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::StatusIs;

TEST(Digests, DoNotDependOnTheOrder) {
  Digests forwards, backwards;
  for (int i = 0; i < 1000; ++i) forwards.Add(absl::StrCat("case-", i), i);
  for (int i = 999; i >= 0; --i) backwards.Add(absl::StrCat("case-", i), i);
  EXPECT_THAT(Digests::Differing(forwards, backwards), IsEmpty());
  EXPECT_EQ(forwards.count(), 1000);
}

TEST(Digests, DifferOnlyInTheBucketOfTheKeyThatDiffers) {
  Digests ours, theirs;
  for (int i = 0; i < 1000; ++i) {
    ours.Add(absl::StrCat("case-", i), 1);
    theirs.Add(absl::StrCat("case-", i), i == 77 ? 2 : 1);
  }
  EXPECT_THAT(Digests::Differing(ours, theirs), ElementsAre(Digests::BucketOf("case-77")));
}

TEST(Digests, TellAKeyThatIsMissing) {
  Digests ours, theirs;
  ours.Add("a", 1);
  EXPECT_THAT(Digests::Differing(ours, theirs), ElementsAre(Digests::BucketOf("a")));
}

TEST(Digests, SurviveTheWire) {
  Digests ours;
  for (int i = 0; i < 300; ++i) ours.Add(absl::StrCat("case-", i), i);
  ASSERT_OK_AND_ASSIGN(const Digests theirs, Digests::FromBytes(ours.ToBytes()));
  EXPECT_THAT(Digests::Differing(ours, theirs), IsEmpty());
  EXPECT_EQ(theirs.count(), 300);
  EXPECT_THAT(Digests::FromBytes("short"),
              StatusIs(absl::StatusCode::kInvalidArgument, "DIGESTS_MALFORMED"));
}

TEST(Compare, SaysWhatToSendAndWhatToAlarm) {
  const Difference difference = Compare({{"same", 3}, {"new", 1}, {"moved", 5}, {"restored", 2}},
                                        {{"restored", 4}, {"same", 3}, {"moved", 4}, {"lost", 9}});
  EXPECT_THAT(difference.missing, ElementsAre(KeyVersion{"new", 1}));
  EXPECT_THAT(difference.behind, ElementsAre(KeyVersion{"moved", 5}));
  EXPECT_THAT(difference.ahead, ElementsAre(KeyVersion{"restored", 4}));
  EXPECT_THAT(difference.unknown, ElementsAre(KeyVersion{"lost", 9}));
  EXPECT_FALSE(difference.empty());
}

TEST(Compare, FindsNothingBetweenEquals) {
  EXPECT_TRUE(Compare({{"a", 1}, {"b", 2}}, {{"b", 2}, {"a", 1}}).empty());
  EXPECT_TRUE(Compare({}, {}).empty());
}

}  // namespace
}  // namespace waymark::outbox
