#include "services/workforce/people/settle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace waymark::workforce {
namespace {

using ::testing::ElementsAre;

Slice Said(absl::CivilDay from, const std::string& site, int64_t version) {
  Slice slice;
  slice.person_id = "p";
  slice.from = from;
  slice.employment.set_site_code(site);
  slice.source_version = version;
  return slice;
}

// The slices that are known once each statement has been settled, in the order given.
std::vector<Slice> Tell(const std::vector<Slice>& statements) {
  std::vector<Slice> known;
  int next = 0;
  for (const Slice& statement : statements) {
    Settled settled = Settle(known, statement);
    for (const std::string& id : settled.close) {
      known.erase(std::find_if(known.begin(), known.end(),
                               [&](const Slice& slice) { return slice.slice_id == id; }));
    }
    for (Slice& slice : settled.open) {
      slice.slice_id = absl::StrCat(++next);
      known.push_back(slice);
    }
  }
  std::sort(known.begin(), known.end(),
            [](const Slice& a, const Slice& b) { return a.from < b.from; });
  return known;
}

std::vector<std::string> Told(const std::vector<Slice>& statements) {
  std::vector<std::string> told;
  for (const Slice& slice : Tell(statements)) {
    told.push_back(absl::StrCat(absl::FormatCivilTime(slice.from), " ",
                                slice.until >= kNoEnd ? "on" : absl::FormatCivilTime(slice.until),
                                " ", slice.employment.site_code()));
  }
  return told;
}

const absl::CivilDay kJan(2026, 1, 1);
const absl::CivilDay kFeb(2026, 2, 1);
const absl::CivilDay kMar(2026, 3, 1);

TEST(Settle, LetsAStatementHoldUntilTheNext) {
  EXPECT_THAT(Told({Said(kJan, "A", 1), Said(kMar, "B", 2)}),
              ElementsAre("2026-01-01 2026-03-01 A", "2026-03-01 on B"));
}

TEST(Settle, PutsALateStatementInItsPlace) {
  EXPECT_THAT(Told({Said(kJan, "A", 1), Said(kMar, "A", 3), Said(kFeb, "B", 2)}),
              ElementsAre("2026-01-01 2026-02-01 A", "2026-02-01 2026-03-01 B", "2026-03-01 on A"));
}

TEST(Settle, TakesTheHigherVersionOfOneDay) {
  EXPECT_THAT(Told({Said(kJan, "A", 1), Said(kJan, "B", 2)}), ElementsAre("2026-01-01 on B"));
  EXPECT_THAT(Told({Said(kJan, "B", 2), Said(kJan, "A", 1)}), ElementsAre("2026-01-01 on B"));
  EXPECT_TRUE(Settle(Tell({Said(kJan, "A", 1)}), Said(kJan, "A", 1)).outdated);
}

TEST(Settle, TellsTheSameWhateverTheOrderOfArrival) {
  std::vector<Slice> statements;
  for (int i = 0; i < 7; ++i) {
    statements.push_back(Said(kJan + 10 * (i % 5), absl::StrCat("S", i), i + 1));
  }
  const std::vector<std::string> in_order = Told(statements);
  std::vector<int> order = {0, 1, 2, 3, 4, 5, 6};
  int tried = 0;
  do {
    std::vector<Slice> shuffled;
    for (const int i : order) shuffled.push_back(statements[i]);
    ASSERT_EQ(Told(shuffled), in_order) << absl::StrJoin(order, ",");
    ++tried;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(tried, 5040);
}

TEST(Settle, LeavesNeitherGapNorOverlap) {
  const std::vector<Slice> known =
      Tell({Said(kMar, "C", 1), Said(kJan, "A", 2), Said(kFeb, "B", 9)});
  for (size_t i = 1; i < known.size(); ++i) EXPECT_EQ(known[i - 1].until, known[i].from);
  EXPECT_EQ(known.back().until, kNoEnd);
}

}  // namespace
}  // namespace waymark::workforce
