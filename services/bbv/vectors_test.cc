// The acceptance vectors of the clinical reference: 1.12 (B), and of 6.6 to 6.10 (X) those that a
// blood-borne virus case can meet. Each runs through the functions behind the API, the planner and
// the released protocol file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/testing/matchers.h"
#include "services/bbv/correct_exposure.h"
#include "services/bbv/log_exposure.h"
#include "services/bbv/record_baseline_sample.h"
#include "services/bbv/record_immunoglobulin.h"
#include "services/bbv/record_incapacity.h"
#include "services/bbv/record_pep.h"
#include "services/bbv/record_risk_assessment.h"
#include "services/bbv/record_sample.h"
#include "services/bbv/record_test_result.h"
#include "services/bbv/record_vaccine_dose.h"
#include "services/bbv/testing/story.h"
#include "services/casework/status.h"

namespace waymark::bbv {
namespace {

using testing::Clock;
using ::testing::HasSubstr;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

constexpr char kUsedNeedle[] = "route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD";
constexpr char kUnvaccinated[] =
    "route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD "
    "hepatitis_b_status { vaccination: HEP_B_VACCINATION_UNVACCINATED }";
constexpr char kHepatitisBSource[] =
    "identity: SOURCE_IDENTITY_KNOWN hepatitis_b: SOURCE_VIRUS_POSITIVE";

// Everything that tests, treats or takes blood.
const std::vector<std::string>& TreatmentSteps() {
  static const auto* const steps = new std::vector<std::string>{
      "baseline_sample", "pep_start", "hbig_1", "test_6_weeks", "test_3_months", "test_6_months"};
  return *steps;
}

// One limit of one exposure: what the clinician reads on the plan.
struct Limit {
  const char* vector;
  const char* incident;
  const char* exposure;
  const char* source;
  const char* step;
  const char* opens;
  const char* due;
  const char* closes;
};

class Limits : public ::testing::TestWithParam<Limit> {};

TEST_P(Limits, StandOnThePlan) {
  const Limit& limit = GetParam();
  Story story(limit.incident);
  ASSERT_THAT(story.Log(limit.exposure, limit.source), IsOk());
  EXPECT_EQ(story.Opens(limit.step), limit.opens);
  EXPECT_EQ(story.Due(limit.step), limit.due);
  EXPECT_EQ(story.Closes(limit.step), limit.closes);
}

constexpr char kB1[] = "2026-03-28T22:30";  // GMT; the clocks go forward on 29 March.
constexpr char kB3[] = "2026-08-31T10:00";
constexpr char kB17[] = "2026-01-31T09:00";
constexpr char kB21[] = "2026-05-01T14:00";

// clang-format off
INSTANTIATE_TEST_SUITE_P(Clinical, Limits, ::testing::Values(
    // Used needle on the evening before the spring clock change: hours run on through it.
    Limit{"B1", kB1, kUsedNeedle, "", "risk_assessment",
          "", "2026-03-28 23:30 GMT", ""},
    Limit{"B1", kB1, kUsedNeedle, "", "pep_start",
          "", "2026-03-29 23:30 BST", "2026-03-31 23:30 BST"},
    Limit{"B1", kB1, kUnvaccinated, kHepatitisBSource, "hbig_1",
          "", "2026-03-30 23:30 BST", "2026-04-04 23:30 BST"},
    Limit{"B1", kB1, kUsedNeedle, "", "test_6_weeks",
          "2026-04-25 00:00 BST", "2026-05-09 23:59:59 BST", ""},
    Limit{"B1", kB1, kUsedNeedle, "", "test_3_months",
          "2026-06-20 00:00 BST", "2026-06-28 23:59:59 BST", ""},
    Limit{"B1", kB1, kUsedNeedle, "", "test_6_months",
          "2026-09-12 00:00 BST", "2026-09-28 23:59:59 BST", ""},
    // Months clamp to the month's end, and are counted from the incident, never chained.
    Limit{"B3", kB3, kUsedNeedle, "", "test_6_weeks",
          "2026-09-28 00:00 BST", "2026-10-12 23:59:59 BST", ""},
    Limit{"B3", kB3, kUsedNeedle, "", "test_3_months",
          "2026-11-23 00:00 GMT", "2026-11-30 23:59:59 GMT", ""},
    Limit{"B3", kB3, kUsedNeedle, "", "test_6_months",
          "2027-02-15 00:00 GMT", "2027-02-28 23:59:59 GMT", ""},
    Limit{"B17", kB17, kUnvaccinated, kHepatitisBSource, "hbig_1",
          "", "2026-02-02 09:00 GMT", "2026-02-07 09:00 GMT"},
    Limit{"B17", kB17, kUnvaccinated, kHepatitisBSource, "hbv_vaccine_1",
          "", "2026-02-01 09:00 GMT", "2026-02-07 09:00 GMT"},
    // Sharp from a source known to have HIV: dangerous occurrence, report within ten days.
    Limit{"B21", kB21, kUsedNeedle, "hiv: SOURCE_VIRUS_POSITIVE", "riddor_dangerous_occurrence",
          "", "2026-05-11 23:59:59 BST", ""}));
// clang-format on

// What the rules make of an exposure.
struct Finding {
  const char* vector;
  const char* exposure;
  v1::Significance significance;
};

class Findings : public ::testing::TestWithParam<Finding> {};

TEST_P(Findings, DecideWhetherThePathIsTaken) {
  Story story("2026-09-14T02:15");
  ASSERT_THAT(story.Log(GetParam().exposure), IsOk());
  EXPECT_EQ(story.Case().advice().significance(), GetParam().significance);
  const bool significant = GetParam().significance == v1::SIGNIFICANCE_SIGNIFICANT;
  for (const std::string& step : TreatmentSteps()) {
    if (step == "hbig_1") continue;
    EXPECT_EQ(story.Plans(step), significant) << step;
  }
  EXPECT_TRUE(story.Plans("risk_assessment"));
  EXPECT_EQ(story.Plans("reassurance"), !significant);
}

INSTANTIATE_TEST_SUITE_P(
    Clinical, Findings,
    ::testing::Values(
        // Blood on intact forearm skin.
        Finding{"B6",
                "route: ROUTE_INTACT_SKIN fluid: FLUID_BLOOD site: BODY_SITE_ARM "
                "visible_blood: ANSWER_YES",
                v1::SIGNIFICANCE_NOT_SIGNIFICANT},
        // Saliva without blood in the eye.
        Finding{"B7", "route: ROUTE_EYE fluid: FLUID_SALIVA visible_blood: ANSWER_NO",
                v1::SIGNIFICANCE_NOT_SIGNIFICANT},
        // Visibly blood-stained spit in the eye.
        Finding{"B8", "route: ROUTE_EYE fluid: FLUID_SALIVA visible_blood: ANSWER_YES",
                v1::SIGNIFICANCE_SIGNIFICANT}));

TEST(ClinicalVectors, B6_BloodOnIntactSkinIsRecordedAndReassuredWithoutSamplesPepOrTests) {
  Story story("2026-09-14T02:15");
  ASSERT_THAT(story.Log("route: ROUTE_INTACT_SKIN fluid: FLUID_BLOOD first_aid: FIRST_AID_WASHED "
                        "hepatitis_b_status { vaccination: HEP_B_VACCINATION_FULL }"),
              IsOk());
  std::vector<std::string> keys;
  for (const auto& step : story.Case().header().plan().steps()) keys.push_back(step.key());
  EXPECT_THAT(keys, ::testing::UnorderedElementsAre("first_aid", "risk_assessment", "reassurance"));
}

TEST(ClinicalVectors, B7_SalivaInTheEyeLeavesOnlyTheVaccineStatusCheck) {
  Story story("2026-09-14T02:15");
  ASSERT_THAT(story.Log("route: ROUTE_EYE fluid: FLUID_SALIVA visible_blood: ANSWER_NO"), IsOk());
  EXPECT_TRUE(story.Plans("hbv_status_check"));
  EXPECT_FALSE(story.Plans("hbv_vaccine_1"));
}

TEST(ClinicalVectors, B9_ABiteThatDrewBloodOpensACaseForBothPeople) {
  Story story("2026-07-04T23:10");
  ASSERT_THAT(story.Log("route: ROUTE_BITE_SKIN_BROKEN fluid: FLUID_SALIVA site: BODY_SITE_HAND "
                        "drew_blood: ANSWER_YES device: DEVICE_TEETH"),
              IsOk());
  ASSERT_EQ(story.cases().size(), 2u);
  const v1::BbvCase& officer = story.Case(0);
  const v1::BbvCase& biter = story.Case(1);
  for (const v1::BbvCase& one : story.cases()) {
    const auto* step = casework::FindStep(one.header().plan(), "risk_assessment");
    ASSERT_NE(step, nullptr);
    EXPECT_EQ(step->due_time().seconds(), absl::ToUnixSeconds(Clock("2026-07-05T00:10")));
  }
  EXPECT_EQ(officer.advice().significance(), v1::SIGNIFICANCE_SIGNIFICANT);
  EXPECT_EQ(officer.advice().antibiotics(), v1::ANTIBIOTIC_ADVICE_OFFER);
  EXPECT_EQ(officer.advice().pep_indication(), v1::PEP_INDICATION_NOT_RECOMMENDED);
  EXPECT_TRUE(story.Plans("bite_antibiotics"));
  EXPECT_TRUE(story.Plans("tetanus_check"));
  EXPECT_FALSE(story.Plans("pep_start"));

  EXPECT_EQ(biter.header().subject_kind(), casework::v1::SUBJECT_KIND_THIRD_PARTY);
  EXPECT_EQ(biter.header().care_owner(), casework::v1::CARE_OWNER_CUSTODY_HEALTHCARE);
  EXPECT_EQ(biter.header().subject_id(), "");
  EXPECT_EQ(biter.exposure().route(), v1::ROUTE_MOUTH);
  EXPECT_EQ(biter.advice().significance(), v1::SIGNIFICANCE_SIGNIFICANT);
  EXPECT_EQ(biter.header().links(0).case_id(), officer.header().case_id());
  EXPECT_EQ(officer.header().links(0).case_id(), biter.header().case_id());
}

TEST(ClinicalVectors, B10_PepMayStartAMinuteBefore72HoursAndAt72HoursAndNotLater) {
  const struct {
    const char* started;
    bool allowed;
  } kStarts[] = {
      {"2026-03-31T23:29", true}, {"2026-03-31T23:30", true}, {"2026-03-31T23:31", false}};
  for (const auto& [started, allowed] : kStarts) {
    Story story(kB1);
    story.At("2026-03-31T23:45");
    ASSERT_THAT(story.Log(kUsedNeedle, "hiv: SOURCE_VIRUS_POSITIVE"), IsOk());
    const absl::Status status =
        story.Act(&RecordPep, absl::StrCat("started { started_time { civil: '", started, "' } }"));
    if (allowed) {
      EXPECT_THAT(status, IsOk()) << started;
      EXPECT_EQ(story.Status("pep_start"), "DONE") << started;
    } else {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "WINDOW_CLOSED"));
    }
  }
}

