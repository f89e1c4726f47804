// What the acts and rules do beyond the vectors: the door, red flags to their end, waits, fit
// notes, the return, a part hurt again, death and withdrawal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/matchers.h"
#include "services/casework/planner.h"
#include "services/casework/status.h"
#include "services/msk/correct_injury.h"
#include "services/msk/do_now.h"
#include "services/msk/end_care.h"
#include "services/msk/log_injury.h"
#include "services/msk/orebro.h"
#include "services/msk/ottawa.h"
#include "services/msk/ottawa_knee.h"
#include "services/msk/plan_return.h"
#include "services/msk/propose_fitness.h"
#include "services/msk/record_absence.h"
#include "services/msk/record_care_progress.h"
#include "services/msk/record_escalation.h"
#include "services/msk/record_fit_note.h"
#include "services/msk/record_ottawa.h"
#include "services/msk/record_physician_review.h"
#include "services/msk/record_red_flags.h"
#include "services/msk/record_reinjury.h"
#include "services/msk/record_return_review.h"
#include "services/msk/record_riddor_report.h"
#include "services/msk/record_score.h"
#include "services/msk/record_treatment_centre.h"
#include "services/msk/record_triage.h"
#include "services/msk/red_flags.h"
#include "services/msk/request_care.h"
#include "services/msk/start_back.h"
#include "services/msk/testing/story.h"

namespace waymark::msk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::ParseProto;
using ::waymark::testing::StatusIs;

constexpr char kLowBack[] =
    "region: REGION_LOW_BACK mechanism: MECHANISM_LIFTING on_duty: ANSWER_YES";
constexpr char kKnee[] = "region: REGION_KNEE mechanism: MECHANISM_TWIST on_duty: ANSWER_YES";

std::string Time(const char* field, const char* civil) {
  return absl::StrCat(field, " { civil: '", civil, "' } ");
}

std::string Date(const char* field, int month, int day) {
  return absl::StrCat(field, " { year: 2026 month: ", month, " day: ", day, " } ");
}

std::string Triaged(const char* civil, const char* ability = "NORMAL_DUTIES",
                    const char* physiotherapy = "YES") {
  return absl::StrCat("triage { ", Time("triaged_time", civil),
                      "diagnosis: DIAGNOSIS_SPRAIN_OR_STRAIN work_ability: WORK_ABILITY_", ability,
                      " physiotherapy_needed: ANSWER_", physiotherapy, " }");
}

std::string Escalated(const Story& story, const char* stage, const char* civil) {
  return absl::StrCat("red_flag_id: '", story.RedFlagId(),
                      "' escalation { stage: ESCALATION_STAGE_", stage, " ", Time("time", civil),
                      "}");
}

// The door.

TEST(Door, NothingOfTheOrdinaryPathIsPlannedBeforeTheRedFlagsWereAskedFor) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.LogUnchecked(kLowBack), IsOk());
  EXPECT_EQ(story.Due("red_flag_check"), "2026-02-02 10:00 GMT");
  EXPECT_FALSE(story.Plans("triage"));
  EXPECT_THAT(story.Act(&RecordTriage, Triaged("2026-02-02T09:00")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RED_FLAGS_UNCHECKED"));
  // Half an answer is none.
  story.At("2026-02-02T09:20");
  ASSERT_THAT(story.Act(&RecordRedFlags, "check { unanswered: FEATURE_BLADDER_CHANGE }"), IsOk());
  EXPECT_EQ(story.Status("red_flag_check"), "OPEN");
  EXPECT_FALSE(story.Plans("triage"));
  story.At("2026-02-02T09:40");
  ASSERT_THAT(story.Act(&RecordRedFlags, "check { }"), IsOk());
  EXPECT_EQ(story.Status("red_flag_check"), "DONE");
  EXPECT_EQ(story.Due("triage"), "2026-02-04 23:59:59 GMT");
}

TEST(Door, AnEmergencyIsCountedInMinutesAndHoursWhateverTheDay) {
  // Saturday night before the clocks go forward.
  for (int suspicion = v1::SUSPICION_CAUDA_EQUINA; suspicion <= v1::Suspicion_MAX; ++suspicion) {
    Story story("2026-03-28T22:30");
    story.At("2026-03-28T23:00");
    ASSERT_THAT(story.Log(kLowBack, absl::StrCat("suspected: ", suspicion)), IsOk());
    const v1::RedFlag& flag = story.Case().red_flags(0);
    const bool waits = !KeepsRoutineShut(flag.urgency());
    EXPECT_EQ(story.Plans("triage"), waits) << v1::Suspicion_Name(flag.suspicion());
    absl::Time first = absl::InfiniteFuture();
    for (const casework::v1::Step& step : story.plan().steps()) {
      if (step.stage() != "emergency") continue;
      first = std::min(first, casework::InstantOf(casework::LondonLocalTime(
                                  absl::FromUnixSeconds(step.due_time().seconds()))));
    }
    if (flag.urgency() == v1::URGENCY_EMERGENCY) {
      EXPECT_LE(first - story.now(), absl::Hours(1)) << v1::Suspicion_Name(flag.suspicion());
    } else if (!waits) {
      EXPECT_LE(first - story.now(), absl::Hours(24)) << v1::Suspicion_Name(flag.suspicion());
    }
  }
}

TEST(Door, OpensAgainWhenTheEmergencyIsRuledOutAndTriageCountsFromThen) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack, "present: FEATURE_BILATERAL_LEG_PAIN"), IsOk());
  story.At("2026-02-02T09:10");
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "SENT", "2026-02-02T09:05")), IsOk());
  EXPECT_EQ(story.Status("emergency_transfer#cauda equina"), "DONE");
  EXPECT_EQ(story.Status("red_flag_outcome#cauda equina"), "OPEN");
  EXPECT_FALSE(story.Plans("triage"));
  story.At("2026-02-03T17:00");
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "RULED_OUT", "2026-02-02T23:00")),
              IsOk());
  EXPECT_EQ(story.Status("red_flag_outcome#cauda equina"), "DONE");
  // What was not needed any more falls away; what was done stays.
  EXPECT_EQ(story.Status("ces_mri_request#cauda equina"), "SUPERSEDED");
  EXPECT_EQ(story.Status("emergency_transfer#cauda equina"), "DONE");
  EXPECT_EQ(story.Due("triage"), "2026-02-04 23:59:59 GMT");
  EXPECT_THAT(story.Act(&RecordEscalation, Escalated(story, "SEEN", "2026-02-03T12:00")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RED_FLAG_SETTLED"));
  // The same again is a red flag of its own.
  ASSERT_THAT(story.Act(&RecordRedFlags, "check { present: FEATURE_SADDLE_NUMBNESS }"), IsOk());
  EXPECT_EQ(story.Due("emergency_transfer#cauda equina 2"), "2026-02-03 17:15 GMT");
  EXPECT_EQ(story.Status("triage"), "SUPERSEDED");
}

TEST(Door, WhatWasRuledOutBeforeAnybodyWasSentCountsAsNotNeededAndNotAsDone) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee, "present: FEATURE_DEFORMITY"), IsOk());
  story.At("2026-02-02T09:10");
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "RULED_OUT", "2026-02-02T09:10")),
              IsOk());
  EXPECT_EQ(story.Status("emergency_transfer#fracture or dislocation"), "SUPERSEDED");
  EXPECT_EQ(story.Status("red_flag_outcome#fracture or dislocation"), "DONE");
  EXPECT_EQ(story.Due("triage"), "2026-02-04 23:59:59 GMT");
}

