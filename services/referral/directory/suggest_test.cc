#include "services/referral/directory/suggest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"

namespace waymark::referral {
namespace {

using casework::ToTimestamp;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// Monday 1 June 2026, 09:00 in London.
const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 6, 1, 8), absl::UTCTimeZone());

// A sexual health clinic in England that publishes slots.
Candidate Clinic(const std::string& code, std::vector<absl::Duration> free) {
  Candidate candidate;
  candidate.entry.set_organisation_code(code);
  candidate.entry.set_name(absl::StrCat("Clinic ", code));
  candidate.entry.set_kind(v1::PROVIDER_KIND_NHS);
  candidate.entry.set_carrier(v1::CARRIER_WAYMARK);
  v1::OfferedService& service = *candidate.entry.add_services();
  service.set_service_id(absl::StrCat("service of ", code));
  service.set_service(v1::CARE_SERVICE_SEXUAL_HEALTH);
  service.add_jurisdictions(casework::v1::JURISDICTION_ENGLAND);
  service.set_address("1 Park Place\nCF10 3AT");
  service.set_capacity(v1::CAPACITY_OPEN);
  service.set_publishes_slots(true);
  for (const absl::Duration after : free) {
    v1::Slot& slot = candidate.slots.emplace_back();
    slot.set_service_id(service.service_id());
    *slot.mutable_start_time() = ToTimestamp(kNow + after);
    *slot.mutable_end_time() = ToTimestamp(kNow + after + absl::Minutes(20));
  }
  return candidate;
}

v1::OfferedService& ServiceOf(Candidate& candidate) { return *candidate.entry.mutable_services(0); }

Wish SexualHealth() {
  return {.service = v1::CARE_SERVICE_SEXUAL_HEALTH,
          .jurisdiction = casework::v1::JURISDICTION_ENGLAND};
}

std::vector<std::string> Codes(const std::vector<Candidate>& candidates, const Wish& wish) {
  std::vector<std::string> codes;
  for (const v1::Suggestion& one : Suggest(candidates, wish, kNow)) {
    codes.push_back(one.provider().organisation_code());
  }
  return codes;
}

std::vector<int> Warnings(const Candidate& candidate, const Wish& wish) {
  const auto suggestions = Suggest({candidate}, wish, kNow);
  if (suggestions.size() != 1) return {-1};
  return {suggestions[0].warnings().begin(), suggestions[0].warnings().end()};
}

TEST(Suggest, PutsWhoeverHasTimeFirstFirst) {
  EXPECT_THAT(
      Codes({Clinic("LATE", {absl::Hours(48)}), Clinic("SOON", {absl::Hours(2)})}, SexualHealth()),
      ElementsAre("SOON", "LATE"));
}

TEST(Suggest, KnowsOnlyTheWantedCareInTheRightCountry) {
  Candidate physiotherapy = Clinic("PHYS", {absl::Hours(1)});
  ServiceOf(physiotherapy).set_service(v1::CARE_SERVICE_PHYSIOTHERAPY);
  Candidate welsh = Clinic("WALES", {absl::Hours(1)});
  ServiceOf(welsh).set_jurisdictions(0, casework::v1::JURISDICTION_WALES);
  EXPECT_THAT(Codes({physiotherapy, welsh}, SexualHealth()), IsEmpty());
}

TEST(Suggest, LeavesOutEveryPlaceThatThePatientAvoids) {
  Candidate site = Clinic("SITE", {absl::Hours(1)});
  ServiceOf(site).set_site_code("SITE01");
  Candidate elsewhere = Clinic("ELSEWHERE", {absl::Hours(1)});
  ServiceOf(elsewhere).set_address("2 High Street\nNP20 1AA");
  const std::vector<Candidate> all = {Clinic("CODE", {absl::Hours(1)}), site, elsewhere};
  Wish wish = SexualHealth();
  wish.avoided.venues = {"CODE"};
  EXPECT_THAT(Codes(all, wish), ElementsAre("ELSEWHERE", "SITE"));
  wish.avoided.venues = {"SITE01"};
  EXPECT_THAT(Codes(all, wish), ElementsAre("CODE", "ELSEWHERE"));
  wish.avoided = {.areas = {"CF10"}};
  EXPECT_THAT(Codes(all, wish), ElementsAre("ELSEWHERE"));
}

TEST(Suggest, ReadsTheAreaOffThePostcode) {
  EXPECT_EQ(OutwardCode("Park Place\nCardiff\nCF10 3AT"), "CF10");
  EXPECT_EQ(OutwardCode("cf103at"), "CF10");
  EXPECT_EQ(OutwardCode("The Strand\nM1 1AE "), "M1");
  EXPECT_EQ(OutwardCode("Cardiff"), "");
  EXPECT_EQ(OutwardCode(""), "");
}