TEST(ClinicalVectors, B13_ANegativeHivTestOnDay42IsNotConclusiveAndTheThreeMonthTestStays) {
  Story story("2026-03-02T10:00");
  ASSERT_THAT(story.Log(kUsedNeedle), IsOk());
  story.At("2026-04-14T09:00");
  story.Result("HIV_AG_AB", "2026-04-13");
  EXPECT_EQ(story.Case().results(0).step_key(), "test_6_weeks");
  EXPECT_FALSE(story.Case().results(0).conclusive());
  EXPECT_EQ(story.Tests("test_3_months"), "HBSAG HCV_AB HIV_AG_AB");
  EXPECT_EQ(story.Tests("test_6_months"), "HBSAG HCV_AB HIV_AG_AB");
}

TEST(ClinicalVectors, B14_AnHivTestAtThreeMonthsRemovesTheOneAtSix) {
  Story story("2026-03-02T10:00");
  ASSERT_THAT(story.Log(kUsedNeedle), IsOk());
  story.At("2026-06-03T09:00");
  story.Result("HIV_AG_AB", "2026-06-02");
  EXPECT_TRUE(story.Case().results(0).conclusive());
  EXPECT_EQ(story.Case().results(0).step_key(), "test_3_months");
  EXPECT_EQ(story.Tests("test_6_months"), "HBSAG HCV_AB");
}