TEST(Door, AConfirmedEmergencyKeepsTheOrdinaryPathShutUntilItIsHandedBack) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee, "present: FEATURE_DEFORMITY"), IsOk());
  story.At("2026-02-02T14:00");
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "CONFIRMED", "2026-02-02T13:00")),
              IsOk());
  // Whoever confirmed it had it sent to them.
  EXPECT_EQ(story.Status("emergency_transfer#fracture or dislocation"), "DONE");
  EXPECT_EQ(story.Due("handback_check#fracture or dislocation"), "2026-02-16 23:59:59 GMT");
  EXPECT_FALSE(story.Plans("triage"));
  // A confirmed fracture on duty is a specified injury.
  EXPECT_EQ(story.Due("riddor_specified_injury"), "2026-02-12 23:59:59 GMT");
  story.At("2026-02-20T14:00");
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "HANDED_BACK", "2026-02-20T10:00")),
              IsOk());
  EXPECT_EQ(story.Status("handback_check#fracture or dislocation"), "DONE");
  EXPECT_EQ(story.Due("triage"), "2026-02-24 23:59:59 GMT");
}

TEST(Door, ALaterCheckNeverTakesARedFlagAway) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack, "present: FEATURE_SADDLE_NUMBNESS"), IsOk());
  story.At("2026-02-02T09:30");
  ASSERT_THAT(story.Act(&RecordRedFlags, "check { }"), IsOk());
  EXPECT_EQ(story.Case().red_flags_size(), 1);
  EXPECT_EQ(story.Case().advice().routine_care_open(), v1::ANSWER_NO);
  EXPECT_FALSE(story.Plans("triage"));
}