TEST(Suggest, SaysWhenNobodyHasTimeBeforeTheWindowCloses) {
  Wish wish = SexualHealth();
  wish.closes = kNow + absl::Hours(19);
  const std::vector<Candidate> late = {Clinic("LATE", {absl::Hours(20)})};
  EXPECT_THAT(Warnings(late[0], wish), Contains(v1::SUGGESTION_WARNING_NO_SLOT_BEFORE_CLOSE));
  EXPECT_TRUE(NoneBeforeClose(Suggest(late, wish, kNow), wish));
  EXPECT_TRUE(NoneBeforeClose({}, wish));
  // At the instant of closing it can still be done.
  const std::vector<Candidate> just = {Clinic("JUST", {absl::Hours(19)})};
  EXPECT_FALSE(NoneBeforeClose(Suggest(just, wish, kNow), wish));
  wish.closes = std::nullopt;
  EXPECT_FALSE(NoneBeforeClose({}, wish));
}

TEST(Suggest, RanksWhoeverPublishesNoTimesBehindWhoeverHasOne) {
  Wish wish = SexualHealth();
  wish.closes = kNow + absl::Hours(19);
  Candidate unknown = Clinic("UNKNOWN", {});
  ServiceOf(unknown).set_publishes_slots(false);
  EXPECT_THAT(Codes({unknown, Clinic("SOON", {absl::Hours(18)}), Clinic("FULL", {})}, wish),
              ElementsAre("SOON", "UNKNOWN", "FULL"));
  EXPECT_THAT(Warnings(unknown, wish), ElementsAre(v1::SUGGESTION_WARNING_TIME_UNKNOWN));
  EXPECT_FALSE(NoneBeforeClose(Suggest({unknown}, wish, kNow), wish));
}

TEST(Suggest, WarnsOfWhatIsAfterTheAim) {
  Wish wish = SexualHealth();
  wish.due = kNow + absl::Hours(4);
  wish.closes = kNow + absl::Hours(19);
  EXPECT_THAT(Warnings(Clinic("A", {absl::Hours(5)}), wish),
              ElementsAre(v1::SUGGESTION_WARNING_AFTER_DUE));
  EXPECT_THAT(Warnings(Clinic("A", {absl::Hours(3), absl::Hours(5)}), wish), IsEmpty());
}

TEST(Suggest, WarnsOfALapsedAccreditationFromTheDayAfter) {
  Candidate clinic = Clinic("A", {absl::Hours(1)});
  v1::Accreditation& accreditation = *clinic.entry.add_accreditations();
  accreditation.set_body("CQC");
  *accreditation.mutable_valid_until() = casework::ToCivilDate(absl::CivilDay(2026, 6, 1));
  EXPECT_THAT(Warnings(clinic, SexualHealth()), IsEmpty());
  *accreditation.mutable_valid_until() = casework::ToCivilDate(absl::CivilDay(2026, 5, 31));
  EXPECT_THAT(Warnings(clinic, SexualHealth()),
              ElementsAre(v1::SUGGESTION_WARNING_ACCREDITATION_LAPSED));
  EXPECT_THAT(Codes({clinic, Clinic("B", {absl::Hours(9)})}, SexualHealth()),
              ElementsAre("B", "A"));
}

TEST(Suggest, PrefersTimesAroundTheShift) {
  Wish wish = SexualHealth();
  v1::Period& free = wish.free_times.emplace_back();
  *free.mutable_start_time() = ToTimestamp(kNow + absl::Hours(10));
  *free.mutable_end_time() = ToTimestamp(kNow + absl::Hours(12));
  const Candidate both = Clinic("BOTH", {absl::Hours(1), absl::Hours(11)});
  const auto suggested = Suggest({Clinic("NEVER", {absl::Hours(1)}), both}, wish, kNow);
  ASSERT_EQ(suggested.size(), 2);
  EXPECT_EQ(suggested[0].provider().organisation_code(), "BOTH");
  EXPECT_EQ(casework::FromTimestamp(suggested[0].slots(0).start_time()), kNow + absl::Hours(11));
  EXPECT_THAT(suggested[0].warnings(), IsEmpty());
  EXPECT_THAT(suggested[1].warnings(), ElementsAre(v1::SUGGESTION_WARNING_OUTSIDE_FREE_TIMES));
}

TEST(Suggest, PrefersWelshOnlyForWhoeverWantsIt) {
  Candidate welsh = Clinic("WELSH", {absl::Hours(9)});
  ServiceOf(welsh).set_speaks_welsh(true);
  Wish wish = SexualHealth();
  EXPECT_THAT(Codes({welsh, Clinic("ENGLISH", {absl::Hours(1)})}, wish),
              ElementsAre("ENGLISH", "WELSH"));
  wish.welsh = true;
  EXPECT_THAT(Codes({welsh, Clinic("ENGLISH", {absl::Hours(1)})}, wish),
              ElementsAre("WELSH", "ENGLISH"));
}

TEST(Suggest, ShowsButPutsLastWhoTakesNobody) {
  Candidate closed = Clinic("CLOSED", {absl::Hours(1)});
  ServiceOf(closed).set_capacity(v1::CAPACITY_CLOSED);
  EXPECT_THAT(Codes({closed, Clinic("OPEN", {absl::Hours(30)})}, SexualHealth()),
              ElementsAre("OPEN", "CLOSED"));
  EXPECT_THAT(Warnings(closed, SexualHealth()),
              ElementsAre(v1::SUGGESTION_WARNING_CAPACITY_CLOSED));
}

}  // namespace
}  // namespace waymark::referral