TEST(ClinicalVectors, B16_AnHcvPositiveSourceAddsAntigenOrPcrAtThreeMonths) {
  Story infected("2026-03-02T10:00");
  ASSERT_THAT(infected.Log(kUsedNeedle, "hepatitis_c: SOURCE_VIRUS_POSITIVE"), IsOk());
  EXPECT_EQ(infected.Tests("test_3_months"), "HBSAG HCV_AB HCV_AG_PCR HIV_AG_AB");
  Story low_risk("2026-03-02T10:00");
  ASSERT_THAT(low_risk.Log(kUsedNeedle, "injects_drugs: ANSWER_NO"), IsOk());
  EXPECT_EQ(low_risk.Tests("test_3_months"), "HBSAG HCV_AB HIV_AG_AB");
}

TEST(ClinicalVectors, B17_UnvaccinatedWithAnInfectedSourceGetsImmunoglobulinAndTheCourse) {
  Story story(kB17);
  ASSERT_THAT(story.Log(kUnvaccinated, kHepatitisBSource), IsOk());
  EXPECT_EQ(story.Case().advice().hepatitis_b_vaccine(), v1::VACCINE_ADVICE_ACCELERATED_COURSE);
  EXPECT_EQ(story.Case().advice().hepatitis_b_immunoglobulin(), v1::IMMUNOGLOBULIN_ADVICE_ONE_DOSE);
  story.At("2026-01-31T11:30");
  ASSERT_THAT(story.Act(&RecordVaccineDose,
                        "dose { number: 1 course: VACCINE_COURSE_ACCELERATED "
                        "given_time { civil: '2026-01-31T11:00' } }"),
              IsOk());
  EXPECT_EQ(story.Due("hbv_vaccine_2"), "2026-02-28 23:59:59 GMT");
  EXPECT_EQ(story.Due("hbv_vaccine_3"), "2026-03-31 23:59:59 BST");
  EXPECT_EQ(story.Due("hbv_vaccine_4"), "2027-01-31 23:59:59 GMT");
  ASSERT_THAT(story.Act(&RecordImmunoglobulin,
                        "immunoglobulin { dose_iu: 500 given_time { civil: '2026-01-31T11:05' } }"),
              IsOk());
  EXPECT_EQ(story.Status("hbig_1"), "DONE");
  EXPECT_FALSE(story.Plans("hbig_2"));
  // Passive antibody: anti-HBs waits for four months instead of one to two after the course.
  EXPECT_EQ(story.Status("test_anti_hbs"), "SUPERSEDED");
  EXPECT_EQ(story.Due("test_anti_hbs_after_hbig"), "2026-07-30 23:59:59 BST");
}

