#include "common/db/fields.h"

#include <gtest/gtest.h>

namespace waymark::db {
namespace {

TEST(InstantText, IsUtcToTheMicrosecondAndRoundsDown) {
  EXPECT_EQ(InstantText(absl::FromUnixMicros(1774747800000001)), "2026-03-29T01:30:00.000001Z");
  EXPECT_EQ(InstantText(absl::FromUnixNanos(1999)), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(InstantText(absl::FromUnixMicros(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(InstantText(absl::InfiniteFuture()), "infinity");
  EXPECT_EQ(InstantText(absl::InfinitePast()), "-infinity");
}

TEST(ParseInstant, ReadsEveryOffsetThatPostgresWrites) {
  const absl::Time instant = absl::FromUnixMicros(1774747800500000);
  EXPECT_EQ(ParseInstant("2026-03-29 01:30:00.5+00"), instant);
  EXPECT_EQ(ParseInstant("2026-03-29 02:30:00.5+01"), instant);
  EXPECT_EQ(ParseInstant("2026-03-28 20:00:00.5-05:30"), instant);
  EXPECT_EQ(ParseInstant("2026-03-29 01:30:00.500000Z"), instant);
  EXPECT_EQ(ParseInstant("1880-01-01 00:00:00-00:01:15"), absl::FromUnixSeconds(-2840140800 + 75));
  EXPECT_EQ(ParseInstant("infinity"), absl::InfiniteFuture());
}

TEST(ParseInstant, RefusesWhatIsNoInstant) {
  for (const char* text : {"", "2026-03-29", "2026-03-29 01:30:00", "2026-03-29 01:30:00+0",
                           "2026-03-29 01:30:00+00x", "0044-03-15 12:00:00+00 BC", "noon"}) {
    EXPECT_EQ(ParseInstant(text), std::nullopt) << text;
  }
}

TEST(Micros, LoseNothing) {
  for (int64_t micros : {int64_t{0}, int64_t{-1}, int64_t{1774747800000001}}) {
    EXPECT_EQ(ToMicros(FromMicros(micros)), micros);
  }
}

TEST(Arrays, QuoteWhatWouldEndThem) {
  EXPECT_EQ(TextArray(std::vector<std::string>{"a\"b", "c\\", "", "NULL"}).text,
            R"({"a\"b","c\\","","NULL"})");
  EXPECT_EQ(Int8Array({}).text, "{}");
}

}  // namespace
}  // namespace waymark::db
