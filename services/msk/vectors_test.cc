// The acceptance vectors of the clinical reference: 3.4 (K), and of 6.6 and 6.10 (X) those that a
// musculoskeletal case can meet. Each runs through the functions behind the API, the planner and
// the released protocol file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/casework/status.h"
#include "services/msk/propose_fitness.h"
#include "services/msk/record_absence.h"
#include "services/msk/record_care_progress.h"
#include "services/msk/record_ottawa.h"
#include "services/msk/record_score.h"
#include "services/msk/record_triage.h"
#include "services/msk/request_care.h"
#include "services/msk/testing/story.h"

namespace waymark::msk {
namespace {

using ::testing::HasSubstr;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

constexpr char kLowBack[] = "region: REGION_LOW_BACK mechanism: MECHANISM_LIFTING";
constexpr char kAnkle[] = "region: REGION_ANKLE mechanism: MECHANISM_TWIST";

TEST(Vectors, K1CaudaEquinaGoesToTheEmergencyDepartmentAndItsMriIsDueInFourHours) {
  Story story("2026-02-02T17:30");
  story.At("2026-02-02T18:20");
  ASSERT_THAT(
      story.Log(kLowBack, "present: FEATURE_SADDLE_NUMBNESS present: FEATURE_BLADDER_CHANGE"),
      IsOk());
  ASSERT_EQ(story.Case().red_flags_size(), 1);
  EXPECT_EQ(story.Case().red_flags(0).suspicion(), v1::SUSPICION_CAUDA_EQUINA);
  EXPECT_EQ(story.Case().advice().urgency(), v1::URGENCY_EMERGENCY);
  EXPECT_EQ(story.Due("emergency_transfer#cauda equina"), "2026-02-02 18:35 GMT");
  // Nothing of the ordinary path is planned, and nothing of it is accepted.
  EXPECT_FALSE(story.Plans("triage"));
  EXPECT_FALSE(story.Plans("start_back"));
  EXPECT_FALSE(story.Plans("msk_hq_baseline"));
  story.At("2026-02-02T18:31");
  EXPECT_THAT(
      story.Act(&RequestCare,
                "care { kind: CARE_KIND_PHYSIOTHERAPY provider: PROVIDER_OCCUPATIONAL_HEALTH "
                "requested_time { civil: '2026-02-02T18:30' } }"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "EMERGENCY_FIRST"));
  EXPECT_THAT(story.Act(&RecordTriage,
                        "triage { triaged_time { civil: '2026-02-02T18:30' } "
                        "diagnosis: DIAGNOSIS_NON_SPECIFIC_LOW_BACK_PAIN "
                        "work_ability: WORK_ABILITY_UNABLE physiotherapy_needed: ANSWER_YES }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "EMERGENCY_FIRST"));
  ASSERT_THAT(
      story.Act(&RequestCare, absl::StrCat("care { kind: CARE_KIND_IMAGING provider: PROVIDER_NHS "
                                           "modality: MODALITY_MRI red_flag_id: '",
                                           story.RedFlagId(),
                                           "' requested_time { civil: '2026-02-02T18:30' } }")),
      IsOk());
  EXPECT_EQ(story.Due("ces_mri#cauda equina"), "2026-02-02 22:30 GMT");
  EXPECT_EQ(story.Status("ces_mri_request#cauda equina"), "DONE");
  // It is no routine image: neither DM01 nor referral to treatment counts it.
  EXPECT_FALSE(story.Plans("imaging_england#MRI 1"));
  EXPECT_FALSE(story.Plans("rtt_england#MRI 1"));
}

struct StartBackVector {
  const char* vector;
  int total;
  int psychosocial;
  // BAND_UNSPECIFIED: refused.
  v1::Band band;
};

class StartBackVectors : public ::testing::TestWithParam<StartBackVector> {};

TEST_P(StartBackVectors, AreBandedOrRefused) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  const absl::Status recorded =
      story.Act(&RecordScore, absl::StrCat("score { taken_time { civil: '2026-02-02T09:00' } "
                                           "start_back { totals { total: ",
                                           GetParam().total,
                                           " psychosocial: ", GetParam().psychosocial, " } } }"));
  if (GetParam().band == v1::BAND_UNSPECIFIED) {
    EXPECT_THAT(recorded, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
    return;
  }
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(story.Case().scores(0).band(), GetParam().band);
  EXPECT_EQ(story.Status("start_back"), "DONE");
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Clinical, StartBackVectors, ::testing::Values(
    StartBackVector{"K2", 3, 3, v1::BAND_LOW_RISK},
    StartBackVector{"K3", 4, 3, v1::BAND_MEDIUM_RISK},
    StartBackVector{"PartOfFour", 4, 4, v1::BAND_HIGH_RISK},
    StartBackVector{"K5", 9, 5, v1::BAND_HIGH_RISK},
    StartBackVector{"TotalOfTen", 10, 5, v1::BAND_UNSPECIFIED},
    // The part is not greater than the whole.
    StartBackVector{"K7", 3, 4, v1::BAND_UNSPECIFIED}),
    [](const auto& info) { return std::string(info.param.vector); });
// clang-format on

std::string MskHq(int total, const char* day) {
  return absl::StrCat("score { taken_time { civil: '", day, "T10:00' } msk_hq { total: ", total,
                      " } }");
}

TEST(Vectors, K8SixPointsOfMskHqMatterAndFiveDoNot) {
  for (const bool matters : {false, true}) {
    Story story("2026-02-02T09:00");
    ASSERT_THAT(story.Log(kLowBack), IsOk());
    story.At("2026-02-03T12:00");
    ASSERT_THAT(story.Act(&RecordScore, MskHq(20, "2026-02-03")), IsOk());
    story.At("2026-03-17T12:00");
    ASSERT_THAT(story.Act(&RecordScore, MskHq(matters ? 26 : 25, "2026-03-17")), IsOk());
    EXPECT_EQ(story.Case().scores(1).important_change(), matters ? v1::ANSWER_YES : v1::ANSWER_NO);
    EXPECT_EQ(story.Status("no_improvement"), matters ? "SUPERSEDED" : "UPCOMING");
    EXPECT_EQ(story.Due("no_improvement"), "2026-04-28 23:59:59 BST");
    EXPECT_EQ(story.Status("msk_hq_6_weeks"), "DONE");
  }
}

TEST(Vectors, K9MskHqOf57IsRefused) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  EXPECT_THAT(story.Act(&RecordScore, MskHq(57, "2026-02-02")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  story.At("2026-02-02T12:00");
  EXPECT_THAT(story.Act(&RecordScore, MskHq(56, "2026-02-02")), IsOk());
}

TEST(Vectors, K10OrebroIsAHigherRiskFrom50) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  story.At("2026-02-09T12:00");
  for (const int total : {49, 50}) {
    ASSERT_THAT(
        story.Act(&RecordScore, absl::StrCat("score { taken_time { civil: '2026-02-09T11:00' } "
                                             "orebro { total: ",
                                             total, " } }")),
        IsOk());
  }
  EXPECT_EQ(story.Case().scores(0).band(), v1::BAND_LOW_RISK);
  EXPECT_EQ(story.Case().scores(1).band(), v1::BAND_HIGH_RISK);
}

constexpr char kExclusions[] =
    "exclusions { intoxicated: ANSWER_NO several_injuries: ANSWER_NO reduced_sensation: ANSWER_NO "
    "age_years: 34 }";

struct OttawaVector {
  const char* vector;
  const char* answers;
  v1::XrayAdvice ankle;
  v1::XrayAdvice foot;
};

class OttawaVectors : public ::testing::TestWithParam<OttawaVector> {};

TEST_P(OttawaVectors, SayWhetherToXray) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kAnkle), IsOk());
  ASSERT_THAT(story.Act(&RecordOttawa,
                        absl::StrCat("assessment { assessed_time { civil: '2026-02-02T09:00' } ",
                                     kExclusions, " ", GetParam().answers, " }")),
              IsOk());
  const v1::OttawaAssessment& assessed = story.Case().ottawa_assessments(0);
  EXPECT_EQ(assessed.ankle_advice(), GetParam().ankle);
  EXPECT_EQ(assessed.foot_advice(), GetParam().foot);
  const bool xray =
      GetParam().ankle == v1::XRAY_ADVICE_XRAY || GetParam().foot == v1::XRAY_ADVICE_XRAY;
  EXPECT_EQ(story.Plans("ottawa_xray"), xray);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Clinical, OttawaVectors, ::testing::Values(
    OttawaVector{"K11",
        "ankle { malleolar_pain: ANSWER_YES lateral_malleolus_tender: ANSWER_YES "
        "medial_malleolus_tender: ANSWER_NO walks_four_steps: ANSWER_YES }",
        v1::XRAY_ADVICE_XRAY, v1::XRAY_ADVICE_UNSPECIFIED},
    OttawaVector{"CannotWalk",
        "ankle { malleolar_pain: ANSWER_YES lateral_malleolus_tender: ANSWER_NO "
        "medial_malleolus_tender: ANSWER_NO walks_four_steps: ANSWER_NO }",
        v1::XRAY_ADVICE_XRAY, v1::XRAY_ADVICE_UNSPECIFIED},
    OttawaVector{"K13",
        "ankle { malleolar_pain: ANSWER_YES lateral_malleolus_tender: ANSWER_NO "
        "medial_malleolus_tender: ANSWER_NO walks_four_steps: ANSWER_YES }",
        v1::XRAY_ADVICE_NO_XRAY, v1::XRAY_ADVICE_UNSPECIFIED},
    OttawaVector{"K14",
        "ankle { malleolar_pain: ANSWER_NO lateral_malleolus_tender: ANSWER_NO "
        "medial_malleolus_tender: ANSWER_NO walks_four_steps: ANSWER_YES } "
        "foot { midfoot_pain: ANSWER_YES fifth_metatarsal_base_tender: ANSWER_NO "
        "navicular_tender: ANSWER_YES walks_four_steps: ANSWER_YES }",
        v1::XRAY_ADVICE_NO_XRAY, v1::XRAY_ADVICE_XRAY}),
    [](const auto& info) { return std::string(info.param.vector); });
// clang-format on

constexpr char kMri[] =
    "care { kind: CARE_KIND_IMAGING provider: PROVIDER_NHS modality: MODALITY_MRI "
    "requested_time { civil: '2026-02-02T11:00' } ";

TEST(Vectors, K15AnMriCountsSixWeeksForDm01AndEighteenToTreatment) {
  Story story("2026-02-01T09:00");
  ASSERT_THAT(story.Log("region: REGION_SHOULDER mechanism: MECHANISM_RESTRAINT"), IsOk());
  story.At("2026-02-02T11:30");
  ASSERT_THAT(story.Act(&RequestCare, absl::StrCat(kMri, "}")), IsOk());
  EXPECT_EQ(story.Due("imaging_england#MRI 1"), "2026-03-16 23:59:59 GMT");
  EXPECT_EQ(story.Due("rtt_england#MRI 1"), "2026-06-08 23:59:59 BST");
  EXPECT_FALSE(story.Plans("imaging_wales#MRI 1"));
}

TEST(Vectors, K15InWalesCountsEightWeeksAndTwentySix) {
  Story story("2026-02-01T09:00");
  story.Wales();
  ASSERT_THAT(story.Log("region: REGION_SHOULDER mechanism: MECHANISM_RESTRAINT"), IsOk());
  story.At("2026-02-02T11:30");
  ASSERT_THAT(story.Act(&RequestCare, absl::StrCat(kMri, "}")), IsOk());
  EXPECT_EQ(story.Due("imaging_wales#MRI 1"), "2026-03-30 23:59:59 BST");
  EXPECT_EQ(story.Due("rtt_wales#MRI 1"), "2026-08-03 23:59:59 BST");
  EXPECT_EQ(story.Due("rtt_wales_limit#MRI 1"), "2026-10-12 23:59:59 BST");
  EXPECT_FALSE(story.Plans("imaging_england#MRI 1"));
  EXPECT_FALSE(story.Plans("rtt_england#MRI 1"));
}

// Self-certified for seven days, a fit note from the eighth, long absence at four
// weeks.
TEST(Vectors, K16AFitNoteIsNeededFromDayEightAndAbsenceIsLongAtFourWeeks) {
  Story story("2026-02-01T22:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  ASSERT_THAT(story.Act(&RecordAbsence, "absence { first_date { year: 2026 month: 2 day: 2 } }"),
              IsOk());
  EXPECT_EQ(story.Opens("fit_note#2026-02-02"), "2026-02-09 00:00 GMT");
  EXPECT_EQ(story.Due("fit_note#2026-02-02"), "2026-02-09 23:59:59 GMT");
  EXPECT_EQ(story.Due("long_absence#2026-02-02"), "2026-03-02 23:59:59 GMT");
  // Back after seven days: neither is asked for.
  story.At("2026-02-09T09:00");
  ASSERT_THAT(story.Act(&RecordAbsence,
                        "absence { first_date { year: 2026 month: 2 day: 2 } "
                        "last_date { year: 2026 month: 2 day: 8 } }"),
              IsOk());
  EXPECT_EQ(story.Status("fit_note#2026-02-02"), "SUPERSEDED");
  EXPECT_EQ(story.Status("long_absence#2026-02-02"), "SUPERSEDED");
  EXPECT_EQ(story.Case().advice().days_lost(), 7);
}

TEST(Vectors, K18AnMriOfNonSpecificBackPainIsRefusedByNg59) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  story.At("2026-02-02T12:00");
  const absl::Status refused = story.Act(&RequestCare, absl::StrCat(kMri, "}"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "IMAGING_NOT_INDICATED"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("NG59"));
  // A specialist who says that it changes the management may; one who does not say so may not.
  EXPECT_THAT(
      story.Act(&RequestCare, absl::StrCat(kMri, "specialist { service: 'spinal service' } }")),
      StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(story.Act(&RequestCare, absl::StrCat(kMri,
                                                   "specialist { service: 'spinal service' "
                                                   "changes_management: ANSWER_YES } }")),
              IsOk());
  EXPECT_EQ(story.Case().care(0).basis(), v1::IMAGING_BASIS_SPECIALIST);
}

TEST(Vectors, K19AHotSwollenKneeWithFeverIsAnEmergencyOfTheSameDay) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T10:00");
  ASSERT_THAT(story.Log("region: REGION_KNEE mechanism: MECHANISM_GRADUAL_ONSET",
                        "present: FEATURE_HOT_SWOLLEN_JOINT present: FEATURE_FEVER"),
              IsOk());
  EXPECT_EQ(story.Case().red_flags(0).suspicion(), v1::SUSPICION_SEPTIC_ARTHRITIS);
  EXPECT_EQ(story.Case().advice().urgency(), v1::URGENCY_EMERGENCY);
  EXPECT_EQ(story.Due("infection_transfer#septic arthritis"), "2026-02-02 11:00 GMT");
  EXPECT_FALSE(story.Plans("triage"));
}

constexpr char kOnDutyWrist[] =
    "region: REGION_WRIST mechanism: MECHANISM_FALL on_duty: ANSWER_YES";

std::string Away(const char* last) {
  return absl::StrCat("absence { first_date { year: 2026 month: 5 day: 2 } last_date { ", last,
                      " } }");
}

TEST(Vectors, X8SevenDaysAreNotOverSeven) {
  Story story("2026-05-01T14:00");
  ASSERT_THAT(story.Log(kOnDutyWrist), IsOk());
  story.At("2026-05-09T09:00");
  ASSERT_THAT(story.Act(&RecordAbsence, Away("year: 2026 month: 5 day: 8")), IsOk());
  EXPECT_FALSE(story.Plans("riddor_over_seven_days"));
  EXPECT_EQ(story.Case().advice().riddor_category(), v1::RIDDOR_CATEGORY_RECORD_ONLY);
}

TEST(Vectors, X9StillOffOnTheNinthIsReportedByTheSixteenth) {
  Story story("2026-05-01T14:00");
  ASSERT_THAT(story.Log(kOnDutyWrist), IsOk());
  story.At("2026-05-10T09:00");
  ASSERT_THAT(story.Act(&RecordAbsence, Away("year: 2026 month: 5 day: 9")), IsOk());
  EXPECT_EQ(story.Due("riddor_over_seven_days"), "2026-05-16 23:59:59 BST");
}

std::string Triaged(const char* diagnosis) {
  return absl::StrCat("triage { triaged_time { civil: '2026-05-01T15:00' } diagnosis: DIAGNOSIS_",
                      diagnosis,
                      " work_ability: WORK_ABILITY_UNABLE physiotherapy_needed: ANSWER_NO }");
}

TEST(Vectors, X11AFracturedWristIsReportedWithinTenDays) {
  Story story("2026-05-01T14:00");
  ASSERT_THAT(story.Log(kOnDutyWrist), IsOk());
  story.At("2026-05-01T16:00");
  ASSERT_THAT(story.Act(&RecordTriage, Triaged("FRACTURE")), IsOk());
  EXPECT_EQ(story.Due("riddor_specified_injury"), "2026-05-11 23:59:59 BST");
}

TEST(Vectors, X12AFracturedFingerAndThreeDaysOffAreNot) {
  Story story("2026-05-01T14:00");
  ASSERT_THAT(story.Log("region: REGION_FINGER_OR_THUMB mechanism: MECHANISM_CRUSH "
                        "on_duty: ANSWER_YES"),
              IsOk());
  story.At("2026-05-05T16:00");
  ASSERT_THAT(story.Act(&RecordTriage, Triaged("FRACTURE")), IsOk());
  ASSERT_THAT(story.Act(&RecordAbsence, Away("year: 2026 month: 5 day: 4")), IsOk());
  EXPECT_FALSE(story.Plans("riddor_specified_injury"));
  EXPECT_FALSE(story.Plans("riddor_over_seven_days"));
  EXPECT_EQ(story.Case().advice().riddor_category(), v1::RIDDOR_CATEGORY_NOT_REPORTABLE);
}

// X19: a restriction for reasons of conduct is no health outcome, and there is no way to say it.
TEST(Vectors, X19NoManagementRestrictionCanBeProposed) {
  for (int code = 0; code <= v1::FitnessCode_MAX; ++code) {
    EXPECT_THAT(v1::FitnessCode_Name(static_cast<v1::FitnessCode>(code)),
                ::testing::Not(HasSubstr("RESTRICTED")));
  }
}

TEST(Vectors, X20RecuperativeDutyIsReviewedAfter28DaysAndAYear) {
  Story story("2026-01-10T14:00");
  ASSERT_THAT(story.Log(kOnDutyWrist), IsOk());
  story.At("2026-02-27T16:00");
  ASSERT_THAT(story.Act(&ProposeFitness,
                        "proposal { code: FITNESS_CODE_RECUPERATIVE "
                        "first_date { year: 2026 month: 2 day: 28 } }"),
              IsOk());
  EXPECT_EQ(story.Due("recuperative_review"), "2026-03-28 23:59:59 GMT");
  EXPECT_EQ(story.Due("recuperative_limit"), "2027-02-28 23:59:59 GMT");
}

}  // namespace
}  // namespace waymark::msk