TEST(ClinicalVectors, B18_UnvaccinatedWithAnUnknownSourceGetsTheCourseAlone) {
  Story story("2026-06-15T08:00");
  ASSERT_THAT(story.Log(kUnvaccinated, "identity: SOURCE_IDENTITY_UNKNOWN"), IsOk());
  EXPECT_FALSE(story.Plans("hbig_1"));
  story.At("2026-06-15T10:00");
  ASSERT_THAT(story.Act(&RecordVaccineDose,
                        "dose { number: 1 course: VACCINE_COURSE_ACCELERATED "
                        "given_time { civil: '2026-06-15T09:30' } }"),
              IsOk());
  EXPECT_EQ(story.Due("hbv_vaccine_2"), "2026-07-15 23:59:59 BST");
  EXPECT_EQ(story.Due("hbv_vaccine_3"), "2026-08-15 23:59:59 BST");
  EXPECT_EQ(story.Due("hbv_vaccine_4"), "2027-06-15 23:59:59 BST");
  const auto* anti_hbs = casework::FindStep(story.Case().header().plan(), "test_anti_hbs");
  ASSERT_NE(anti_hbs, nullptr);
  EXPECT_EQ(anti_hbs->anchor_time().seconds(), absl::ToUnixSeconds(Clock("2026-09-15T09:30")));
  EXPECT_EQ(story.Due("test_anti_hbs"), "2026-10-15 23:59:59 BST");
}

