// The acts on a case, one after another: what they record, refuse and change in the plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/bbv/correct_exposure.h"
#include "services/bbv/correct_test_result.h"
#include "services/bbv/log_exposure.h"
#include "services/bbv/record_antibiotics.h"
#include "services/bbv/record_baseline_sample.h"
#include "services/bbv/record_counselling.h"
#include "services/bbv/record_family_impact.h"
#include "services/bbv/record_immunoglobulin.h"
#include "services/bbv/record_pep.h"
#include "services/bbv/record_result_told.h"
#include "services/bbv/record_riddor_report.h"
#include "services/bbv/record_risk_assessment.h"
#include "services/bbv/record_sample.h"
#include "services/bbv/record_source_result.h"
#include "services/bbv/record_specialist_referral.h"
#include "services/bbv/record_symptoms.h"
#include "services/bbv/record_test_result.h"
#include "services/bbv/record_tetanus.h"
#include "services/bbv/record_vaccine_dose.h"
#include "services/bbv/testing/story.h"

namespace waymark::bbv {
namespace {

using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

constexpr char kNeedle[] = "route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD";

// "field REASON" of the only violation; fails when there is none or more than one.
std::string OnlyViolation(const absl::Status& status) {
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const auto violations = status::Violations(status);
  EXPECT_EQ(violations.size(), 1u) << status;
  return violations.empty() ? "" : violations[0].field + " " + violations[0].reason;
}

Story Needlestick(const std::string& source = "") {
  Story story("2026-03-02T10:00");
  story.At("2026-03-02T10:15");
  EXPECT_THAT(story.Log(kNeedle, source), IsOk());
  return story;
}

constexpr char kAssessed[] =
    "risk_assessment { competence: COMPETENCE_OH_NURSE assessed_time { civil: '2026-03-02T10:40' }";

TEST(RecordRiskAssessment, TakesTheRulesAnswerWhereTheAssessorLeavesItOpen) {
  Story story = Needlestick();
  story.At("2026-03-02T10:45");
  ASSERT_THAT(story.Act(&RecordRiskAssessment, absl::StrCat(kAssessed, "}")), IsOk());
  EXPECT_EQ(story.Case().risk_assessment().significance(), v1::SIGNIFICANCE_SIGNIFICANT);
  EXPECT_EQ(story.Case().risk_assessment().assessor(), "nurse-1");
  EXPECT_EQ(story.Status("risk_assessment"), "DONE");
}

TEST(RecordRiskAssessment, NeedsAReasonToDecideAgainstTheRule) {
  Story story = Needlestick();
  story.At("2026-03-02T10:45");
  const std::string against =
      absl::StrCat(kAssessed, " significance: SIGNIFICANCE_NOT_SIGNIFICANT");
  EXPECT_EQ(OnlyViolation(story.Act(&RecordRiskAssessment, against + "}")),
            "risk_assessment.override_reason MISSING");
  ASSERT_THAT(story.Act(&RecordRiskAssessment, against + " override_reason: 'clean needle' }"),
              IsOk());
  EXPECT_EQ(story.Status("test_6_weeks"), "SUPERSEDED");
  EXPECT_EQ(story.Case().risk_assessment().derived(), v1::SIGNIFICANCE_SIGNIFICANT);
}

TEST(RecordRiskAssessment, DecidesFreelyWhatTheRuleLeavesOpen) {
  Story story = Needlestick();
  story.At("2026-03-02T10:45");
  EXPECT_TRUE(story.Plans("pep_start"));
  ASSERT_THAT(
      story.Act(&RecordRiskAssessment,
                absl::StrCat(kAssessed, " pep_indication: PEP_INDICATION_NOT_RECOMMENDED}")),
      IsOk());
  EXPECT_EQ(story.Status("pep_start"), "SUPERSEDED");
}

TEST(RecordRiskAssessment, ALaterAssessmentKeepsTheTimeOfTheFirst) {
  Story story = Needlestick();
  story.At("2026-03-03T09:30");
  ASSERT_THAT(story.Act(&RecordRiskAssessment, absl::StrCat(kAssessed, "}")), IsOk());
  ASSERT_THAT(story.Act(&RecordRiskAssessment,
                        "risk_assessment { competence: COMPETENCE_OH_PHYSICIAN "
                        "assessed_time { civil: '2026-03-03T09:00' } }"),
              IsOk());
  EXPECT_EQ(story.Case().risk_assessment().first_assessed_time().civil(), "2026-03-02T10:40");
  EXPECT_EQ(story.Case().risk_assessment().assessed_time().civil(), "2026-03-03T09:00");
}

TEST(RecordRiskAssessment, RefusesATimeBeforeTheIncidentAndNobodyCompetent) {
  Story story = Needlestick();
  const absl::Status status = story.Act(
      &RecordRiskAssessment, "risk_assessment { assessed_time { civil: '2026-03-02T09:59' } }");
  ASSERT_EQ(status::Violations(status).size(), 2u);
  EXPECT_EQ(status::Violations(status)[0].reason, "BEFORE_INCIDENT");
  EXPECT_EQ(status::Violations(status)[1].field, "risk_assessment.competence");
}

TEST(LateReport, TheAssessmentIsBreachedAndPepStillCountsFromTheIncident) {
  Story story("2026-03-02T10:00");
  story.At("2026-03-04T12:00");
  ASSERT_THAT(story.Log(kNeedle), IsOk());
  EXPECT_EQ(story.Status("risk_assessment"), "OVERDUE");
  EXPECT_EQ(story.Status("pep_start"), "OVERDUE");
  EXPECT_EQ(story.Closes("pep_start"), "2026-03-05 10:00 GMT");
  EXPECT_EQ(story.Case().exposure().reported_time().civil(), "2026-03-04T12:00:00");
}

TEST(LateReport, AClosedPepWindowIsShownAndOnlyAPhysicianMayOverride) {
  Story story("2026-03-02T10:00");
  story.At("2026-03-05T18:00");
  ASSERT_THAT(story.Log(kNeedle), IsOk());
  EXPECT_EQ(story.Status("pep_start"), "WINDOW_CLOSED");
  const std::string start =
      "started { override_reason: 'source viraemic' started_time { civil: '2026-03-05T17:00' } }";
  EXPECT_THAT(story.Act(&RecordPep, start),
              StatusIs(absl::StatusCode::kFailedPrecondition, "WINDOW_CLOSED"));
  story.Role(options::v1::ROLE_OH_PHYSICIAN);
  EXPECT_THAT(story.Act(&RecordPep, "started { started_time { civil: '2026-03-05T17:00' } }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "WINDOW_CLOSED"));
  ASSERT_THAT(story.Act(&RecordPep, start), IsOk());
  EXPECT_EQ(story.Case().pep().override_reason(), "source viraemic");
  EXPECT_EQ(story.Status("pep_start"), "DONE");
}

TEST(RecordPep, DecliningNeedsCounsellingStopsChasingAndKeepsTheTests) {
  Story story = Needlestick("hiv: SOURCE_VIRUS_POSITIVE");
  story.At("2026-03-02T12:00");
  EXPECT_EQ(OnlyViolation(
                story.Act(&RecordPep, "declined { declined_time { civil: '2026-03-02T11:30' } }")),
            "declined.counselled COUNSELLING_FIRST");
  ASSERT_THAT(story.Act(&RecordPep,
                        "declined { counselled: true "
                        "declined_time { civil: '2026-03-02T11:30' } }"),
              IsOk());
  EXPECT_EQ(story.Status("pep_start"), "DECLINED");
  for (const char* step : {"test_6_weeks", "test_3_months", "test_6_months"}) {
    EXPECT_EQ(story.Status(step), "UPCOMING") << step;
  }
}

TEST(RecordPep, WhoeverDeclinedMayChangeTheirMind) {
  Story story = Needlestick("hiv: SOURCE_VIRUS_POSITIVE");
  story.At("2026-03-02T20:00");
  ASSERT_THAT(story.Act(&RecordPep,
                        "declined { counselled: true "
                        "declined_time { civil: '2026-03-02T11:30' } }"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordPep, "started { started_time { civil: '2026-03-02T19:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("pep_start"), "DONE");
  EXPECT_EQ(story.Due("pep_completion"), "2026-03-30 23:59:59 BST");
  EXPECT_THAT(story.Act(&RecordPep, "started { started_time { civil: '2026-03-02T19:30' } }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PEP_ALREADY_STARTED"));
}

Story OnPep() {
  Story story = Needlestick("hiv: SOURCE_VIRUS_POSITIVE");
  story.At("2026-03-02T12:00");
  EXPECT_THAT(story.Act(&RecordPep, "started { started_time { civil: '2026-03-02T11:00' } }"),
              IsOk());
  return story;
}

TEST(RecordPep, AGapOf48HoursGoesOnAndALongerOneStopsTheCourse) {
  Story story = OnPep();
  story.At("2026-03-10T11:00");
  ASSERT_THAT(story.Act(&RecordPep, "missed { hours_since_last_dose: 48 }"), IsOk());
  EXPECT_EQ(story.Case().pep().state(), v1::PEP_STATE_STARTED);
  EXPECT_EQ(OnlyViolation(story.Act(&RecordPep, "missed { hours_since_last_dose: 49 }")),
            "missed.last_dose_time MISSING");
  ASSERT_THAT(story.Act(&RecordPep,
                        "missed { hours_since_last_dose: 49 "
                        "last_dose_time { civil: '2026-03-08T10:00' } }"),
              IsOk());
  EXPECT_EQ(story.Case().pep().state(), v1::PEP_STATE_STOPPED);
  EXPECT_EQ(story.Status("pep_completion"), "SUPERSEDED");
  EXPECT_THAT(story.Act(&RecordPep, "completed { ended_time { civil: '2026-03-09T10:00' } }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PEP_NOT_STARTED"));
}

TEST(RecordPep, ReviewsSideEffectsAndCompletionEndTheirSteps) {
  Story story = OnPep();
  EXPECT_FALSE(story.Plans("pep_mid_review"));
  story.At("2026-03-06T10:00");
  ASSERT_THAT(story.Act(&RecordPep, "side_effect { description: 'nausea' }"), IsOk());
  EXPECT_EQ(story.Due("pep_mid_review"), "2026-03-16 23:59:59 GMT");
  ASSERT_THAT(story.Act(&RecordPep, "reviewed { reviewed_time { civil: '2026-03-06T09:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("pep_early_review"), "DONE");
  story.At("2026-03-16T10:00");
  ASSERT_THAT(story.Act(&RecordPep, "reviewed { reviewed_time { civil: '2026-03-16T09:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("pep_mid_review"), "DONE");
  story.At("2026-03-30T10:00");
  EXPECT_EQ(OnlyViolation(
                story.Act(&RecordPep, "completed { ended_time { civil: '2026-03-28T11:00' } }")),
            "completed.ended_time COURSE_NOT_COMPLETE");
  ASSERT_THAT(story.Act(&RecordPep, "completed { ended_time { civil: '2026-03-29T11:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("pep_completion"), "DONE");
  EXPECT_EQ(story.Status("pep_mid_review"), "DONE");
}

TEST(RecordPep, RefusesAnActThatSaysNothing) {
  Story story = Needlestick();
  EXPECT_EQ(OnlyViolation(story.Act(&RecordPep, "")), "act MISSING");
  EXPECT_THAT(story.Act(&RecordPep, "side_effect { description: 'rash' }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PEP_NOT_STARTED"));
  EXPECT_EQ(OnlyViolation(
                story.Act(&RecordPep, "started { started_time { civil: '2026-03-02T10:16' } }")),
            "started.started_time IN_FUTURE");
}

TEST(RecordSourceResult, ASourceNegativeForAllThreeStandsTheTestsDown) {
  Story story = Needlestick();
  story.At("2026-03-03T10:00");
  const std::string negative =
      "source { identity: SOURCE_IDENTITY_KNOWN hepatitis_b: SOURCE_VIRUS_NEGATIVE "
      "hepatitis_c: SOURCE_VIRUS_NEGATIVE hiv: SOURCE_VIRUS_NEGATIVE ";
  ASSERT_THAT(story.Act(&RecordSourceResult, negative + "window_period_risk: ANSWER_YES }"),
              IsOk());
  EXPECT_EQ(story.Status("test_6_weeks"), "UPCOMING");
  ASSERT_THAT(story.Act(&RecordSourceResult, negative + "window_period_risk: ANSWER_NO }"), IsOk());
  for (const char* step : {"test_6_weeks", "test_3_months", "test_6_months"}) {
    EXPECT_EQ(story.Status(step), "SUPERSEDED") << step;
  }
  EXPECT_EQ(story.Status("source_test"), "DONE");
  EXPECT_EQ(story.Case().riddor_category(), v1::RIDDOR_CATEGORY_NOT_REPORTABLE);
}

TEST(RecordSourceResult, AnInfectedSourceBringsPepImmunoglobulinAndRiddor) {
  Story story = Needlestick();
  story.At("2026-03-02T15:00");
  EXPECT_FALSE(story.Plans("hbig_1"));
  ASSERT_THAT(story.Act(&RecordSourceResult,
                        "source { identity: SOURCE_IDENTITY_KNOWN "
                        "hepatitis_b: SOURCE_VIRUS_POSITIVE hiv: SOURCE_VIRUS_POSITIVE }"),
              IsOk());
  EXPECT_EQ(story.Case().advice().pep_indication(), v1::PEP_INDICATION_RECOMMENDED);
  EXPECT_EQ(story.Due("hbig_1"), "2026-03-04 10:00 GMT");
  EXPECT_EQ(story.Due("riddor_dangerous_occurrence"), "2026-03-12 23:59:59 GMT");
  ASSERT_THAT(story.Act(&RecordRiddorReport,
                        "report { category: RIDDOR_CATEGORY_DANGEROUS_OCCURRENCE "
                        "reported_time { civil: '2026-03-02T14:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("riddor_dangerous_occurrence"), "DONE");
}

TEST(RecordRiddorReport, NamesWhatWasReported) {
  Story story = Needlestick();
  EXPECT_EQ(OnlyViolation(story.Act(&RecordRiddorReport,
                                    "report { category: RIDDOR_CATEGORY_NOT_YET_KNOWN "
                                    "reported_time { civil: '2026-03-02T10:10' } }")),
            "report.category NOT_REPORTABLE");
}

TEST(RecordBaselineSample, IsKeptTwoYears) {
  Story story = Needlestick();
  story.At("2026-03-02T11:00");
  ASSERT_THAT(
      story.Act(&RecordBaselineSample, "baseline { taken_time { civil: '2026-03-02T10:50' } }"),
      IsOk());
  EXPECT_EQ(story.Status("baseline_sample"), "DONE");
  const auto& until = story.Case().baseline().keep_until_date();
  EXPECT_EQ(casework::DayOf(until), absl::CivilDay(2028, 3, 2));
}

TEST(RecordVaccineDose, CountsDosesInOrderFromTheFirst) {
  Story story = Needlestick();
  story.At("2026-03-02T12:00");
  EXPECT_EQ(OnlyViolation(story.Act(&RecordVaccineDose,
                                    "dose { number: 2 course: VACCINE_COURSE_ACCELERATED "
                                    "given_time { civil: '2026-03-02T11:00' } }")),
            "dose.number OUT_OF_SEQUENCE");
  ASSERT_THAT(story.Act(&RecordVaccineDose,
                        "dose { number: 1 course: VACCINE_COURSE_VERY_RAPID "
                        "given_time { civil: '2026-03-02T11:00' } }"),
              IsOk());
  EXPECT_EQ(story.Due("hbv_vaccine_2_very_rapid"), "2026-03-09 23:59:59 GMT");
  EXPECT_EQ(story.Due("hbv_vaccine_3_very_rapid"), "2026-03-23 23:59:59 GMT");
  EXPECT_FALSE(story.Plans("hbv_vaccine_2"));
  story.At("2026-03-10T12:00");
  ASSERT_THAT(story.Act(&RecordVaccineDose,
                        "dose { number: 2 course: VACCINE_COURSE_VERY_RAPID "
                        "given_time { civil: '2026-03-10T11:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("hbv_vaccine_2_very_rapid"), "DONE");
  // Late, and the third still counts from the first.
  EXPECT_EQ(story.Due("hbv_vaccine_3_very_rapid"), "2026-03-23 23:59:59 GMT");
}

TEST(RecordVaccineDose, AFirstDoseAfterSevenDaysNeedsAPhysician) {
  Story story = Needlestick();
  story.At("2026-03-09T12:00");
  const std::string dose =
      "dose { number: 1 course: VACCINE_COURSE_ACCELERATED "
      "given_time { civil: '2026-03-09T10:01' } }";
  EXPECT_THAT(story.Act(&RecordVaccineDose, dose),
              StatusIs(absl::StatusCode::kFailedPrecondition, "WINDOW_CLOSED"));
  story.Role(options::v1::ROLE_OH_PHYSICIAN);
  ASSERT_THAT(story.Act(&RecordVaccineDose, dose + " override_reason: 'continuing risk'"), IsOk());
  EXPECT_EQ(story.Case().vaccine_doses(0).override_reason(), "continuing risk");
}

TEST(RecordImmunoglobulin, TheSecondDoseIsAMonthAfterTheFirst) {
  Story story("2026-03-02T10:00");
  ASSERT_THAT(story.Log("route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD hepatitis_b_status { "
                        "vaccination: HEP_B_VACCINATION_NON_RESPONDER }",
                        "hepatitis_b: SOURCE_VIRUS_POSITIVE"),
              IsOk());
  story.At("2026-03-03T10:00");
  ASSERT_THAT(story.Act(&RecordImmunoglobulin,
                        "immunoglobulin { dose_iu: 500 "
                        "given_time { civil: '2026-03-03T09:00' } }"),
              IsOk());
  EXPECT_EQ(story.Due("hbig_2"), "2026-04-03 23:59:59 BST");
  story.At("2026-04-02T10:00");
  ASSERT_THAT(story.Act(&RecordImmunoglobulin,
                        "immunoglobulin { dose_iu: 500 "
                        "given_time { civil: '2026-04-02T09:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("hbig_2"), "DONE");
}

TEST(RecordImmunoglobulin, MayBeGivenAt168HoursAndNotLater) {
  Story story = Needlestick("hepatitis_b: SOURCE_VIRUS_POSITIVE");
  story.At("2026-03-09T11:00");
  EXPECT_THAT(story.Act(&RecordImmunoglobulin,
                        "immunoglobulin { dose_iu: 500 "
                        "given_time { civil: '2026-03-09T10:00:01' } }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "WINDOW_CLOSED"));
  EXPECT_THAT(story.Act(&RecordImmunoglobulin,
                        "immunoglobulin { dose_iu: 500 "
                        "given_time { civil: '2026-03-09T10:00' } }"),
              IsOk());
}

TEST(RecordTetanusAndAntibiotics, StandBesideWhatTheRulesSay) {
  Story story("2026-03-02T10:00");
  story.At("2026-03-03T12:00");
  ASSERT_THAT(story.Log("route: ROUTE_BITE_SKIN_BROKEN fluid: FLUID_SALIVA drew_blood: ANSWER_YES "
                        "tetanus_prone: ANSWER_YES"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordTetanus,
                        "tetanus { given: TETANUS_ACTION_DOSE derived: TETANUS_ACTION_NONE_NEEDED "
                        "checked_time { civil: '2026-03-03T11:00' } }"),
              IsOk());
  EXPECT_EQ(story.Case().tetanus().derived(), v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN);
  EXPECT_EQ(story.Case().tetanus().immunoglobulin_iu(), 500);
  EXPECT_EQ(story.Status("tetanus_check"), "DONE");
  EXPECT_EQ(OnlyViolation(story.Act(&RecordAntibiotics,
                                    "antibiotics { given: ANSWER_NO course_days: 3 "
                                    "decided_time { civil: '2026-03-03T11:00' } }")),
            "antibiotics.course_days OUT_OF_RANGE");
  ASSERT_THAT(story.Act(&RecordAntibiotics,
                        "antibiotics { given: ANSWER_YES course_days: 3 drug: 'co-amoxiclav' "
                        "decided_time { civil: '2026-03-03T11:00' } }"),
              IsOk());
  EXPECT_EQ(story.Case().antibiotics().derived(), v1::ANTIBIOTIC_ADVICE_OFFER);
  EXPECT_EQ(story.Status("bite_antibiotics"), "DONE");
}

TEST(RecordTestResult, ClosesItsStepWhenEveryTestAskedForIsThere) {
  Story story = Needlestick();
  story.At("2026-04-08T10:00");
  story.Result("HBSAG", "2026-04-07");
  story.Result("HCV_AG_PCR", "2026-04-07");
  EXPECT_EQ(story.Status("test_6_weeks"), "OPEN");
  story.Result("HIV_AG_AB", "2026-04-07");
  EXPECT_EQ(story.Status("test_6_weeks"), "DONE");
}

TEST(RecordTestResult, AnIndeterminateOrLostSampleIsStillToBeDone) {
  Story story = Needlestick();
  story.At("2026-04-08T10:00");
  story.Result("HBSAG", "2026-04-07");
  story.Result("HCV_AG_PCR", "2026-04-07", "INDETERMINATE");
  story.Result("HIV_AG_AB", "2026-04-07", "NOT_TESTED");
  EXPECT_EQ(story.Status("test_6_weeks"), "OPEN");
  EXPECT_FALSE(story.Case().results(1).conclusive());
}

TEST(RecordTestResult, AResponderIsNotTestedForHepatitisB) {
  Story story("2026-03-02T10:00");
  ASSERT_THAT(story.Log("route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD hepatitis_b_status { "
                        "vaccination: HEP_B_VACCINATION_FULL anti_hbs_miu_per_ml: 100 }"),
              IsOk());
  EXPECT_EQ(story.Tests("test_6_weeks"), "HCV_AG_PCR HIV_AG_AB");
  EXPECT_EQ(story.Tests("test_6_months"), "HCV_AB HIV_AG_AB");
}

TEST(PositiveResult, IsConfirmedComparedReferredToldAndReported) {
  Story story = Needlestick();
  story.At("2026-03-02T11:00");
  ASSERT_THAT(story.Act(&RecordBaselineSample,
                        "baseline { consent_to_test: ANSWER_YES "
                        "taken_time { civil: '2026-03-02T10:50' } }"),
              IsOk());
  story.At("2026-04-08T10:00");
  const std::string positive = story.Result("HCV_AG_PCR", "2026-04-07", "POSITIVE");
  EXPECT_EQ(story.Due("hcv_refer"), "2026-04-10 23:59:59 BST");
  EXPECT_EQ(story.Status("hcv_confirm"), "OPEN");
  EXPECT_EQ(story.Status("hcv_compare_baseline"), "OPEN");
  EXPECT_EQ(story.Status("tell_6_weeks"), "OPEN");
  EXPECT_EQ(story.Due("riddor_disease"), "2026-04-09 10:00 BST");
  EXPECT_EQ(story.Case().riddor_category(), v1::RIDDOR_CATEGORY_DISEASE);
  EXPECT_FALSE(story.Plans("hcv_refer_wales"));
  // Once known, hepatitis C is not looked for again.
  EXPECT_EQ(story.Tests("test_3_months"), "HBSAG HIV_AG_AB");

  story.At("2026-04-09T16:00");
  story.Result("HCV_AB", "2026-04-09", "POSITIVE");
  EXPECT_EQ(story.Status("hcv_confirm"), "DONE");
  ASSERT_THAT(story.Act(&RecordTestResult,
                        "result { test: TEST_CODE_HCV_AB outcome: TEST_OUTCOME_NEGATIVE "
                        "sampled_time { civil: '2026-03-02T10:50' } }"),
              IsOk());
  EXPECT_EQ(story.Status("hcv_compare_baseline"), "DONE");
  ASSERT_THAT(story.Act(&RecordSpecialistReferral,
                        "referral { to: 'hepatology' test: TEST_CODE_HCV_AG_PCR "
                        "referred_time { civil: '2026-04-09T15:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("hcv_refer"), "DONE");
  ASSERT_THAT(story.Act(&RecordRiddorReport,
                        "report { category: RIDDOR_CATEGORY_DISEASE "
                        "reported_time { civil: '2026-04-09T15:30' } }"),
              IsOk());
  EXPECT_EQ(story.Status("riddor_disease"), "DONE");
}

TEST(PositiveResult, AnInfectionThatWasThereBeforeIsNoOccupationalDisease) {
  Story story = Needlestick();
  story.At("2026-04-08T10:00");
  ASSERT_THAT(story.Act(&RecordTestResult,
                        "result { test: TEST_CODE_HBSAG outcome: TEST_OUTCOME_POSITIVE "
                        "sampled_time { civil: '2026-03-02T10:50' } }"),
              IsOk());
  EXPECT_EQ(story.Status("hbv_refer"), "OPEN");
  EXPECT_FALSE(story.Plans("riddor_disease"));
  EXPECT_EQ(story.Case().results(0).step_key(), "");
}

TEST(PositiveResult, WalesRefersToItsHealthBoards) {
  v1::LogExposureRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_WALES);
  request.add_people()->set_subject_id("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101");
  v1::Exposure& exposure = *request.mutable_people(0)->mutable_exposure();
  exposure.mutable_incident_time()->set_civil("2026-03-02T10:00");
  exposure.set_route(v1::ROUTE_NEEDLESTICK);
  exposure.set_fluid(v1::FLUID_BLOOD);
  Story story("2026-03-02T10:15");
  ASSERT_THAT(story.Log(request), IsOk());
  story.At("2026-04-08T10:00");
  story.Result("HCV_AG_PCR", "2026-04-07", "POSITIVE");
  EXPECT_TRUE(story.Plans("hcv_refer_wales"));
  EXPECT_FALSE(story.Plans("hcv_refer"));
}

TEST(RecordResultTold, EndsTheStepWhenAllAreToldAndACorrectionOpensItAgain) {
  Story story = Needlestick();
  story.At("2026-04-08T10:00");
  const std::string first = story.Result("HIV_AG_AB", "2026-04-07");
  const std::string second = story.Result("HBSAG", "2026-04-07");
  const std::string told = " told_time { civil: '2026-04-08T09:30' }";
  ASSERT_THAT(story.Act(&RecordResultTold, absl::StrCat("result_ids: '", first, "'", told)),
              IsOk());
  EXPECT_EQ(story.Status("tell_6_weeks"), "OPEN");
  ASSERT_THAT(story.Act(&RecordResultTold, absl::StrCat("result_ids: '", second, "'", told)),
              IsOk());
  EXPECT_EQ(story.Status("tell_6_weeks"), "DONE");
  EXPECT_EQ(story.Status("support_6_weeks"), "OPEN");

  story.At("2026-04-10T10:00");
  ASSERT_THAT(
      story.Act(&CorrectTestResult, absl::StrCat("reason: 'mixed up' result_id: '", first,
                                                 "' result { test: TEST_CODE_HIV_AG_AB "
                                                 "outcome: TEST_OUTCOME_POSITIVE "
                                                 "sampled_time { civil: '2026-04-07T12:00' } }")),
      IsOk());
  EXPECT_EQ(story.Status("tell_6_weeks"), "OPEN");
  EXPECT_EQ(story.Due("tell_6_weeks"), "2026-04-13 23:59:59 BST");
  EXPECT_EQ(story.Case().results(0).superseded_by(), story.Case().results(2).result_id());
  EXPECT_TRUE(story.Plans("hiv_refer"));
  EXPECT_THAT(story.Act(&RecordResultTold, absl::StrCat("result_ids: '", first, "'", told)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RESULT_SUPERSEDED"));
  EXPECT_THAT(story.Act(&RecordResultTold, absl::StrCat("result_ids: 'x'", told)),
              StatusIs(absl::StatusCode::kNotFound, "RESULT_NOT_FOUND"));
}

TEST(RecordSample, AResultThatDoesNotComeIsChasedUntilAllHaveCome) {
  Story story = Needlestick();
  story.At("2026-04-08T10:00");
  ASSERT_THAT(story.Act(&RecordSample,
                        "sample { step_key: 'test_6_weeks' "
                        "taken_time { civil: '2026-04-08T09:00' } }"),
              IsOk());
  EXPECT_EQ(story.Due("awaited_6_weeks"), "2026-04-15 23:59:59 BST");
  story.At("2026-04-09T10:00");
  for (const char* test : {"HBSAG", "HCV_AG_PCR", "HIV_AG_AB"}) {
    EXPECT_EQ(story.Status("awaited_6_weeks"), "OPEN");
    story.Result(test, "2026-04-08");
  }
  EXPECT_EQ(story.Status("awaited_6_weeks"), "DONE");
  EXPECT_THAT(story.Act(&RecordSample,
                        "sample { step_key: 'test_6_weeks' "
                        "taken_time { civil: '2026-04-09T09:00' } }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STEP_ALREADY_ENDED"));
  EXPECT_THAT(story.Act(&RecordSample,
                        "sample { step_key: 'risk_assessment' "
                        "taken_time { civil: '2026-04-09T09:00' } }"),
              StatusIs(absl::StatusCode::kNotFound, "STEP_NOT_FOUND"));
}

TEST(RecordSymptoms, AskForATestAtOnceBesideTheSchedule) {
  Story story = Needlestick();
  story.At("2026-04-10T10:00");
  ASSERT_THAT(story.Act(&RecordSymptoms, "noticed_time { civil: '2026-04-10T08:00' }"), IsOk());
  EXPECT_EQ(story.Due("test_symptoms"), "2026-04-11 08:00 BST");
  // Blood from before the symptoms does not answer them.
  for (const char* test : {"HBSAG", "HCV_AG_PCR", "HIV_AG_AB"}) story.Result(test, "2026-04-09");
  EXPECT_EQ(story.Status("test_symptoms"), "OPEN");
}

TEST(RecordSymptoms, TheirTestCountsForTheScheduleToo) {
  Story story = Needlestick();
  story.At("2026-04-10T15:00");
  ASSERT_THAT(story.Act(&RecordSymptoms, "noticed_time { civil: '2026-04-10T08:00' }"), IsOk());
  for (const char* test : {"HBSAG", "HCV_AG_PCR", "HIV_AG_AB"}) story.Result(test, "2026-04-10");
  EXPECT_EQ(story.Status("test_symptoms"), "DONE");
  EXPECT_EQ(story.Status("test_6_weeks"), "DONE");
}

TEST(Conversations, HeldOrDeclinedEndTheirSteps) {
  Story story = Needlestick();
  story.At("2026-03-03T10:00");
  ASSERT_THAT(story.Act(&RecordCounselling,
                        "conversation { precautions_explained: true "
                        "held_time { civil: '2026-03-03T09:00' } }"),
              IsOk());
  EXPECT_EQ(story.Status("counselling"), "DONE");
  EXPECT_EQ(story.Status("interim_precautions"), "DONE");
  ASSERT_THAT(story.Act(&RecordFamilyImpact,
                        "conversation { declined: true "
                        "held_time { civil: '2026-03-03T09:10' } }"),
              IsOk());
  EXPECT_EQ(story.Status("family_impact"), "DECLINED");
}

TEST(CorrectExposure, AWrongTimeMovesEveryStepAndSaysFromWhenToWhen) {
  Story story = Needlestick();
  story.At("2026-03-02T12:00");
  ASSERT_THAT(story.Act(&CorrectExposure,
                        "reason: 'wrong day' exposure { route: ROUTE_NEEDLESTICK fluid: "
                        "FLUID_BLOOD incident_time { civil: '2026-03-01T22:00' } }"),
              IsOk());
  EXPECT_EQ(story.Due("risk_assessment"), "2026-03-01 23:00 GMT");
  EXPECT_EQ(story.Closes("pep_start"), "2026-03-04 22:00 GMT");
  EXPECT_EQ(story.Due("test_3_months"), "2026-06-01 23:59:59 BST");
  EXPECT_GT(story.Case().header().plan().moves_size(), 5);
  EXPECT_EQ(story.Case().header().plan().moves(0).cause(), "CorrectExposure");
  EXPECT_EQ(story.Case().exposure().reported_time().civil(), "2026-03-02T10:15:00");
}

TEST(CorrectExposure, AResultFollowsTheStepItNowBelongsTo) {
  Story story = Needlestick();
  story.At("2026-04-01T10:00");
  story.Result("HIV_AG_AB", "2026-03-31");
  EXPECT_EQ(story.Case().results(0).step_key(), "test_6_weeks");
  ASSERT_THAT(story.Act(&CorrectExposure,
                        "reason: 'wrong week' exposure { route: ROUTE_NEEDLESTICK fluid: "
                        "FLUID_BLOOD incident_time { civil: '2026-03-09T10:00' } "
                        "reported_time { civil: '2026-03-09T11:00' } }"),
              IsOk());
  EXPECT_EQ(story.Case().results(0).step_key(), "");
  EXPECT_EQ(story.Tests("test_6_weeks"), "HBSAG HCV_AG_PCR HIV_AG_AB");
}

TEST(CorrectExposure, RefusesATimeAfterSomethingAlreadyDone) {
  Story story = Needlestick();
  story.At("2026-03-02T12:00");
  ASSERT_THAT(
      story.Act(&RecordBaselineSample, "baseline { taken_time { civil: '2026-03-02T10:50' } }"),
      IsOk());
  EXPECT_EQ(OnlyViolation(story.Act(&CorrectExposure,
                                    "reason: 'later' exposure { route: ROUTE_NEEDLESTICK fluid: "
                                    "FLUID_BLOOD incident_time { civil: '2026-03-02T11:00' } "
                                    "reported_time { civil: '2026-03-02T11:30' } }")),
            "exposure.incident_time AFTER_RECORDED_ACT");
}

struct BadExposure {
  const char* exposure;
  const char* violation;
};

class BadExposures : public ::testing::TestWithParam<BadExposure> {};

TEST_P(BadExposures, AreRefusedNamingTheField) {
  v1::LogExposureRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  v1::ExposedPerson& person = *request.add_people();
  person.set_subject_id("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101");
  *person.mutable_exposure() = ::waymark::testing::ParseProto<v1::Exposure>(GetParam().exposure);
  Story story("2026-03-30T10:00");
  EXPECT_EQ(OnlyViolation(story.Log(request)),
            absl::StrCat("people[0].exposure.", GetParam().violation));
}

#define NEEDLE "route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD incident_time { civil: "
INSTANTIATE_TEST_SUITE_P(
    LogExposure, BadExposures,
    ::testing::Values(
        BadExposure{"route: ROUTE_EYE fluid: FLUID_BLOOD", "incident_time MISSING"},
        BadExposure{NEEDLE "'yesterday' }", "incident_time MALFORMED"},
        BadExposure{NEEDLE "'2026-02-30T10:00' }", "incident_time MALFORMED"},
        BadExposure{NEEDLE "'2026-03-20T24:00' }", "incident_time MALFORMED"},
        BadExposure{NEEDLE "'2026-03-20 10:00' }", "incident_time MALFORMED"},
        BadExposure{NEEDLE "'1899-12-31T23:59' }", "incident_time BEFORE_1900"},
        BadExposure{NEEDLE "'2026-03-30T10:01' }", "incident_time IN_FUTURE"},
        BadExposure{NEEDLE "'2026-03-29T01:30' }", "incident_time LOCAL_TIME_SKIPPED"},
        BadExposure{NEEDLE "'2025-10-26T01:30' }", "incident_time LOCAL_TIME_REPEATED"},
        BadExposure{NEEDLE "'2026-03-20T10:00' utc_offset_minutes: 60 }",
                    "incident_time OFFSET_NOT_IN_ZONE"},
        BadExposure{NEEDLE "'2026-03-20T10:00' zone: 'America/New_York' }",
                    "incident_time ZONE_NOT_ACCEPTED"},
        BadExposure{NEEDLE "'2026-03-20T10:00' } reported_time { civil: '2026-03-20T09:59' }",
                    "reported_time BEFORE_INCIDENT"},
        BadExposure{"fluid: FLUID_BLOOD incident_time { civil: '2026-03-20T10:00' }",
                    "route MISSING"},
        BadExposure{"route: 99 fluid: FLUID_BLOOD incident_time { civil: '2026-03-20T10:00' }",
                    "route UNKNOWN_VALUE"},
        BadExposure{NEEDLE "'2026-03-20T10:00' } visible_blood: 77", "visible_blood UNKNOWN_VALUE"},
        BadExposure{NEEDLE "'2026-03-20T10:00' } first_aid: 77", "first_aid[0] UNKNOWN_VALUE"},
        BadExposure{NEEDLE "'2026-03-20T10:00' } hepatitis_b_status { anti_hbs_miu_per_ml: -1 }",
                    "hepatitis_b_status.anti_hbs_miu_per_ml OUT_OF_RANGE"},
        BadExposure{NEEDLE "'2026-03-20T10:00' } hepatitis_b_status { anti_hbs_miu_per_ml: nan }",
                    "hepatitis_b_status.anti_hbs_miu_per_ml OUT_OF_RANGE"},
        BadExposure{NEEDLE "'2026-03-20T10:00' } last_tetanus_date { year: 2026 month: 2 day: 29 }",
                    "last_tetanus_date DATE_INVALID"},
        BadExposure{NEEDLE "'2026-03-20T10:00' } last_tetanus_date { year: 2026 month: 4 day: 1 }",
                    "last_tetanus_date IN_FUTURE"}));

TEST(LogExposure, RefusesTooLongATextATwinAndASubjectThatIsNoUuid) {
  v1::LogExposureRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  for (const char* subject : {"PC 4711", "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101",
                              "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101"}) {
    v1::ExposedPerson& person = *request.add_people();
    person.set_subject_id(subject);
    *person.mutable_exposure() =
        ::waymark::testing::ParseProto<v1::Exposure>(NEEDLE "'2026-03-20T10:00' }");
  }
  request.mutable_people(1)->mutable_exposure()->set_description(std::string(4001, 'x'));
  Story story("2026-03-30T10:00");
  const auto violations = status::Violations(story.Log(request));
  ASSERT_EQ(violations.size(), 3u);
  EXPECT_EQ(violations[0].field + " " + violations[0].reason, "people[0].subject_id NOT_A_UUID");
  EXPECT_EQ(violations[1].field + " " + violations[1].reason,
            "people[1].exposure.description TOO_LONG");
  EXPECT_EQ(violations[2].field + " " + violations[2].reason, "people[2].subject_id DUPLICATE");
  EXPECT_TRUE(story.cases().empty());
}

TEST(LogExposure, RefusesNobodyAndMoreThanFiftyPeople) {
  Story story("2026-03-30T10:00");
  v1::LogExposureRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  EXPECT_EQ(OnlyViolation(story.Log(request)), "people OUT_OF_RANGE");
  for (int i = 0; i < 51; ++i) request.add_people();
  EXPECT_EQ(OnlyViolation(story.Log(request)), "people OUT_OF_RANGE");
}

TEST(LogExposure, LinksTheCasesOfOneIncidentAndGivesTheSameIdsForTheSameRequest) {
  v1::LogExposureRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  for (const char* subject :
       {"5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101", "5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1102"}) {
    v1::ExposedPerson& person = *request.add_people();
    person.set_subject_id(subject);
    *person.mutable_exposure() =
        ::waymark::testing::ParseProto<v1::Exposure>(NEEDLE "'2026-03-20T10:00' }");
  }
  *request.mutable_source() =
      ::waymark::testing::ParseProto<v1::ExposureSource>("hiv: SOURCE_VIRUS_POSITIVE");
  *request.mutable_people(1)->mutable_source() =
      ::waymark::testing::ParseProto<v1::ExposureSource>("hiv: SOURCE_VIRUS_NEGATIVE");
  Story story("2026-03-30T10:00");
  Story again("2026-03-30T10:00");
  ASSERT_THAT(story.Log(request), IsOk());
  ASSERT_THAT(again.Log(request), IsOk());
  ASSERT_EQ(story.cases().size(), 2u);
  EXPECT_EQ(story.Case(0).header().case_id(), again.Case(0).header().case_id());
  EXPECT_EQ(story.Case(0).header().links(0).kind(), "SAME_INCIDENT");
  EXPECT_EQ(story.Case(1).header().links(0).case_id(), story.Case(0).header().case_id());
  // A person's own source wins.
  EXPECT_EQ(story.Case(0).source().hiv(), v1::SOURCE_VIRUS_POSITIVE);
  EXPECT_EQ(story.Case(1).source().hiv(), v1::SOURCE_VIRUS_NEGATIVE);
}

TEST(LogExposure, ABiteWithoutBloodStillHasTheBiterAssessed) {
  Story story("2026-03-30T10:00");
  ASSERT_THAT(story.Log("route: ROUTE_BITE_SKIN_BROKEN fluid: FLUID_SALIVA drew_blood: ANSWER_NO"),
              IsOk());
  ASSERT_EQ(story.cases().size(), 2u);
  EXPECT_EQ(story.Case(1).advice().significance(), v1::SIGNIFICANCE_NOT_SIGNIFICANT);
  EXPECT_EQ(story.Case(1).exposure().fluid(), v1::FLUID_NONE);
}

TEST(Protocol, KeepsTheLimitsOfItsStepsAndItsThresholdsTogether) {
  const auto hours = [](const char* key) -> double {
    for (const auto& step : testing::Protocol().steps()) {
      if (step.key() == key) return step.closes().elapsed().hours();
    }
    return 0;
  };
  const auto parameter = [](const char* key) -> double {
    for (const auto& one : testing::Protocol().parameters()) {
      if (one.key() == key) return one.value();
    }
    return -1;
  };
  EXPECT_EQ(hours("pep_start"), parameter("pep_window_hours"));
  EXPECT_EQ(hours("hbig_1"), parameter("hbig_window_hours"));
  EXPECT_EQ(hours("hbv_vaccine_1"), parameter("hbv_vaccine_window_hours"));
}

TEST(Protocol, ShowsTheSevenStagesAndIsNotSignedOff) {
  EXPECT_EQ(testing::Protocol().stages_size(), 7);
  EXPECT_FALSE(testing::Protocol().signed_off());
}

}  // namespace
}  // namespace waymark::bbv
