// The clinical rules by themselves, cell by cell; vectors_test.cc has them on whole cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/testing/proto_matchers.h"
#include "services/bbv/bite_antibiotics.h"
#include "services/bbv/first_aid.h"
#include "services/bbv/hcv_risk.h"
#include "services/bbv/hepatitis_b_prophylaxis.h"
#include "services/bbv/pep_indication.h"
#include "services/bbv/pep_rules.h"
#include "services/bbv/riddor.h"
#include "services/bbv/significance.h"
#include "services/bbv/testing/story.h"
#include "services/bbv/tetanus.h"

namespace waymark::bbv {
namespace {

using testing::Clock;
using ::waymark::testing::ParseProto;

v1::Exposure Exposure(const std::string& text) { return ParseProto<v1::Exposure>(text); }
v1::ExposureSource Source(const std::string& text) { return ParseProto<v1::ExposureSource>(text); }

TEST(Significance, NeedsBothAHighRiskRouteAndAHighRiskFluid) {
  const auto of = [](v1::Route route, v1::Fluid fluid) {
    v1::Exposure exposure;
    exposure.set_route(route);
    exposure.set_fluid(fluid);
    return DeriveSignificance(exposure) == v1::SIGNIFICANCE_SIGNIFICANT;
  };
  for (int route = v1::ROUTE_NEEDLESTICK; route <= v1::Route_MAX; ++route) {
    const bool high = route != v1::ROUTE_BITE_SKIN_INTACT && route != v1::ROUTE_INTACT_SKIN &&
                      route != v1::ROUTE_CLOTHING;
    EXPECT_EQ(of(static_cast<v1::Route>(route), v1::FLUID_BLOOD), high)
        << v1::Route_Name(static_cast<v1::Route>(route));
  }
  for (int fluid = v1::FLUID_BLOOD; fluid <= v1::Fluid_MAX; ++fluid) {
    const bool high = fluid <= v1::FLUID_SALIVA_IN_DENTISTRY || fluid == v1::FLUID_UNKNOWN;
    EXPECT_EQ(of(v1::ROUTE_NEEDLESTICK, static_cast<v1::Fluid>(fluid)), high)
        << v1::Fluid_Name(static_cast<v1::Fluid>(fluid));
  }
}

TEST(Significance, AnyFluidThatIsVisiblyBloodStainedIsHighRisk) {
  EXPECT_TRUE(IsHighRiskFluid(Exposure("fluid: FLUID_URINE visible_blood: ANSWER_YES")));
  EXPECT_FALSE(IsHighRiskFluid(Exposure("fluid: FLUID_URINE visible_blood: ANSWER_UNKNOWN")));
  EXPECT_FALSE(IsHighRiskFluid(Exposure("fluid: FLUID_NONE visible_blood: ANSWER_YES")));
}

TEST(Significance, ABiteThatDrewBloodIsBloodStained) {
  EXPECT_TRUE(IsHighRiskFluid(
      Exposure("route: ROUTE_BITE_SKIN_BROKEN fluid: FLUID_SALIVA drew_blood: ANSWER_YES")));
  EXPECT_FALSE(IsHighRiskFluid(
      Exposure("route: ROUTE_BITE_SKIN_BROKEN fluid: FLUID_SALIVA drew_blood: ANSWER_NO")));
}

struct PepCell {
  const char* exposure;
  const char* source;
  v1::PepIndication indication;
};

class PepMatrix : public ::testing::TestWithParam<PepCell> {};

TEST_P(PepMatrix, SaysWhatTheTableSays) {
  EXPECT_EQ(DerivePepIndication(Exposure(GetParam().exposure), Source(GetParam().source),
                                v1::SIGNIFICANCE_SIGNIFICANT),
            GetParam().indication)
      << GetParam().exposure << " / " << GetParam().source;
}

constexpr char kSharp[] = "route: ROUTE_NEEDLESTICK";
constexpr char kSplash[] = "route: ROUTE_EYE";
constexpr char kBite[] = "route: ROUTE_BITE_SKIN_BROKEN";
constexpr char kPositive[] = "hiv: SOURCE_VIRUS_POSITIVE";
constexpr char kUndetectable[] =
    "hiv: SOURCE_VIRUS_POSITIVE hiv_undetectable_six_months: ANSWER_YES";
constexpr char kHighPrevalence[] = "hiv: SOURCE_VIRUS_UNKNOWN high_hiv_prevalence: ANSWER_YES";
constexpr char kLowPrevalence[] = "hiv: SOURCE_VIRUS_UNKNOWN high_hiv_prevalence: ANSWER_NO";

INSTANTIATE_TEST_SUITE_P(
    Bashh2021, PepMatrix,
    ::testing::Values(
        PepCell{kSharp, kPositive, v1::PEP_INDICATION_RECOMMENDED},
        PepCell{kSharp, kUndetectable, v1::PEP_INDICATION_NOT_RECOMMENDED},
        PepCell{kSharp, kHighPrevalence, v1::PEP_INDICATION_GENERALLY_NOT_RECOMMENDED},
        PepCell{kSharp, kLowPrevalence, v1::PEP_INDICATION_NOT_RECOMMENDED},
        PepCell{kSharp, "", v1::PEP_INDICATION_UNSPECIFIED},
        PepCell{kSharp, "hiv: SOURCE_VIRUS_NEGATIVE", v1::PEP_INDICATION_NOT_RECOMMENDED},
        PepCell{kSharp, "hiv: SOURCE_VIRUS_NEGATIVE window_period_risk: ANSWER_YES",
                v1::PEP_INDICATION_UNSPECIFIED},
        PepCell{kSplash, kPositive, v1::PEP_INDICATION_RECOMMENDED},
        PepCell{kSplash, kUndetectable, v1::PEP_INDICATION_NOT_RECOMMENDED},
        PepCell{kSplash, kHighPrevalence, v1::PEP_INDICATION_GENERALLY_NOT_RECOMMENDED},
        PepCell{kSplash, kLowPrevalence, v1::PEP_INDICATION_NOT_RECOMMENDED},
        PepCell{kBite, kPositive, v1::PEP_INDICATION_GENERALLY_NOT_RECOMMENDED},
        PepCell{kBite, kUndetectable, v1::PEP_INDICATION_NOT_RECOMMENDED},
        PepCell{kBite, kHighPrevalence, v1::PEP_INDICATION_NOT_RECOMMENDED},
        PepCell{kBite, "", v1::PEP_INDICATION_NOT_RECOMMENDED},
        // The exception for bites takes all three.
        PepCell{"route: ROUTE_BITE_SKIN_BROKEN visible_blood: ANSWER_YES depth: DEPTH_DEEP",
                "hiv: SOURCE_VIRUS_POSITIVE hiv_viraemic: ANSWER_YES", v1::PEP_INDICATION_CONSIDER},
        PepCell{"route: ROUTE_BITE_SKIN_BROKEN visible_blood: ANSWER_YES depth: DEPTH_MODERATE",
                "hiv: SOURCE_VIRUS_POSITIVE hiv_viraemic: ANSWER_YES",
                v1::PEP_INDICATION_GENERALLY_NOT_RECOMMENDED},
        PepCell{"route: ROUTE_NEEDLESTICK discarded_in_community: ANSWER_YES", kHighPrevalence,
                v1::PEP_INDICATION_NOT_RECOMMENDED}));

TEST(PepMatrix, NothingIsIndicatedWithoutASignificantExposure) {
  EXPECT_EQ(
      DerivePepIndication(Exposure(kSharp), Source(kPositive), v1::SIGNIFICANCE_NOT_SIGNIFICANT),
      v1::PEP_INDICATION_NOT_RECOMMENDED);
}

TEST(PepRules, AWindowOf72HoursAllows72Hours) {
  const absl::Time incident = Clock("2026-03-28T22:30");
  EXPECT_TRUE(WithinWindow(incident, incident + absl::Hours(72), 72));
  EXPECT_FALSE(WithinWindow(incident, incident + absl::Hours(72) + absl::Seconds(1), 72));
}

TEST(PepRules, AGapOf48HoursIsContinuedAndOneOf49StopsTheCourse) {
  EXPECT_FALSE(GapStopsCourse(48, 48));
  EXPECT_TRUE(GapStopsCourse(49, 48));
}

TEST(PepRules, TheFirstDoseIsDayOneOfTheCourse) {
  EXPECT_TRUE(IsWholeCourse(Clock("2026-03-01T23:00"), Clock("2026-03-28T08:00"), 28));
  EXPECT_FALSE(IsWholeCourse(Clock("2026-03-01T23:00"), Clock("2026-03-27T23:30"), 28));
}

TEST(PepRules, ANegativeHivTestCountsFrom45DaysAfterExposureAndAfterPep) {
  const absl::Time incident = Clock("2026-01-01T12:00");
  EXPECT_FALSE(HivNegativeIsConclusive(Clock("2026-02-14T12:00"), incident, {}, 45));
  EXPECT_TRUE(HivNegativeIsConclusive(Clock("2026-02-15T08:00"), incident, {}, 45));
  const absl::Time pep_end = Clock("2026-01-28T20:00");
  EXPECT_FALSE(HivNegativeIsConclusive(Clock("2026-03-13T08:00"), incident, pep_end, 45));
  EXPECT_TRUE(HivNegativeIsConclusive(Clock("2026-03-14T08:00"), incident, pep_end, 45));
  EXPECT_FALSE(
      HivNegativeIsConclusive(Clock("2026-06-01T08:00"), incident, absl::InfiniteFuture(), 45));
}

TEST(PepRules, A28DayCourseDoesNotMoveTheThreeMonthTest) {
  // The latest start, at 72 hours; the shortest three months, 89 days.
  EXPECT_FALSE(HivTestMovesOut(Clock("2026-02-01T10:00"), Clock("2026-03-03T10:00"), 3, 45));
  EXPECT_TRUE(HivTestMovesOut(Clock("2026-02-01T10:00"), Clock("2026-03-18T10:00"), 3, 45));
  EXPECT_FALSE(HivTestMovesOut(Clock("2026-02-01T10:00"), Clock("2026-03-17T10:00"), 3, 45));
}

struct HepatitisBCell {
  const char* status;
  v1::SourceVirus source;
  v1::VaccineAdvice vaccine;
  v1::ImmunoglobulinAdvice immunoglobulin;
};

class HepatitisBTable : public ::testing::TestWithParam<HepatitisBCell> {};

constexpr HepatitisBLimits kLimits{10, 100, 12};

TEST_P(HepatitisBTable, SaysWhatGreenBookChapter18Says) {
  const HepatitisBAdvice advice =
      AdviseHepatitisB(ParseProto<v1::HepBStatus>(GetParam().status), v1::SIGNIFICANCE_SIGNIFICANT,
                       GetParam().source, true, absl::CivilDay(2026, 6, 15), kLimits);
  EXPECT_EQ(advice.vaccine, GetParam().vaccine) << GetParam().status;
  EXPECT_EQ(advice.immunoglobulin, GetParam().immunoglobulin) << GetParam().status;
}

constexpr char kUnvaccinated[] = "vaccination: HEP_B_VACCINATION_UNVACCINATED";
constexpr char kPartial[] = "vaccination: HEP_B_VACCINATION_PARTIAL";
constexpr char kFullLongAgo[] =
    "vaccination: HEP_B_VACCINATION_FULL last_dose_date { year: 2025 month: 6 day: 15 }";
constexpr char kFullRecently[] =
    "vaccination: HEP_B_VACCINATION_FULL last_dose_date { year: 2025 month: 6 day: 16 }";
constexpr char kNonResponder[] = "vaccination: HEP_B_VACCINATION_NON_RESPONDER";
constexpr char kMeasuredNonResponder[] =
    "vaccination: HEP_B_VACCINATION_FULL anti_hbs_miu_per_ml: 9.9";
constexpr auto kInfected = v1::SOURCE_VIRUS_POSITIVE;
constexpr auto kUnknown = v1::SOURCE_VIRUS_UNKNOWN;
constexpr auto kClear = v1::SOURCE_VIRUS_NEGATIVE;
constexpr auto kNoHbig = v1::IMMUNOGLOBULIN_ADVICE_NONE;

INSTANTIATE_TEST_SUITE_P(
    GreenBook, HepatitisBTable,
    ::testing::Values(
        HepatitisBCell{kUnvaccinated, kInfected, v1::VACCINE_ADVICE_ACCELERATED_COURSE,
                       v1::IMMUNOGLOBULIN_ADVICE_ONE_DOSE},
        HepatitisBCell{kUnvaccinated, kUnknown, v1::VACCINE_ADVICE_ACCELERATED_COURSE, kNoHbig},
        HepatitisBCell{kUnvaccinated, kClear, v1::VACCINE_ADVICE_CONSIDER_COURSE, kNoHbig},
        HepatitisBCell{"", kInfected, v1::VACCINE_ADVICE_ACCELERATED_COURSE,
                       v1::IMMUNOGLOBULIN_ADVICE_ONE_DOSE},
        HepatitisBCell{kPartial, kInfected, v1::VACCINE_ADVICE_ONE_DOSE_AND_FINISH, kNoHbig},
        HepatitisBCell{kPartial, kUnknown, v1::VACCINE_ADVICE_ONE_DOSE_AND_FINISH, kNoHbig},
        HepatitisBCell{kPartial, kClear, v1::VACCINE_ADVICE_COMPLETE_COURSE, kNoHbig},
        HepatitisBCell{kFullLongAgo, kInfected, v1::VACCINE_ADVICE_BOOSTER, kNoHbig},
        HepatitisBCell{kFullLongAgo, kUnknown, v1::VACCINE_ADVICE_CONSIDER_BOOSTER, kNoHbig},
        HepatitisBCell{kFullLongAgo, kClear, v1::VACCINE_ADVICE_NONE, kNoHbig},
        HepatitisBCell{kFullRecently, kInfected, v1::VACCINE_ADVICE_NONE, kNoHbig},
        HepatitisBCell{kFullRecently, kUnknown, v1::VACCINE_ADVICE_NONE, kNoHbig},
        HepatitisBCell{kNonResponder, kInfected, v1::VACCINE_ADVICE_BOOSTER,
                       v1::IMMUNOGLOBULIN_ADVICE_TWO_DOSES},
        HepatitisBCell{kNonResponder, kUnknown, v1::VACCINE_ADVICE_CONSIDER_BOOSTER,
                       v1::IMMUNOGLOBULIN_ADVICE_TWO_DOSES},
        HepatitisBCell{kNonResponder, kClear, v1::VACCINE_ADVICE_CONSIDER_BOOSTER, kNoHbig},
        HepatitisBCell{kMeasuredNonResponder, kInfected, v1::VACCINE_ADVICE_BOOSTER,
                       v1::IMMUNOGLOBULIN_ADVICE_TWO_DOSES}));

TEST(HepatitisBTable, WithoutASignificantExposureOnlyContinuingRiskAsksForVaccine) {
  const auto advise = [](const char* status, bool continuing_risk) {
    return AdviseHepatitisB(ParseProto<v1::HepBStatus>(status), v1::SIGNIFICANCE_NOT_SIGNIFICANT,
                            v1::SOURCE_VIRUS_POSITIVE, continuing_risk, absl::CivilDay(2026, 6, 15),
                            kLimits)
        .vaccine;
  };
  EXPECT_EQ(advise(kUnvaccinated, true), v1::VACCINE_ADVICE_START_COURSE);
  EXPECT_EQ(advise(kPartial, true), v1::VACCINE_ADVICE_COMPLETE_COURSE);
  EXPECT_EQ(advise(kFullLongAgo, true), v1::VACCINE_ADVICE_NONE);
  EXPECT_EQ(advise(kNonResponder, true), v1::VACCINE_ADVICE_CONSIDER_BOOSTER);
  EXPECT_EQ(advise(kUnvaccinated, false), v1::VACCINE_ADVICE_NONE);
}

TEST(HepatitisBTable, TestsAreLeftOutOnlyFrom100MilliUnits) {
  EXPECT_TRUE(IsProtectedFromHepatitisB(
      ParseProto<v1::HepBStatus>("vaccination: HEP_B_VACCINATION_FULL anti_hbs_miu_per_ml: 100"),
      kLimits));
  EXPECT_FALSE(IsProtectedFromHepatitisB(
      ParseProto<v1::HepBStatus>("vaccination: HEP_B_VACCINATION_FULL anti_hbs_miu_per_ml: 99"),
      kLimits));
  EXPECT_FALSE(IsProtectedFromHepatitisB(
      ParseProto<v1::HepBStatus>("vaccination: HEP_B_VACCINATION_FULL"), kLimits));
}

struct TetanusCell {
  const char* exposure;
  v1::TetanusAction action;
};

class TetanusRules : public ::testing::TestWithParam<TetanusCell> {};

constexpr TetanusLimits kTetanus{10, 250, 500, 24};

TEST_P(TetanusRules, SayWhatGreenBookChapter30Says) {
  v1::Exposure exposure = Exposure(GetParam().exposure);
  exposure.set_route(v1::ROUTE_NEEDLESTICK);
  EXPECT_EQ(DeriveTetanus(exposure, absl::CivilDay(2026, 6, 15), kTetanus), GetParam().action)
      << GetParam().exposure;
}

INSTANTIATE_TEST_SUITE_P(
    GreenBook, TetanusRules,
    ::testing::Values(
        TetanusCell{"tetanus_priming: TETANUS_PRIMING_COMPLETE tetanus_high_risk: ANSWER_YES "
                    "last_tetanus_date { year: 2016 month: 6 day: 15 }",
                    v1::TETANUS_ACTION_NONE_NEEDED},
        TetanusCell{"tetanus_priming: TETANUS_PRIMING_COMPLETE tetanus_prone: ANSWER_YES "
                    "last_tetanus_date { year: 2016 month: 6 day: 14 }",
                    v1::TETANUS_ACTION_DOSE},
        TetanusCell{"tetanus_priming: TETANUS_PRIMING_COMPLETE tetanus_high_risk: ANSWER_YES "
                    "last_tetanus_date { year: 2016 month: 6 day: 14 }",
                    v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN},
        TetanusCell{"tetanus_priming: TETANUS_PRIMING_COMPLETE tetanus_prone: ANSWER_NO "
                    "last_tetanus_date { year: 2016 month: 6 day: 14 }",
                    v1::TETANUS_ACTION_NONE_NEEDED},
        TetanusCell{"tetanus_priming: TETANUS_PRIMING_UNKNOWN tetanus_prone: ANSWER_NO",
                    v1::TETANUS_ACTION_DOSE},
        TetanusCell{"tetanus_priming: TETANUS_PRIMING_INCOMPLETE tetanus_prone: ANSWER_YES",
                    v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN}));

TEST(TetanusRules, AskNothingWhenNoSkinWasBroken) {
  EXPECT_EQ(DeriveTetanus(Exposure("route: ROUTE_EYE"), absl::CivilDay(2026, 6, 15), kTetanus),
            v1::TETANUS_ACTION_UNSPECIFIED);
}

TEST(TetanusRules, GiveTheLargerDoseOfImmunoglobulinAfterADayOrForHeavyContamination) {
  const auto dose = [](const char* exposure, absl::Duration after) {
    return TetanusImmunoglobulinIu(v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN, Exposure(exposure),
                                   absl::UnixEpoch(), absl::UnixEpoch() + after, kTetanus);
  };
  EXPECT_EQ(dose("", absl::Hours(24)), 250);
  EXPECT_EQ(dose("", absl::Hours(24) + absl::Seconds(1)), 500);
  EXPECT_EQ(dose("tetanus_high_risk: ANSWER_YES", absl::Hours(1)), 500);
  EXPECT_EQ(TetanusImmunoglobulinIu(v1::TETANUS_ACTION_DOSE, Exposure(""), absl::UnixEpoch(),
                                    absl::UnixEpoch(), kTetanus),
            0);
}

TEST(BiteAntibiotics, FollowNiceNg184) {
  EXPECT_EQ(DeriveAntibiotics(Exposure("route: ROUTE_NEEDLESTICK")),
            v1::ANTIBIOTIC_ADVICE_UNSPECIFIED);
  EXPECT_EQ(DeriveAntibiotics(Exposure("route: ROUTE_BITE_SKIN_INTACT site: BODY_SITE_HAND")),
            v1::ANTIBIOTIC_ADVICE_NONE);
  EXPECT_EQ(DeriveAntibiotics(Exposure(
                "route: ROUTE_BITE_SKIN_BROKEN drew_blood: ANSWER_YES site: BODY_SITE_ARM")),
            v1::ANTIBIOTIC_ADVICE_OFFER);
  EXPECT_EQ(DeriveAntibiotics(Exposure(
                "route: ROUTE_BITE_SKIN_BROKEN drew_blood: ANSWER_NO site: BODY_SITE_HAND")),
            v1::ANTIBIOTIC_ADVICE_CONSIDER);
  EXPECT_EQ(DeriveAntibiotics(Exposure(
                "route: ROUTE_BITE_SKIN_BROKEN drew_blood: ANSWER_NO site: BODY_SITE_ARM")),
            v1::ANTIBIOTIC_ADVICE_NONE);
  EXPECT_EQ(DeriveAntibiotics(Exposure("route: ROUTE_BITE_SKIN_BROKEN drew_blood: ANSWER_NO "
                                       "site: BODY_SITE_ARM infection_risk_person: ANSWER_YES")),
            v1::ANTIBIOTIC_ADVICE_CONSIDER);
}

TEST(SourceRisk, HepatitisCIsLikelierFromAKnownCarrierOrSomebodyWhoInjects) {
  EXPECT_TRUE(IsHighHcvRisk(Source("hepatitis_c: SOURCE_VIRUS_POSITIVE")));
  EXPECT_TRUE(IsHighHcvRisk(Source("injects_drugs: ANSWER_YES")));
  EXPECT_FALSE(IsHighHcvRisk(Source("injects_drugs: ANSWER_UNKNOWN")));
}

TEST(SourceRisk, ASourceIsClearOnlyIfNegativeForAllThreeWithoutARecentRisk) {
  const std::string negative =
      "hepatitis_b: SOURCE_VIRUS_NEGATIVE hepatitis_c: SOURCE_VIRUS_NEGATIVE "
      "hiv: SOURCE_VIRUS_NEGATIVE ";
  EXPECT_TRUE(IsSourceClear(Source(negative + "window_period_risk: ANSWER_NO")));
  EXPECT_FALSE(IsSourceClear(Source(negative)));
  EXPECT_FALSE(IsSourceClear(Source(negative + "window_period_risk: ANSWER_YES")));
}

TEST(Riddor, TheDayOfTheAccidentIsNotCountedAndRestDaysAre) {
  const absl::CivilDay accident(2026, 5, 1);
  EXPECT_EQ(DaysOfIncapacity(accident, accident, absl::CivilDay(2026, 5, 8)), 7);
  EXPECT_EQ(DaysOfIncapacity(accident, accident + 1, absl::CivilDay(2026, 5, 9)), 8);
  EXPECT_EQ(DaysOfIncapacity(accident, accident, accident), 0);
  EXPECT_FALSE(IsOverSevenDays(7));
  EXPECT_TRUE(IsOverSevenDays(8));
}

TEST(Riddor, TheGravestCategoryHolds) {
  RiddorRecord record{.workforce = true, .significant = true};
  EXPECT_EQ(DeriveRiddor(record), v1::RIDDOR_CATEGORY_NOT_YET_KNOWN);
  record.over_seven_days = true;
  EXPECT_EQ(DeriveRiddor(record), v1::RIDDOR_CATEGORY_OVER_SEVEN_DAYS);
  record.source_infected = true;
  EXPECT_EQ(DeriveRiddor(record), v1::RIDDOR_CATEGORY_DANGEROUS_OCCURRENCE);
  record.infection_acquired = true;
  EXPECT_EQ(DeriveRiddor(record), v1::RIDDOR_CATEGORY_DISEASE);
  record.workforce = false;
  EXPECT_EQ(DeriveRiddor(record), v1::RIDDOR_CATEGORY_NOT_REPORTABLE);
}

TEST(FirstAid, TellsEveryoneTheSameForTheirKindOfExposure) {
  EXPECT_THAT(FirstAidFor(v1::ROUTE_EYE).front(), ::testing::HasSubstr("Wash the eye"));
  EXPECT_THAT(FirstAidFor(v1::ROUTE_NEEDLESTICK).front(), ::testing::HasSubstr("Do not scrub"));
  EXPECT_THAT(FirstAidFor(v1::ROUTE_INTACT_SKIN), ::testing::SizeIs(3));
}

}  // namespace
}  // namespace waymark::bbv