TEST(ClinicalVectors, B20_VaccinatedFiveMonthsAgoNeedsNeitherBoosterNorImmunoglobulin) {
  Story story("2026-06-15T08:00");
  ASSERT_THAT(story.Log("route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD hepatitis_b_status { "
                        "vaccination: HEP_B_VACCINATION_FULL "
                        "last_dose_date { year: 2026 month: 1 day: 15 } }",
                        kHepatitisBSource),
              IsOk());
  EXPECT_FALSE(story.Plans("hbv_vaccine_1"));
  EXPECT_FALSE(story.Plans("hbv_vaccine_decision"));
  EXPECT_FALSE(story.Plans("hbig_1"));
}

TEST(ClinicalVectors, B21_AKnownInfectedSharpIsADangerousOccurrence) {
  Story story(kB21);
  ASSERT_THAT(story.Log(kUsedNeedle, "hiv: SOURCE_VIRUS_POSITIVE"), IsOk());
  EXPECT_EQ(story.Case().riddor_category(), v1::RIDDOR_CATEGORY_DANGEROUS_OCCURRENCE);
}

TEST(ClinicalVectors, B22_AnUnknownNeedleIsNotYetKnownUntilTheLastTestAndThenNotReportable) {
  Story story("2026-01-05T10:00");
  ASSERT_THAT(story.Log(kUsedNeedle, "identity: SOURCE_IDENTITY_UNKNOWN"), IsOk());
  EXPECT_EQ(story.Case().riddor_category(), v1::RIDDOR_CATEGORY_NOT_YET_KNOWN);
  EXPECT_FALSE(story.Plans("riddor_dangerous_occurrence"));
  story.At("2026-07-06T10:00");
  story.Result("HIV_AG_AB", "2026-04-06");
  story.Result("HBSAG", "2026-07-05");
  EXPECT_EQ(story.Case().riddor_category(), v1::RIDDOR_CATEGORY_NOT_YET_KNOWN);
  story.Result("HCV_AB", "2026-07-05");
  EXPECT_EQ(story.Status("test_6_months"), "DONE");
  EXPECT_EQ(story.Case().riddor_category(), v1::RIDDOR_CATEGORY_NOT_REPORTABLE);
}

TEST(TimeVectors, X2_AMonthFrom31JanuaryEndsWithFebruaryInALeapYearToo) {
  Story story("2028-01-31T08:00");
  ASSERT_THAT(story.Log(kUnvaccinated), IsOk());
  story.At("2028-01-31T09:00");
  ASSERT_THAT(story.Act(&RecordVaccineDose,
                        "dose { number: 1 course: VACCINE_COURSE_ACCELERATED "
                        "given_time { civil: '2028-01-31T08:30' } }"),
              IsOk());
  EXPECT_EQ(story.Due("hbv_vaccine_2"), "2028-02-29 23:59:59 GMT");
}

