#include "services/workforce/feed/person_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/casework/local_time.h"

namespace waymark::workforce {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 22);

v1::FeedPerson Constable() {
  v1::FeedPerson person;
  person.set_external_id("E1");
  person.mutable_name()->set_family("Hughes");
  person.mutable_name()->set_given("Siân");
  person.mutable_employment()->set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  person.set_active(true);
  return person;
}

// The reason for which `field` = `text` is refused, "" when it is taken.
std::string Refusal(absl::string_view field, absl::string_view text) {
  v1::FeedPerson person = Constable();
  if (const auto reason = SetFeedField(person, field, text); !reason.empty()) {
    return std::string(reason);
  }
  const auto fault = CheckFeedPerson(person, "E23000025", kToday);
  return fault ? std::string(fault->reason) : "";
}

TEST(SetFeedField, TakesWhatHrSystemsWrite) {
  v1::FeedPerson person = Constable();
  EXPECT_EQ(SetFeedField(person, "workforce_type", "pcso"), "");
  EXPECT_EQ(person.employment().workforce_type(), v1::WORKFORCE_TYPE_PCSO);
  EXPECT_EQ(SetFeedField(person, "role_family", "Public Order"), "");
  EXPECT_EQ(person.employment().role_family(), v1::ROLE_FAMILY_PUBLIC_ORDER);
  EXPECT_EQ(SetFeedField(person, "exposure_roles", "trauma; night work"), "");
  EXPECT_THAT(person.employment().exposure_roles(), ::testing::ElementsAre(2, 5));
  EXPECT_EQ(SetFeedField(person, "language", "cy-GB"), "");
  EXPECT_EQ(person.language(), v1::LANGUAGE_WELSH);
  EXPECT_EQ(SetFeedField(person, "active", "False"), "");
  EXPECT_FALSE(person.active());
  for (const char* share : {"0.6", "60", "60%", " 60.2 "}) {
    EXPECT_EQ(SetFeedField(person, "fte_percent", share), "");
    EXPECT_EQ(person.employment().fte_percent(), 60) << share;
  }
  EXPECT_EQ(SetFeedField(person, "fte_percent", "1.0"), "");
  EXPECT_EQ(person.employment().fte_percent(), 100);
}

TEST(SetFeedField, RefusesWhatItCannotRead) {
  EXPECT_EQ(Refusal("birth_date", "01/02/1990"), "DATE_INVALID");
  EXPECT_EQ(Refusal("birth_date", "1990-02-30"), "DATE_INVALID");
  EXPECT_EQ(Refusal("workforce_type", "wizard"), "VALUE_UNKNOWN");
  EXPECT_EQ(Refusal("workforce_type", "UNSPECIFIED"), "VALUE_UNKNOWN");
  EXPECT_EQ(Refusal("active", "maybe"), "VALUE_UNKNOWN");
  EXPECT_EQ(Refusal("fte_percent", "nan"), "NUMBER_INVALID");
  EXPECT_EQ(Refusal("fte_percent", "0"), "NUMBER_INVALID");
  EXPECT_EQ(Refusal("source_version", "1.5"), "NUMBER_INVALID");
  EXPECT_EQ(Refusal("nhs_number", "9434765919"), "FIELD_UNKNOWN");
}

TEST(CheckFeedPerson, RefusesFormulasWhereverTextIsKept) {
  for (const char* field :
       {"external_id", "family_name", "given_name", "known_as", "title", "user_id",
        "employee_number", "collar_number", "site_code", "shift_pattern", "manager_external_id"}) {
    for (const char* text : {"=1+1", "+A1", "-A1", "@SUM(A1)"}) {
      EXPECT_EQ(Refusal(field, text), "FORMULA") << field << " " << text;
    }
  }
  EXPECT_EQ(Refusal("work_email", "=a@b.uk"), "FORMULA");
  EXPECT_EQ(Refusal("work_mobile", "+447700900123"), "") << "a telephone number is no formula";
}

TEST(CheckFeedPerson, RefusesWhatIsNoAddressNumberOrCode) {
  EXPECT_EQ(Refusal("work_email", "sian.hughes@example.police.uk"), "");
  for (const char* bad : {"sian", "@x.uk", "a@b", "a@b@c.uk", "a b@c.uk", "a@.uk", "a@uk."}) {
    EXPECT_EQ(Refusal("work_email", bad), bad[0] == '@' ? "FORMULA" : "EMAIL_INVALID") << bad;
  }
  EXPECT_EQ(Refusal("work_mobile", "12345"), "PHONE_INVALID");
  EXPECT_EQ(Refusal("work_phone", "12345"), "") << "an extension";
  EXPECT_EQ(Refusal("work_phone", "ask Jo"), "PHONE_INVALID");
  EXPECT_EQ(Refusal("collar_number", "PC<1>"), "CHARACTER_INVALID");
  EXPECT_EQ(Refusal("collar_number", std::string(21, '1')), "TOO_LONG");
  EXPECT_EQ(Refusal("family_name", std::string(101, 'x')), "TOO_LONG");
  EXPECT_EQ(Refusal("external_id", "  "), "") << "blank leaves the field as it was";
  EXPECT_EQ(Refusal("force_code", "E23000001"), "FORCE_FOREIGN");
  EXPECT_EQ(Refusal("manager_external_id", "E1"), "MANAGER_SELF");
  EXPECT_EQ(Refusal("birth_date", "2026-11-22"), "DATE_INVALID");
  EXPECT_EQ(Refusal("effective_date", "2062-01-01"), "DATE_INVALID");
}