TEST(Door, AWrongRegionThatIsCorrectedAsksAgainWhatTheSignsMean) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log("region: REGION_HIP mechanism: MECHANISM_FALL", "present: FEATURE_FEVER"),
              IsOk());
  EXPECT_THAT(story.Case().red_flags(), IsEmpty());
  ASSERT_THAT(
      story.Act(&CorrectInjury,
                absl::StrCat("injury { region: REGION_LOW_BACK mechanism: MECHANISM_FALL ",
                             Time("incident_time", "2026-02-02T08:00"), "} reason: 'wrong'")),
      IsOk());
  ASSERT_EQ(story.Case().red_flags_size(), 1);
  EXPECT_EQ(story.Case().red_flags(0).suspicion(), v1::SUSPICION_SPINAL_INFECTION);
  EXPECT_EQ(story.Case().red_flag_checks_size(), 1);
  EXPECT_THAT(
      story.Act(&CorrectInjury,
                absl::StrCat("injury { region: REGION_LOW_BACK mechanism: MECHANISM_FALL ",
                             Time("incident_time", "2026-02-02T09:00"), "} reason: 'later'")),
      IsOk());
  story.At("2026-02-02T10:00");
  EXPECT_THAT(
      story.Act(&CorrectInjury,
                absl::StrCat("injury { region: REGION_LOW_BACK mechanism: MECHANISM_FALL ",
                             Time("incident_time", "2026-02-02T09:30"), "} reason: 'later'")),
      StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

struct Signs {
  const char* what;
  v1::Region region;
  std::set<v1::Feature> present;
  std::vector<v1::Suspicion> expected;
};

class RedFlags : public ::testing::TestWithParam<Signs> {};

TEST_P(RedFlags, AreDerivedFromTheSigns) {
  EXPECT_EQ(DeriveSuspicions(GetParam().region, GetParam().present), GetParam().expected)
      << GetParam().what;
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Reference31, RedFlags, ::testing::Values(
    Signs{"nothing", v1::REGION_KNEE, {}, {}},
    Signs{"legs after running", v1::REGION_LOWER_LEG, {v1::FEATURE_BILATERAL_LEG_PAIN}, {}},
    Signs{"both legs with the back", v1::REGION_LOW_BACK, {v1::FEATURE_BILATERAL_LEG_PAIN},
          {v1::SUSPICION_CAUDA_EQUINA}},
    Signs{"bladder, whatever part", v1::REGION_ANKLE, {v1::FEATURE_BLADDER_CHANGE},
          {v1::SUSPICION_CAUDA_EQUINA}},
    Signs{"unsteady with the neck", v1::REGION_NECK, {v1::FEATURE_LIMB_WEAKNESS_OR_UNSTEADY_GAIT},
          {v1::SUSPICION_CAUDA_EQUINA}},
    Signs{"cancer, back, nerves", v1::REGION_THORACIC_SPINE,
          {v1::FEATURE_CANCER_HISTORY, v1::FEATURE_LIMB_WEAKNESS_OR_UNSTEADY_GAIT},
          {v1::SUSPICION_CORD_COMPRESSION}},
    Signs{"cancer and back", v1::REGION_LOW_BACK, {v1::FEATURE_CANCER_HISTORY},
          {v1::SUSPICION_SPINAL_METASTASES}},
    Signs{"cancer and shoulder", v1::REGION_SHOULDER, {v1::FEATURE_CANCER_HISTORY},
          {v1::SUSPICION_MALIGNANCY}},
    Signs{"night pain alone", v1::REGION_SHOULDER, {v1::FEATURE_NIGHT_PAIN}, {}},
    Signs{"night pain and loss of weight", v1::REGION_SHOULDER,
          {v1::FEATURE_NIGHT_PAIN, v1::FEATURE_WEIGHT_LOSS}, {v1::SUSPICION_MALIGNANCY}},
    Signs{"hot joint alone", v1::REGION_KNEE, {v1::FEATURE_HOT_SWOLLEN_JOINT},
          {v1::SUSPICION_SEPTIC_ARTHRITIS}},
    Signs{"fever alone", v1::REGION_KNEE, {v1::FEATURE_FEVER}, {}},
    Signs{"fever and no movement", v1::REGION_HIP,
          {v1::FEATURE_FEVER, v1::FEATURE_CANNOT_MOVE_OR_BEAR_WEIGHT},
          {v1::SUSPICION_SEPTIC_ARTHRITIS}},
    Signs{"fever and back", v1::REGION_LOW_BACK, {v1::FEATURE_FEVER},
          {v1::SUSPICION_SPINAL_INFECTION}},
    Signs{"deformed, open, cold", v1::REGION_LOWER_LEG,
          {v1::FEATURE_DEFORMITY, v1::FEATURE_OPEN_WOUND_OVER_INJURY,
           v1::FEATURE_PULSELESS_OR_COLD},
          {v1::SUSPICION_FRACTURE_OR_DISLOCATION, v1::SUSPICION_OPEN_INJURY,
           v1::SUSPICION_NEUROVASCULAR_LOSS}},
    Signs{"numb hand", v1::REGION_WRIST, {v1::FEATURE_NEW_NUMBNESS},
          {v1::SUSPICION_NEUROVASCULAR_LOSS}},
    Signs{"pain out of proportion", v1::REGION_FOREARM, {v1::FEATURE_PAIN_OUT_OF_PROPORTION},
          {v1::SUSPICION_COMPARTMENT_SYNDROME}},
    Signs{"snap alone", v1::REGION_ANKLE, {v1::FEATURE_SNAP_FELT}, {}},
    Signs{"snap and weakness", v1::REGION_ANKLE,
          {v1::FEATURE_SNAP_FELT, v1::FEATURE_WEAKNESS_SINCE_SNAP},
          {v1::SUSPICION_TENDON_RUPTURE}},
    Signs{"calf", v1::REGION_LOWER_LEG, {v1::FEATURE_SWOLLEN_CALF},
          {v1::SUSPICION_DEEP_VEIN_THROMBOSIS}},
    Signs{"joints", v1::REGION_HAND, {v1::FEATURE_PERSISTENT_JOINT_SWELLING},
          {v1::SUSPICION_PERSISTENT_SYNOVITIS}}));
// clang-format on

TEST(DoNow, SaysToCall999AndNothingOfTheRecord) {
  EXPECT_THAT(absl::StrJoin(DoNow(Door::kShut, v1::URGENCY_EMERGENCY), " "), HasSubstr("999"));
  EXPECT_THAT(DoNow(Door::kUnchecked, v1::URGENCY_ROUTINE),
              Contains("Occupational health asks about warning signs within the hour."));
}

// Scores.

TEST(StartBackItems, CountAgreementsAndBothersomeness) {
  const auto answers = ParseProto<v1::StartBackAnswers>(
      "items: ANSWER_YES items: ANSWER_NO items: ANSWER_NO items: ANSWER_NO items: ANSWER_YES "
      "items: ANSWER_YES items: ANSWER_YES items: ANSWER_NO "
      "bothersomeness: BOTHERSOMENESS_EXTREMELY");
  const StartBack score = ScoreStartBack(answers, testing::Protocol());
  EXPECT_EQ(score.total, 5);
  EXPECT_EQ(score.psychosocial, 4);
  EXPECT_EQ(score.band, v1::BAND_HIGH_RISK);
  auto moderately = answers;
  moderately.set_bothersomeness(v1::BOTHERSOMENESS_MODERATELY);
  EXPECT_EQ(ScoreStartBack(moderately, testing::Protocol()).total, 4);
  EXPECT_EQ(ScoreStartBack(moderately, testing::Protocol()).band, v1::BAND_MEDIUM_RISK);
}

TEST(OrebroItems, TurnThePositivelyWordedOnesRound) {
  // Everything at its worst: items 3, 4 and 8 are marked 0 then.
  EXPECT_EQ(ScoreOrebro(ParseProto<v1::OrebroAnswers>(
                "items: 10 items: 10 items: 0 items: 0 items: 10 items: 10 items: 10 items: 0 "
                "items: 10 items: 10")),
            100);
  EXPECT_EQ(ScoreOrebro(ParseProto<v1::OrebroAnswers>(
                "items: 0 items: 0 items: 10 items: 10 items: 0 items: 0 items: 0 items: 10 "
                "items: 0 items: 0")),
            0);
}

struct BadScore {
  const char* what;
  const char* answers;
};

class BadScores : public ::testing::TestWithParam<BadScore> {};

TEST_P(BadScores, AreRefused) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  EXPECT_THAT(
      story.Act(&RecordScore, absl::StrCat("score { ", Time("taken_time", "2026-02-02T09:00"),
                                           GetParam().answers, " }")),
      StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"))
      << GetParam().what;
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Ranges, BadScores, ::testing::Values(
    BadScore{"no questionnaire", ""},
    BadScore{"an item left out", "start_back { items: [1, 1, 1, 1, 1, 1, 1] bothersomeness: 1 }"},
    BadScore{"an item not known", "start_back { items: [1, 1, 1, 1, 1, 1, 1, 3] bothersomeness: 1 }"},
    BadScore{"no bothersomeness", "start_back { items: [1, 1, 1, 1, 1, 1, 1, 1] }"},
    BadScore{"more physical items than there are", "start_back { totals { total: 6 psychosocial: 1 } }"},
    BadScore{"items and totals", "start_back { items: 1 totals { total: 6 psychosocial: 3 } }"},
    BadScore{"thirteen items", "msk_hq { items: [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4] }"},
    BadScore{"an item of 5", "msk_hq { items: [5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4] }"},
    BadScore{"below zero", "msk_hq { total: -1 }"},
    BadScore{"eight days a week", "msk_hq { total: 20 activity_days: 8 }"},
    BadScore{"eleven", "orebro { items: [11, 0, 0, 0, 0, 0, 0, 0, 0, 0] }"},
    BadScore{"over a hundred", "orebro { total: 101 }"}));
// clang-format on

TEST(Ottawa, IsNotForThoseItWasNotMadeFor) {
  auto assessment = ParseProto<v1::OttawaAssessment>(
      "exclusions { intoxicated: ANSWER_YES several_injuries: ANSWER_NO "
      "reduced_sensation: ANSWER_NO age_years: 30 } "
      "ankle { malleolar_pain: ANSWER_YES walks_four_steps: ANSWER_NO }");
  AdviseOttawa(testing::Protocol(), assessment);
  EXPECT_EQ(assessment.ankle_advice(), v1::XRAY_ADVICE_NOT_APPLICABLE);
  assessment.mutable_exclusions()->set_intoxicated(v1::ANSWER_NO);
  AdviseOttawa(testing::Protocol(), assessment);
  EXPECT_EQ(assessment.ankle_advice(), v1::XRAY_ADVICE_XRAY);
  assessment.mutable_exclusions()->set_age_years(17);
  AdviseOttawa(testing::Protocol(), assessment);
  EXPECT_EQ(assessment.ankle_advice(), v1::XRAY_ADVICE_NOT_APPLICABLE);
}

TEST(Ottawa, TheKneeRuleAsksForEachOfItsFiveSigns) {
  auto knee = ParseProto<v1::OttawaKnee>(
      "fibular_head_tender: ANSWER_NO isolated_patella_tender: ANSWER_NO "
      "flexes_to_90_degrees: ANSWER_YES walks_four_steps: ANSWER_YES");
  EXPECT_FALSE(KneeNeedsXray(knee, 54, 55));
  EXPECT_TRUE(KneeNeedsXray(knee, 55, 55));
  knee.set_flexes_to_90_degrees(v1::ANSWER_NO);
  EXPECT_TRUE(KneeNeedsXray(knee, 30, 55));
}

constexpr char kNoXray[] =
    "assessment { assessed_time { civil: '2026-02-02T09:30' } "
    "exclusions { intoxicated: ANSWER_NO several_injuries: ANSWER_NO reduced_sensation: ANSWER_NO "
    "age_years: 30 } knee { fibular_head_tender: ANSWER_NO isolated_patella_tender: ANSWER_NO "
    "flexes_to_90_degrees: ANSWER_YES walks_four_steps: ANSWER_YES } }";

std::string Care(const char* what, const char* civil) {
  return absl::StrCat("care { ", what, " ", Time("requested_time", civil), "}");
}

constexpr char kXray[] = "kind: CARE_KIND_IMAGING provider: PROVIDER_NHS modality: MODALITY_XRAY";

TEST(Imaging, AnXrayThatTheOttawaRuleDoesNotAskForIsRefused) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee), IsOk());
  EXPECT_EQ(story.Due("ottawa"), "2026-02-03 09:00 GMT");
  story.At("2026-02-02T10:00");
  ASSERT_THAT(story.Act(&RecordOttawa, kNoXray), IsOk());
  EXPECT_EQ(story.Status("ottawa"), "DONE");
  EXPECT_THAT(story.Act(&RequestCare, Care(kXray, "2026-02-02T10:00")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "IMAGING_NOT_INDICATED"));
  // Of another kind it says nothing.
  EXPECT_THAT(
      story.Act(&RequestCare,
                Care("kind: CARE_KIND_IMAGING provider: PROVIDER_NHS modality: MODALITY_MRI",
                     "2026-02-02T10:00")),
      IsOk());
}