// A service aim pauses for weekends and bank holidays.
struct WorkingDay {
  const char* vector;
  const char* recorded;
  const char* step;
  const char* due;
};

class WorkingDays : public ::testing::TestWithParam<WorkingDay> {};

TEST_P(WorkingDays, SkipWeekendsAndBankHolidays) {
  Story story("2026-01-02T10:00");
  ASSERT_THAT(story.Log(kUsedNeedle), IsOk());
  story.At(GetParam().recorded);
  const std::string day = std::string(GetParam().recorded).substr(0, 10);
  ASSERT_THAT(story.Act(&RecordSample, absl::StrCat("sample { step_key: 'test_6_weeks' taken_time {"
                                                    " civil: '",
                                                    day, "T09:00' } }")),
              IsOk());
  ASSERT_THAT(
      story.Act(&RecordTestResult,
                absl::StrCat("result { test: TEST_CODE_HIV_AG_AB outcome: TEST_OUTCOME_POSITIVE "
                             "sampled_time { civil: '",
                             day, "T09:00' } }")),
      IsOk());
  EXPECT_EQ(story.Due(GetParam().step), GetParam().due);
}

INSTANTIATE_TEST_SUITE_P(
    Clinical, WorkingDays,
    ::testing::Values(WorkingDay{"X4", "2026-04-01T15:00", "hiv_refer", "2026-04-07 23:59:59 BST"},
                      WorkingDay{"X5", "2026-12-23T15:00", "hiv_refer", "2026-12-29 23:59:59 GMT"},
                      WorkingDay{"X5", "2026-12-23T15:00", "awaited_6_weeks",
                                 "2027-01-04 23:59:59 GMT"}));

TEST(TimeVectors, X7_ATimeThatTheClockShowedTwiceIsAskedAboutNamingBothInstants) {
  Story story("2026-10-25T01:30");
  story.At("2026-10-25T09:00");
  const absl::Status status = story.Log(kUsedNeedle);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_EQ(status::Violations(status).size(), 1u);
  const status::FieldViolation violation = status::Violations(status)[0];
  EXPECT_EQ(violation.field, "people[0].exposure.incident_time");
  EXPECT_EQ(violation.reason, "LOCAL_TIME_REPEATED");
  EXPECT_THAT(violation.description, HasSubstr("2026-10-25T01:30:00+01:00"));
  EXPECT_THAT(violation.description, HasSubstr("2026-10-25T01:30:00+00:00"));
}

TEST(TimeVectors, X7_TheOffsetSaysWhichOfTheTwoIsMeant) {
  for (const auto& [offset, due] :
       {std::pair("60", "2026-10-25 01:30 GMT"), std::pair("0", "2026-10-25 02:30 GMT")}) {
    Story story("2026-10-25T01:30");
    story.At("2026-10-25T09:00");
    ASSERT_THAT(
        story.Log(absl::StrCat("route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD incident_time { "
                               "utc_offset_minutes: ",
                               offset, " }")),
        IsOk());
    EXPECT_EQ(story.Due("risk_assessment"), due);
  }
}

TEST(TimeVectors, ATimeThatTheClockSkippedIsRefused) {
  Story story("2026-03-29T01:30");
  story.At("2026-03-29T09:00");
  const absl::Status status = story.Log(kUsedNeedle);
  ASSERT_EQ(status::Violations(status).size(), 1u);
  EXPECT_EQ(status::Violations(status)[0].reason, "LOCAL_TIME_SKIPPED");
}

TEST(TimeVectors, X8_SevenDaysOfIncapacityAreNotReportable) {
  Story story("2026-05-01T14:00");
  ASSERT_THAT(story.Log(kUsedNeedle, "identity: SOURCE_IDENTITY_UNKNOWN"), IsOk());
  story.At("2026-05-09T09:00");
  ASSERT_THAT(story.Act(&RecordIncapacity,
                        "incapacity { first_date { year: 2026 month: 5 day: 1 } "
                        "last_date { year: 2026 month: 5 day: 8 } }"),
              IsOk());
  EXPECT_FALSE(story.Plans("riddor_over_seven_days"));
}