TEST(CheckFeedPerson, AsksForKeyNameAndType) {
  for (const char* field : {"external_id", "family_name", "given_name", "workforce_type"}) {
    v1::FeedPerson person = Constable();
    if (field == std::string("external_id")) person.clear_external_id();
    if (field == std::string("family_name")) person.mutable_name()->clear_family();
    if (field == std::string("given_name")) person.mutable_name()->clear_given();
    if (field == std::string("workforce_type")) person.mutable_employment()->clear_workforce_type();
    const auto fault = CheckFeedPerson(person, "f", kToday);
    ASSERT_TRUE(fault) << field;
    EXPECT_EQ(fault->field, field);
    EXPECT_EQ(fault->reason, "REQUIRED");
  }
}

TEST(CheckFeedPerson, SpellsTelephoneNumbersAlike) {
  for (const char* number :
       {"07700 900123", "+44 7700 900123", "+44 (0)7700-900123", "00447700900123"}) {
    v1::FeedPerson person = Constable();
    person.mutable_work()->set_mobile(number);
    EXPECT_FALSE(CheckFeedPerson(person, "f", kToday));
    EXPECT_EQ(person.work().mobile(), "+447700900123") << number;
  }
}

TEST(EndsOn, IsTheDayAfterTheLastOrTheEffectiveDayOfWhoIsNotActive) {
  const absl::CivilDay effective(2026, 11, 1);
  v1::FeedPerson person = Constable();
  EXPECT_EQ(EndsOn(person, effective), std::nullopt);
  *person.mutable_end_date() = casework::ToCivilDate(absl::CivilDay(2026, 12, 31));
  EXPECT_EQ(EndsOn(person, effective), absl::CivilDay(2027, 1, 1));
  person.set_active(false);
  EXPECT_EQ(EndsOn(person, effective), effective) << "not active is not active";
  *person.mutable_end_date() = casework::ToCivilDate(absl::CivilDay(2026, 10, 15));
  EXPECT_EQ(EndsOn(person, effective), absl::CivilDay(2026, 10, 16));
}

TEST(RowText, DiffersWithEveryFieldButTheTimeOfSaying) {
  const v1::FeedPerson person = Constable();
  v1::FeedPerson later = person;
  later.set_source_version(7);
  *later.mutable_effective_date() = casework::ToCivilDate(kToday);
  EXPECT_EQ(RowText(person), RowText(later));

  const std::vector<std::pair<const char*, const char*>> changes = {
      {"family_name", "x"},
      {"given_name", "x"},
      {"known_as", "x"},
      {"title", "x"},
      {"birth_date", "1990-01-01"},
      {"work_email", "a@b.uk"},
      {"work_mobile", "1"},
      {"work_phone", "1"},
      {"language", "cy"},
      {"user_id", "x"},
      {"employee_number", "1"},
      {"collar_number", "1"},
      {"workforce_type", "PCSO"},
      {"rank_band", "SUPERINTENDENT_AND_ABOVE"},
      {"role_family", "DOG"},
      {"exposure_roles", "NOISE"},
      {"site_code", "x"},
      {"fte_percent", "50"},
      {"shift_pattern", "x"},
      {"state", "ABSENT"},
      {"end_reason", "RETIRED"},
      {"start_date", "2020-01-01"},
      {"end_date", "2030-01-01"},
      {"manager_external_id", "E2"},
      {"active", "no"}};
  for (const auto& [field, text] : changes) {
    v1::FeedPerson changed = person;
    ASSERT_EQ(SetFeedField(changed, field, text), "");
    EXPECT_NE(RowText(changed), RowText(person)) << field;
  }
}

TEST(PlaceText, DiffersForMoversAlone) {
  const v1::FeedPerson person = Constable();
  for (const char* field : {"site_code", "manager_external_id"}) {
    v1::FeedPerson moved = person;
    ASSERT_EQ(SetFeedField(moved, field, "x"), "");
    EXPECT_NE(PlaceText(moved), PlaceText(person)) << field;
  }
  v1::FeedPerson renamed = person;
  renamed.mutable_name()->set_family("Evans");
  EXPECT_EQ(PlaceText(renamed), PlaceText(person));
}

TEST(RowText, KeepsApartWhatStandsInDifferentFields) {
  v1::FeedPerson one = Constable();
  one.mutable_name()->set_known_as("x");
  v1::FeedPerson other = Constable();
  other.mutable_name()->set_title("x");
  EXPECT_NE(RowText(one), RowText(other));
}

}  // namespace
}  // namespace waymark::workforce