TEST(Imaging, TheXrayThatTheOttawaRuleAsksForEndsItsStep) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee), IsOk());
  story.At("2026-02-02T10:00");
  std::string assessed(kNoXray);
  assessed.replace(assessed.find("walks_four_steps: ANSWER_YES"), 28,
                   "walks_four_steps: ANSWER_NO");
  ASSERT_THAT(story.Act(&RecordOttawa, assessed), IsOk());
  EXPECT_EQ(story.Due("ottawa_xray"), "2026-02-03 09:30 GMT");
  ASSERT_THAT(story.Act(&RequestCare, Care(kXray, "2026-02-02T10:00")), IsOk());
  EXPECT_EQ(story.Case().care(0).basis(), v1::IMAGING_BASIS_OTTAWA);
  story.At("2026-02-02T15:00");
  ASSERT_THAT(story.Act(&RecordCareProgress, absl::StrCat("care_id: '", story.CareId(), "' ",
                                                          Time("done_time", "2026-02-02T14:00"))),
              IsOk());
  EXPECT_EQ(story.Status("ottawa_xray"), "DONE");
  EXPECT_EQ(story.Status("imaging_england#X-ray 1"), "DONE");
}

TEST(Imaging, ARedFlagOfAnotherCaseOrOneThatIsSettledIsNoReason) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack, "present: FEATURE_SADDLE_NUMBNESS"), IsOk());
  const auto asked = [](const std::string& id) {
    return Care(absl::StrCat("kind: CARE_KIND_IMAGING provider: PROVIDER_NHS "
                             "modality: MODALITY_MRI red_flag_id: '",
                             id, "'")
                    .c_str(),
                "2026-02-02T09:00");
  };
  EXPECT_THAT(story.Act(&RequestCare, asked("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1399")),
              StatusIs(absl::StatusCode::kNotFound, "RED_FLAG_NOT_FOUND"));
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "RULED_OUT", "2026-02-02T09:00")),
              IsOk());
  EXPECT_THAT(story.Act(&RequestCare, asked(story.RedFlagId())),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RED_FLAG_SETTLED"));
}

// Waits.

TEST(Waits, PhysiotherapyIsUrgentForSomebodyUnableToWork) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee), IsOk());
  story.At("2026-02-03T10:00");
  ASSERT_THAT(story.Act(&RecordTriage, Triaged("2026-02-03T09:30", "UNABLE")), IsOk());
  EXPECT_EQ(story.Due("physiotherapy_request"), "2026-02-04 23:59:59 GMT");
  ASSERT_THAT(story.Act(&RequestCare,
                        Care("kind: CARE_KIND_PHYSIOTHERAPY provider: PROVIDER_OCCUPATIONAL_HEALTH",
                             "2026-02-03T10:00")),
              IsOk());
  EXPECT_EQ(story.Status("physiotherapy_request"), "DONE");
  EXPECT_EQ(story.Due("physiotherapy_urgent#physiotherapy 1"), "2026-02-10 23:59:59 GMT");
  // A session that was missed begins nothing.
  story.At("2026-02-10T12:00");
  const std::string id = absl::StrCat("care_id: '", story.CareId(), "' ");
  ASSERT_THAT(story.Act(&RecordCareProgress,
                        absl::StrCat(id, "session { ", Time("time", "2026-02-09T10:00"), "}")),
              IsOk());
  EXPECT_EQ(story.Status("physiotherapy_urgent#physiotherapy 1"), "OPEN");
  ASSERT_THAT(story.Act(&RecordCareProgress,
                        absl::StrCat(id, "session { ", Time("time", "2026-02-10T10:00"),
                                     "attended: true }")),
              IsOk());
  EXPECT_EQ(story.Status("physiotherapy_urgent#physiotherapy 1"), "DONE");
  EXPECT_EQ(story.Case().care(0).minutes_to_begun(), 7 * 24 * 60);
}

TEST(Waits, TheNhssClockIsCarriedAndNeverRestarted) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee), IsOk());
  story.At("2026-03-02T10:00");
  ASSERT_THAT(story.Act(&RequestCare, Care("kind: CARE_KIND_CONSULTANT provider: PROVIDER_NHS "
                                           "waiting_since_date { year: 2026 month: 2 day: 2 }",
                                           "2026-03-02T10:00")),
              IsOk());
  EXPECT_EQ(story.Due("rtt_england#consultant 1"), "2026-06-08 23:59:59 BST");
  EXPECT_EQ(story.Due("care_accepted#consultant 1"), "2026-03-09 23:59:59 GMT");
  const std::string id = absl::StrCat("care_id: '", story.CareId(), "' ");
  story.At("2026-05-02T10:00");
  ASSERT_THAT(
      story.Act(&RecordCareProgress, absl::StrCat(id, Time("accepted_time", "2026-03-05T10:00"))),
      IsOk());
  EXPECT_EQ(story.Case().care(0).minutes_to_accepted(), 3 * 24 * 60);
  // Being seen is not being treated.
  ASSERT_THAT(
      story.Act(&RecordCareProgress, absl::StrCat(id, Time("done_time", "2026-05-01T10:00"))),
      IsOk());
  EXPECT_EQ(story.Status("rtt_england#consultant 1"), "OPEN");
  ASSERT_THAT(story.Act(&RecordCareProgress,
                        absl::StrCat(id, Time("clock_stopped_time", "2026-05-02T09:00"))),
              IsOk());
  EXPECT_EQ(story.Status("rtt_england#consultant 1"), "DONE");
}

