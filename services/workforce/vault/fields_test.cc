#include "services/workforce/vault/fields.h"

#include <gtest/gtest.h>

namespace waymark::workforce {
namespace {

TEST(IsNhsNumber, PassesModulusElevenAndRefusesRepdigits) {
  for (const char* valid : {"9000000009", "9000000025", "9000000033", "9111231130", "9912003888",
                            "9476719931", "9727710859", "4010232137", "9876543210"}) {
    EXPECT_TRUE(IsNhsNumber(valid)) << valid;
  }
  for (const char* invalid : {"9000000000", "3478526985", "9999999991", "1234567890", "9000000015",
                              "", "900000000", "90000000091", "900000000a", "900 000 0009"}) {
    EXPECT_FALSE(IsNhsNumber(invalid)) << invalid;
  }
  // Arithmetic passes all ten of them.
  for (char digit = '0'; digit <= '9'; ++digit) {
    EXPECT_FALSE(IsNhsNumber(std::string(10, digit))) << digit;
  }
}

TEST(NormaliseName, ForgetsCaseAccentsAndMarks) {
  EXPECT_EQ(NormaliseName("O'Brien-Ó"), "obrieno");
  EXPECT_EQ(NormaliseName("Gŵyneth"), "gwyneth");
  EXPECT_EQ(NormaliseName("ŷnys"), "ynys");
  EXPECT_EQ(NormaliseName("Sîan"), NormaliseName("SIAN"));
  EXPECT_EQ(NormaliseName("Zoe\u0308"), "zoe");
  EXPECT_EQ(NormaliseName("Žižek Škoda"), "zizekskoda");
  EXPECT_EQ(NormaliseName(""), "");
}

TEST(NormaliseNumber, ForgetsCaseAndPunctuation) {
  EXPECT_EQ(NormaliseNumber("ab 12.3"), "AB123");
  EXPECT_EQ(NormaliseNumber("AB-123"), NormaliseNumber("ab123"));
}

TEST(NameAndBirth, TellsPeopleOfOneNameApartByTheirBirth) {
  EXPECT_EQ(NameAndBirth("Jones", "Siân", absl::CivilDay(1985, 3, 9)),
            NameAndBirth("JONES", "Sian", absl::CivilDay(1985, 3, 9)));
  EXPECT_NE(NameAndBirth("Jones", "Sian", absl::CivilDay(1985, 3, 9)),
            NameAndBirth("Jones", "Sian", absl::CivilDay(1985, 9, 3)));
}

}  // namespace
}  // namespace waymark::workforce
