#include "common/ids/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace waymark::ids {
namespace {

TEST(NewUuid, IsAVersionSevenThatStartsWithTheTime) {
  const int64_t before = absl::ToUnixMillis(absl::Now());
  const std::string uuid = NewUuid();
  const int64_t after = absl::ToUnixMillis(absl::Now());
  EXPECT_TRUE(IsUuid(uuid)) << uuid;
  EXPECT_EQ(uuid[14], '7');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  int64_t millis = 0;
  ASSERT_TRUE(absl::SimpleHexAtoi(uuid.substr(0, 8) + uuid.substr(9, 4), &millis));
  EXPECT_GE(millis, before);
  EXPECT_LE(millis, after);
}

TEST(NewUuid, NeverComesTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(seen.insert(NewUuid()).second);
}

TEST(DeriveUuid, IsTheSameForTheSameInputAndAVersionEight) {
  // From Python: sha256(struct.pack(">Q", 4) + b"seed" + b"case").
  EXPECT_EQ(DeriveUuid("seed", "case"), "98ecd10a-0f2c-8e49-97f1-c008c10ed952");
  EXPECT_TRUE(IsUuid(DeriveUuid("", "")));
  EXPECT_EQ(DeriveUuid("seed", "case")[14], '8');
}

TEST(DeriveUuid, KeepsSeedAndNameApart) {
  EXPECT_NE(DeriveUuid("ab", "c"), DeriveUuid("a", "bc"));
  EXPECT_NE(DeriveUuid("a", "b"), DeriveUuid("b", "a"));
  EXPECT_NE(DeriveUuid("a", ""), DeriveUuid("", "a"));
}

TEST(IsUuid, TakesTheCanonicalSpellingOnly) {
  const struct {
    const char* text;
    bool canonical;
    bool normalisable;
  } kCases[] = {
      {"01890a5d-ac96-774b-bcce-b302099a8057", true, true},
      {"00000000-0000-0000-0000-000000000000", true, true},
      {"01890A5D-AC96-774B-BCCE-B302099A8057", false, true},
      {"01890a5dac96774bbcceb302099a8057", false, false},
      {"{01890a5d-ac96-774b-bcce-b302099a8057}", false, false},
      {"01890a5d-ac96-774b-bcce-b302099a805", false, false},
      {"01890a5d-ac96-774b-bcce-b302099a80577", false, false},
      {"01890a5d-ac96-774b-bcce-b302099a805g", false, false},
      {"01890a5d_ac96_774b_bcce_b302099a8057", false, false},
      {"01890a5d-ac96-774b-bcceb-302099a8057", false, false},
      {" 1890a5d-ac96-774b-bcce-b302099a8057", false, false},
      {"", false, false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(IsUuid(c.text), c.canonical) << c.text;
    EXPECT_EQ(NormaliseUuid(c.text).has_value(), c.normalisable) << c.text;
  }
  EXPECT_EQ(NormaliseUuid("01890A5D-AC96-774B-BCCE-B302099A8057"),
            "01890a5d-ac96-774b-bcce-b302099a8057");
}

}  // namespace
}  // namespace waymark::ids