TEST(Waits, NhsPhysiotherapyHasTheStandardOfTheCountry) {
  for (const bool wales : {false, true}) {
    Story story("2026-02-02T09:00");
    if (wales) story.Wales();
    ASSERT_THAT(story.Log(kKnee), IsOk());
    ASSERT_THAT(story.Act(&RequestCare, Care("kind: CARE_KIND_PHYSIOTHERAPY provider: PROVIDER_NHS",
                                             "2026-02-02T09:00")),
                IsOk());
    EXPECT_EQ(story.Due(wales ? "physiotherapy_wales#physiotherapy 1"
                              : "physiotherapy_england#physiotherapy 1"),
              wales ? "2026-05-11 23:59:59 BST" : "2026-06-08 23:59:59 BST");
    EXPECT_FALSE(story.Plans(wales ? "physiotherapy_england#physiotherapy 1"
                                   : "physiotherapy_wales#physiotherapy 1"));
  }
}

TEST(Waits, WithoutAnIdTheOnlyThingAskedForIsMeant) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee), IsOk());
  const std::string asked =
      Care("kind: CARE_KIND_CONSULTANT provider: PROVIDER_NHS", "2026-02-02T09:00");
  const std::string accepted = Time("accepted_time", "2026-02-02T09:00");
  EXPECT_THAT(story.Act(&RecordCareProgress, accepted),
              StatusIs(absl::StatusCode::kNotFound, "CARE_NOT_FOUND"));
  ASSERT_THAT(story.Act(&RequestCare, asked), IsOk());
  ASSERT_THAT(story.Act(&RecordCareProgress, accepted), IsOk());
  ASSERT_THAT(story.Act(&RequestCare, asked), IsOk());
  EXPECT_THAT(story.Act(&RecordCareProgress, accepted),
              StatusIs(absl::StatusCode::kInvalidArgument, "CARE_AMBIGUOUS"));
}

TEST(Door, WithoutAnIdTheOnlyRedFlagThatIsOpenIsMeant) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee, "present: FEATURE_DEFORMITY present: FEATURE_NEW_NUMBNESS"), IsOk());
  const std::string seen = absl::StrCat("escalation { stage: ESCALATION_STAGE_SEEN ",
                                        Time("time", "2026-02-02T09:00"), "}");
  EXPECT_THAT(story.Act(&RecordEscalation, seen),
              StatusIs(absl::StatusCode::kInvalidArgument, "RED_FLAG_AMBIGUOUS"));
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "RULED_OUT", "2026-02-02T09:00")),
              IsOk());
  ASSERT_THAT(story.Act(&RecordEscalation, seen), IsOk());
  EXPECT_EQ(story.Case().red_flags(1).escalations_size(), 1);
}

TEST(Waits, WhatIsCancelledFallsAwayAndCannotBeDone) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kKnee), IsOk());
  ASSERT_THAT(story.Act(&RequestCare, Care("kind: CARE_KIND_PHYSIOTHERAPY provider: PROVIDER_NHS",
                                           "2026-02-02T09:00")),
              IsOk());
  const std::string id = absl::StrCat("care_id: '", story.CareId(), "' ");
  ASSERT_THAT(story.Act(&RecordCareProgress,
                        absl::StrCat(id, "cancelled { ", Time("cancelled_time", "2026-02-02T09:00"),
                                     "reason: 'moved away' }")),
              IsOk());
  EXPECT_EQ(story.Status("physiotherapy_england#physiotherapy 1"), "SUPERSEDED");
  EXPECT_THAT(
      story.Act(&RecordCareProgress, absl::StrCat(id, Time("done_time", "2026-02-02T09:00"))),
      StatusIs(absl::StatusCode::kFailedPrecondition, "CARE_ENDED"));
  EXPECT_THAT(story.Act(&RecordCareProgress,
                        absl::StrCat("care_id: 'none' ", Time("done_time", "2026-02-02T09:00"))),
              StatusIs(absl::StatusCode::kNotFound, "CARE_NOT_FOUND"));
}

// Absence and fit notes.

std::string Note(const std::string& dates, const char* statement = "NOT_FIT",
                 const char* more = "") {
  return absl::StrCat("fit_note { ", Date("issued_date", 2, 9), dates, " statement: FIT_STATEMENT_",
                      statement, " issuer: FIT_NOTE_ISSUER_PHYSIOTHERAPIST ", more, " }");
}

TEST(FitNotes, CoverAtMostThreeMonthsInTheFirstSix) {
  Story story("2026-02-01T09:00");
  story.At("2026-02-10T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  EXPECT_THAT(story.Act(&RecordFitNote, Note(Date("first_date", 2, 9) + Date("last_date", 5, 10))),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(story.Act(&RecordFitNote, Note(Date("first_date", 2, 9) + Date("last_date", 5, 9))),
              IsOk());
  // Six months after it began a note may be as long as is right.
  EXPECT_THAT(story.Act(&RecordFitNote, Note(Date("first_date", 8, 1) + Date("last_date", 12, 31))),
              IsOk());
}

TEST(FitNotes, MayBeFitIsNotFitWhenTheForceCannotAdjust) {
  Story story("2026-02-01T09:00");
  story.At("2026-02-10T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  const std::string dates = Date("first_date", 2, 9) + Date("last_date", 3, 9);
  EXPECT_THAT(story.Act(&RecordFitNote, Note(dates, "MAY_BE_FIT")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(
      story.Act(&RecordFitNote, Note(dates, "MAY_BE_FIT", "adjustments: ADJUSTMENT_PHASED_RETURN")),
      IsOk());
  EXPECT_EQ(story.Case().fit_notes(0).effective(), v1::FIT_STATEMENT_MAY_BE_FIT);
  ASSERT_THAT(
      story.Act(&RecordFitNote,
                Note(dates, "MAY_BE_FIT",
                     "adjustments: ADJUSTMENT_PHASED_RETURN employer_can_adjust: ANSWER_NO")),
      IsOk());
  ASSERT_EQ(story.Case().fit_notes_size(), 1);
  EXPECT_EQ(story.Case().fit_notes(0).effective(), v1::FIT_STATEMENT_NOT_FIT);
}

TEST(FitNotes, ANoteThatRunsOutIsRenewedUntilThePersonIsBack) {
  Story story("2026-02-01T09:00");
  story.At("2026-02-10T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  ASSERT_THAT(story.Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", 2, 2), "}")),
              IsOk());
  EXPECT_FALSE(story.Plans("fit_note_renewal#2026-02-02"));
  ASSERT_THAT(story.Act(&RecordFitNote, Note(Date("first_date", 2, 9) + Date("last_date", 3, 8))),
              IsOk());
  EXPECT_EQ(story.Status("fit_note#2026-02-02"), "DONE");
  EXPECT_EQ(story.Due("fit_note_renewal#2026-02-02"), "2026-03-09 23:59:59 GMT");
  ASSERT_THAT(story.Act(&RecordFitNote, Note(Date("first_date", 3, 9) + Date("last_date", 4, 5))),
              IsOk());
  EXPECT_EQ(story.Due("fit_note_renewal#2026-02-02"), "2026-04-06 23:59:59 BST");
  story.At("2026-03-20T09:00");
  ASSERT_THAT(story.Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", 2, 2),
                                                     Date("last_date", 3, 19), "}")),
              IsOk());
  EXPECT_EQ(story.Status("fit_note_renewal#2026-02-02"), "SUPERSEDED");
  EXPECT_EQ(story.Case().advice().days_lost(), 46);
}