TEST(TimeVectors, X9_TheEighthDayOfIncapacityIsReportedWithin15DaysOfTheAccident) {
  Story story("2026-05-01T14:00");
  ASSERT_THAT(story.Log(kUsedNeedle, "identity: SOURCE_IDENTITY_UNKNOWN"), IsOk());
  story.At("2026-05-09T09:00");
  ASSERT_THAT(story.Act(&RecordIncapacity,
                        "incapacity { first_date { year: 2026 month: 5 day: 2 } "
                        "last_date { year: 2026 month: 5 day: 9 } }"),
              IsOk());
  EXPECT_EQ(story.Due("riddor_over_seven_days"), "2026-05-16 23:59:59 BST");
  EXPECT_EQ(story.Case().riddor_category(), v1::RIDDOR_CATEGORY_OVER_SEVEN_DAYS);
}

TEST(TimeVectors, ClinicalClocksNeverPauseForAWeekendOrAHoliday) {
  // Thursday evening before Easter 2026: Good Friday and Easter Monday are bank holidays.
  Story story("2026-04-02T18:00");
  ASSERT_THAT(story.Log(kUnvaccinated, kHepatitisBSource), IsOk());
  EXPECT_EQ(story.Due("risk_assessment"), "2026-04-02 19:00 BST");
  EXPECT_EQ(story.Closes("pep_start"), "2026-04-05 18:00 BST");
  EXPECT_EQ(story.Closes("hbig_1"), "2026-04-09 18:00 BST");
}

TEST(Conflicts, C4_PepThatEndedLateMovesTheHivTestOut) {
  // 28 days from 30 March end on 26 April: 45 days later is 10 June, before the three months.
  Story usual(kB1);
  usual.At("2026-03-30T10:00");
  ASSERT_THAT(usual.Log(kUsedNeedle, "hiv: SOURCE_VIRUS_POSITIVE"), IsOk());
  ASSERT_THAT(usual.Act(&RecordPep, "started { started_time { civil: '2026-03-30T09:00' } }"),
              IsOk());
  usual.At("2026-04-27T09:00");
  ASSERT_THAT(usual.Act(&RecordPep, "completed { ended_time { civil: '2026-04-26T09:00' } }"),
              IsOk());
  EXPECT_EQ(usual.Tests("test_3_months"), "HBSAG HCV_AB HIV_AG_AB");
  EXPECT_FALSE(usual.Plans("test_hiv_after_pep"));

  // Extended until 20 May: 45 days later is 4 July, six days after the three months.
  Story extended(kB1);
  extended.At("2026-03-30T10:00");
  ASSERT_THAT(extended.Log(kUsedNeedle, "hiv: SOURCE_VIRUS_POSITIVE"), IsOk());
  ASSERT_THAT(extended.Act(&RecordPep, "started { started_time { civil: '2026-03-30T09:00' } }"),
              IsOk());
  extended.At("2026-05-21T09:00");
  ASSERT_THAT(extended.Act(&RecordPep, "completed { ended_time { civil: '2026-05-20T09:00' } }"),
              IsOk());
  EXPECT_EQ(extended.Tests("test_3_months"), "HBSAG HCV_AB");
  EXPECT_EQ(extended.Due("test_hiv_after_pep"), "2026-07-18 23:59:59 BST");
  extended.At("2026-07-06T09:00");
  extended.Result("HIV_AG_AB", "2026-07-05");
  EXPECT_EQ(extended.Status("test_hiv_after_pep"), "DONE");
  EXPECT_EQ(extended.Tests("test_6_months"), "HBSAG HCV_AB");
}

}  // namespace
}  // namespace waymark::bbv