TEST(Absences, DoNotOverlapAndRestrictedDutyIsNoAbsence) {
  Story story("2026-02-01T09:00");
  story.At("2026-02-20T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  ASSERT_THAT(story.Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", 2, 2),
                                                     Date("last_date", 2, 6), "}")),
              IsOk());
  EXPECT_THAT(story.Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", 2, 6), "}")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  // Five days away, four restricted: nine days of incapacity for HSE, five days lost.
  ASSERT_THAT(
      story.Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", 2, 7),
                                             Date("last_date", 2, 10), "restricted_duty: true }")),
      IsOk());
  EXPECT_EQ(story.Case().advice().days_lost(), 5);
  EXPECT_EQ(story.Case().advice().riddor_category(), v1::RIDDOR_CATEGORY_OVER_SEVEN_DAYS);
  EXPECT_FALSE(story.Plans("fit_note#2026-02-07"));
  EXPECT_EQ(story.Due("riddor_over_seven_days"), "2026-02-16 23:59:59 GMT");
  ASSERT_THAT(story.Act(&RecordRiddorReport,
                        absl::StrCat("report { ", Time("reported_time", "2026-02-16T09:00"),
                                     "category: RIDDOR_CATEGORY_OVER_SEVEN_DAYS }")),
              IsOk());
  EXPECT_EQ(story.Status("riddor_over_seven_days"), "DONE");
}

// The return.

constexpr char kPhased[] =
    "return_plan { written_time { civil: '2026-03-05T10:00' } "
    "first_shift_date { year: 2026 month: 3 day: 9 } "
    "phases { first_date { year: 2026 month: 3 day: 9 } last_date { year: 2026 month: 3 day: 22 } "
    "percent_of_hours: 50 adjustments: ADJUSTMENT_NO_CONFRONTATION } "
    "phases { first_date { year: 2026 month: 3 day: 23 } last_date { year: 2026 month: 3 day: 31 } "
    "percent_of_hours: 75 } review_dates { year: 2026 month: 4 day: 20 } "
    "agreed_by_person: ANSWER_YES }";

Story Returning() {
  Story story("2026-02-01T09:00");
  story.At("2026-02-02T09:00");
  EXPECT_THAT(story.Log(kLowBack), IsOk());
  EXPECT_THAT(story.Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", 2, 2),
                                                     Date("expected_return_date", 3, 9), "}")),
              IsOk());
  EXPECT_EQ(story.Due("return_plan#2026-02-02"), "2026-03-08 23:59:59 GMT");
  story.At("2026-03-05T11:00");
  EXPECT_THAT(story.Act(&PlanReturn, kPhased), IsOk());
  return story;
}

TEST(Return, APhasedReturnIsReviewedWeeklyAndAtFourWeeks) {
  Story story = Returning();
  EXPECT_EQ(story.Status("return_plan#2026-02-02"), "DONE");
  EXPECT_EQ(story.Status("long_absence#2026-02-02"), "DONE");
  EXPECT_EQ(story.Due("return_review#1"), "2026-03-16 23:59:59 GMT");
  EXPECT_EQ(story.Due("return_review#2"), "2026-03-23 23:59:59 GMT");
  EXPECT_EQ(story.Due("return_review#3"), "2026-03-30 23:59:59 BST");
  EXPECT_EQ(story.Due("return_review#4"), "2026-04-20 23:59:59 BST");
  EXPECT_FALSE(story.Plans("return_review#5"));
  EXPECT_EQ(story.Due("return_four_weeks"), "2026-04-06 23:59:59 BST");
}

std::string Reviewed(const char* civil) {
  return absl::StrCat("review { ", Time("held_time", civil),
                      "work_ability: WORK_ABILITY_RESTRICTED_DUTIES }");
}

TEST(Return, AReviewEndsTheDateItWasHeldForAndNoOther) {
  Story story = Returning();
  // Two days early counts for the first week and not for the second.
  story.At("2026-03-14T12:00");
  ASSERT_THAT(story.Act(&RecordReturnReview, Reviewed("2026-03-14T11:00")), IsOk());
  EXPECT_EQ(story.Status("return_review#1"), "DONE");
  EXPECT_EQ(story.Status("return_review#2"), "UPCOMING");
  story.At("2026-04-06T12:00");
  ASSERT_THAT(story.Act(&RecordReturnReview, Reviewed("2026-04-06T11:00")), IsOk());
  EXPECT_EQ(story.Status("return_review#3"), "DONE");
  EXPECT_EQ(story.Status("return_four_weeks"), "DONE");
  EXPECT_NE(story.Status("return_review#4"), "DONE");
}

TEST(Return, PhasesFollowEachOtherFromTheFirstShift) {
  Story story("2026-02-01T09:00");
  story.At("2026-03-05T11:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  std::string gap(kPhased);
  gap.replace(gap.find("day: 23"), 7, "day: 24");
  EXPECT_THAT(story.Act(&PlanReturn, gap),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  std::string none(kPhased);
  none.replace(none.find("percent_of_hours: 50"), 20, "percent_of_hours: 101");
  EXPECT_THAT(story.Act(&PlanReturn, none),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  std::string nonsense(kPhased);
  nonsense.replace(nonsense.find("month: 4 day: 20"), 16, "month: 2 day: 30");
  EXPECT_THAT(story.Act(&PlanReturn, nonsense),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST(Fitness, TemporarilyUnfitNamesItsReview) {
  Story story("2026-02-01T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  EXPECT_THAT(
      story.Act(&ProposeFitness, absl::StrCat("proposal { code: FITNESS_CODE_TEMPORARILY_UNFIT ",
                                              Date("first_date", 2, 2), "}")),
      StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(story.Act(&ProposeFitness,
                        absl::StrCat("proposal { code: FITNESS_CODE_TEMPORARILY_UNFIT ",
                                     Date("first_date", 2, 2), Date("review_date", 3, 2), "}")),
              IsOk());
  EXPECT_EQ(story.Due("fitness_review"), "2026-03-02 23:59:59 GMT");
  ASSERT_EQ(story.messages().size(), 1u);
  EXPECT_EQ(story.messages()[0].destination, "workforce");
}

TEST(Fitness, AProposalHoldsNoWords) {
  const auto* type = v1::FitnessProposal::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    EXPECT_NE(type->field(i)->cpp_type(), google::protobuf::FieldDescriptor::CPPTYPE_STRING)
        << type->field(i)->name();
  }
}

// Outcome.

TEST(Outcome, ResidentialRehabilitationIsConsideredAtFourWeeks) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  EXPECT_EQ(story.Due("treatment_centre"), "2026-03-02 23:59:59 GMT");
  story.At("2026-02-27T09:00");
  ASSERT_THAT(
      story.Act(&RecordTreatmentCentre,
                absl::StrCat("treatment_centre { ", Time("considered_time", "2026-02-27T09:00"),
                             "decision: TREATMENT_CENTRE_DECISION_FLINT_HOUSE }")),
      IsOk());
  EXPECT_EQ(story.Status("treatment_centre"), "DONE");
}

TEST(Outcome, WithoutAChangeThatMattersAPhysicianLooksAtTwelveWeeks) {
  Story story("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  // Nobody ever measured: twelve weeks from the door.
  EXPECT_EQ(story.Due("no_improvement"), "2026-04-27 23:59:59 BST");
  story.At("2026-04-27T10:00");
  ASSERT_THAT(story.Role(options::v1::ROLE_OH_PHYSICIAN)
                  .Act(&RecordPhysicianReview,
                       absl::StrCat("review { ", Time("reviewed_time", "2026-04-27T09:00"),
                                    "plan: 'MRI by the spinal service' }")),
              IsOk());
  EXPECT_EQ(story.Status("no_improvement"), "DONE");
}

// The same part again.

TEST(Reinjury, BeginsTheCourseAnewAndLeavesWaitsAndAbsences) {
  Story story = Returning();
  ASSERT_THAT(
      story.Act(&RecordScore, absl::StrCat("score { ", Time("taken_time", "2026-03-05T09:00"),
                                           "msk_hq { total: 30 } }")),
      IsOk());
  ASSERT_THAT(story.Act(&RecordTriage, Triaged("2026-03-05T09:30")), IsOk());
  ASSERT_THAT(story.Act(&RequestCare, Care("kind: CARE_KIND_CONSULTANT provider: PROVIDER_NHS",
                                           "2026-03-05T11:00")),
              IsOk());
  const std::string waits = story.Due("rtt_england#consultant 1");

  story.At("2026-03-20T09:00");
  ASSERT_THAT(
      story.Act(&RecordReinjury,
                absl::StrCat("injury { region: REGION_LOW_BACK mechanism: MECHANISM_RESTRAINT ",
                             Time("incident_time", "2026-03-20T08:00"), "}")),
      IsOk());
  // The door is asked again, and until then nothing ordinary is planned.
  EXPECT_EQ(story.Due("red_flag_check"), "2026-03-20 10:00 GMT");
  EXPECT_EQ(story.Status("red_flag_check"), "OPEN");
  EXPECT_EQ(story.Status("return_review#1"), "SUPERSEDED");
  EXPECT_EQ(story.Status("msk_hq_6_weeks"), "SUPERSEDED");
  // The NHS's clock, the absence and what was planned for it go on.
  EXPECT_EQ(story.Due("rtt_england#consultant 1"), waits);
  EXPECT_EQ(story.Status("rtt_england#consultant 1"), "OPEN");
  EXPECT_EQ(story.Status("long_absence#2026-02-02"), "DONE");
  ASSERT_THAT(story.Act(&RecordRedFlags, "check { }"), IsOk());
  EXPECT_EQ(story.Due("triage"), "2026-03-24 23:59:59 GMT");
  EXPECT_EQ(story.Status("triage"), "OPEN");
  EXPECT_EQ(story.Status("msk_hq_baseline"), "OPEN");
  // The score of the course before stays a score; it is no baseline.
  ASSERT_EQ(story.Case().scores_size(), 1);
  EXPECT_THAT(story.Act(&RecordReinjury,
                        absl::StrCat("injury { region: REGION_KNEE mechanism: MECHANISM_FALL ",
                                     Time("incident_time", "2026-03-20T08:30"), "}")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DIFFERENT_REGION"));
}

TEST(Reinjury, WithSignsIsAnEmergencyAtOnce) {
  Story story = Returning();
  story.At("2026-03-20T09:00");
  ASSERT_THAT(story.Act(&RecordReinjury,
                        absl::StrCat("injury { region: REGION_LOW_BACK mechanism: MECHANISM_FALL ",
                                     Time("incident_time", "2026-03-20T08:00"),
                                     "} red_flags { present: FEATURE_BLADDER_CHANGE }")),
              IsOk());
  EXPECT_EQ(story.Due("emergency_transfer#cauda equina"), "2026-03-20 09:15 GMT");
}

// Death and withdrawal.

Story InEveryThing() {
  Story story = Returning();
  EXPECT_THAT(story.Act(&RequestCare, Care("kind: CARE_KIND_CONSULTANT provider: PROVIDER_NHS",
                                           "2026-03-05T11:00")),
              IsOk());
  EXPECT_THAT(story.Act(&RecordRedFlags, "check { present: FEATURE_SADDLE_NUMBNESS }"), IsOk());
  return story;
}

TEST(EndCare, DeathEndsEveryStepButTheReportToHse) {
  Story story = InEveryThing();
  ASSERT_EQ(story.Status("riddor_over_seven_days"), "OVERDUE");
  ASSERT_THAT(story.Act(&EndCare, "ending: CARE_ENDING_DIED reason: 'died on 5 March'"), IsOk());
  for (const casework::v1::Step& step : story.plan().steps()) {
    EXPECT_EQ(casework::IsOpen(step), step.key() == "riddor_over_seven_days") << step.key();
  }
  EXPECT_EQ(story.Status("emergency_transfer#cauda equina"), "WAIVED");
  EXPECT_EQ(story.Status("return_plan#2026-02-02"), "DONE");
  EXPECT_THAT(story.Act(&RecordRedFlags, "check { }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CARE_ALREADY_ENDED"));
  EXPECT_THAT(story.Act(&EndCare, "ending: CARE_ENDING_DIED reason: 'again'"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CARE_ALREADY_ENDED"));
}

TEST(EndCare, AWithdrawalLeavesTheEmergencyTheAbsenceAndTheReportOpen) {
  Story story = InEveryThing();
  ASSERT_THAT(story.Act(&EndCare, "ending: CARE_ENDING_CONSENT_WITHDRAWN reason: 'by letter'"),
              IsOk());
  std::set<std::string> open;
  for (const casework::v1::Step& step : story.plan().steps()) {
    if (casework::IsOpen(step)) open.insert(step.key());
  }
  EXPECT_THAT(open, ElementsAre("ces_mri_request#cauda equina", "emergency_transfer#cauda equina",
                                "fit_note#2026-02-02", "red_flag_outcome#cauda equina",
                                "riddor_over_seven_days"));
  EXPECT_EQ(story.Status("return_review#1"), "DECLINED");
  EXPECT_EQ(story.Status("rtt_england#consultant 1"), "DECLINED");
  EXPECT_THAT(story.Act(&RequestCare, Care("kind: CARE_KIND_CONSULTANT provider: PROVIDER_NHS",
                                           "2026-03-05T11:00")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CARE_ALREADY_ENDED"));
  // The emergency can still be followed, and somebody who withdrew may die.
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "SENT", "2026-03-05T11:00")), IsOk());
  EXPECT_EQ(story.Status("emergency_transfer#cauda equina"), "DONE");
  EXPECT_THAT(story.Act(&EndCare, "ending: CARE_ENDING_DIED reason: 'died'"), IsOk());
}

TEST(EndCare, NothingThatComesLaterBringsTheOrdinaryPathBack) {
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Log(kLowBack, "present: FEATURE_SADDLE_NUMBNESS"), IsOk());
  ASSERT_THAT(story.Act(&EndCare, "ending: CARE_ENDING_CONSENT_WITHDRAWN reason: 'by letter'"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordEscalation, Escalated(story, "RULED_OUT", "2026-02-02T09:00")),
              IsOk());
  ASSERT_THAT(story.Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", 2, 2), "}")),
              IsOk());
  for (const char* step :
       {"triage", "start_back", "msk_hq_baseline", "orebro", "treatment_centre"}) {
    EXPECT_FALSE(story.Plans(step)) << step;
  }
  // The employer's part goes on, until death ends that, too.
  EXPECT_EQ(story.Status("fit_note#2026-02-02"), "UPCOMING");
  ASSERT_THAT(story.Act(&EndCare, "ending: CARE_ENDING_DIED reason: 'died'"), IsOk());
  EXPECT_EQ(story.Status("fit_note#2026-02-02"), "WAIVED");
  ASSERT_THAT(story.Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", 2, 1), "}")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

// A case that is filled to every limit of its acts still has a plan that scheduling takes.
TEST(Limits, AFullCaseHasRoomForEveryRedFlag) {
  constexpr int kMostSteps = 200;
  Story story("2026-01-05T09:00");
  story.Wales();
  story.At("2026-11-01T09:00");
  ASSERT_THAT(story.Log(kLowBack), IsOk());
  int more = 0;
  while (story
             .Act(&RequestCare, Care("kind: CARE_KIND_IMAGING provider: PROVIDER_NHS "
                                     "modality: MODALITY_CT specialist { service: 'spine' "
                                     "changes_management: ANSWER_YES }",
                                     "2026-02-02T09:00"))
             .ok()) {
    ++more;
  }
  EXPECT_EQ(more, 12);
  for (more = 0;
       story
           .Act(&RecordAbsence, absl::StrCat("absence { ", Date("first_date", more + 1, 10),
                                             more < 7 ? Date("last_date", more + 1, 25) : "",
                                             Date("expected_return_date", 12, 1), "}"))
           .ok();) {
    ASSERT_THAT(story.Act(&RecordFitNote,
                          Note(Date("first_date", more + 1, 17) + Date("last_date", more + 1, 25))),
                IsOk());
    ++more;
  }
  EXPECT_EQ(more, 8);
  ASSERT_THAT(story.Act(&PlanReturn,
                        absl::StrCat("return_plan { ", Time("written_time", "2026-10-01T09:00"),
                                     Date("first_shift_date", 10, 5), "phases { ",
                                     Date("first_date", 10, 5),
                                     "last_date { year: 2027 month: 10 day: 5 } "
                                     "percent_of_hours: 50 } }")),
              IsOk());
  std::string all = "check { ";
  for (int suspicion = 1; suspicion <= v1::Suspicion_MAX; ++suspicion) {
    absl::StrAppend(&all, "suspected: ", suspicion, " ");
  }
  ASSERT_THAT(story.Act(&RecordRedFlags, all + "}"), IsOk());
  EXPECT_EQ(story.Case().red_flags_size(), v1::Suspicion_MAX);
  EXPECT_LE(story.plan().steps_size(), kMostSteps);
}

// The protocol.

TEST(Protocol, ItsStepsAndThresholdsAgree) {
  const casework::v1::Protocol& protocol = testing::Protocol();
  const auto rule = [&protocol](const char* key) {
    for (const casework::v1::StepRule& step : protocol.steps()) {
      if (step.key() == key) return step;
    }
    ADD_FAILURE() << key;
    return casework::v1::StepRule();
  };
  EXPECT_EQ(rule("fit_note").due().civil().days(),
            casework::Parameter(protocol, "self_certified_days"));
  EXPECT_EQ(rule("long_absence").due().civil().weeks() * 7,
            casework::Parameter(protocol, "long_absence_days"));
  EXPECT_EQ(rule("return_four_weeks").opens().civil().days(),
            casework::Parameter(protocol, "return_review_from_days"));
  EXPECT_EQ(rule("msk_hq_6_weeks").opens().civil().weeks() * 7,
            casework::Parameter(protocol, "msk_hq_repeat_from_days"));
}

TEST(Protocol, EveryStepOfARedFlagPages) {
  const casework::v1::Protocol& protocol = testing::Protocol();
  for (const casework::v1::StepRule& step : protocol.steps()) {
    if (!step.due().has_elapsed() || step.due().elapsed().hours() > 4 ||
        step.each() != "red_flag") {
      continue;
    }
    const auto ladder =
        std::find_if(protocol.ladders().begin(), protocol.ladders().end(),
                     [&step](const auto& one) { return one.key() == step.ladder(); });
    ASSERT_NE(ladder, protocol.ladders().end()) << step.key();
    for (const casework::v1::Rung& rung : ladder->rungs()) EXPECT_TRUE(rung.page()) << step.key();
  }
}

// Logging.

TEST(LogInjury, OpensACaseForEachPersonAndNamesWhatIsWrong) {
  const auto person = [](const char* subject) {
    return absl::StrCat("people { subject_id: '", subject,
                        "' injury { region: REGION_KNEE mechanism: MECHANISM_FALL ",
                        Time("incident_time", "2026-02-02T08:00"), "} red_flags { } absence { ",
                        Date("first_date", 2, 2), "} }");
  };
  Story story("2026-02-02T08:00");
  story.At("2026-02-02T09:00");
  const auto two = ParseProto<v1::LogInjuryRequest>(absl::StrCat(
      "jurisdiction: JURISDICTION_WALES ", person("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1301"),
      person("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1302")));
  ASSERT_THAT(story.Open(&LogInjury, two), IsOk());
  ASSERT_EQ(story.cases().size(), 2u);
  EXPECT_EQ(story.Case(0).header().links(0).case_id(), story.Case(1).header().case_id());
  EXPECT_EQ(story.Case(1).header().links(0).kind(), "SAME_INCIDENT");
  EXPECT_EQ(story.Case(0).absences(0).days(), 1);
  v1::LogInjuryResponse response;
  FillReceipts(story.cases(), two, response);
  EXPECT_EQ(response.receipts_size(), 2);
  EXPECT_TRUE(response.receipts(0).has_first_step_due_time());

  EXPECT_THAT(story.Open(&LogInjury, ParseProto<v1::LogInjuryRequest>(
                                         "people { subject_id: 'x' injury { } "
                                         "red_flags { present: 99 } absence { } }")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(story.Open(&LogInjury, v1::LogInjuryRequest()),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

}  // namespace
}  // namespace waymark::msk
