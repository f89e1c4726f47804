// Golden stories: for each, a page with every step, date and source, to be read and signed by a
// clinician. WAYMARK_UPDATE_GOLDEN=1 rewrites them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/casework/golden.h"
#include "services/msk/plan_return.h"
#include "services/msk/record_absence.h"
#include "services/msk/record_care_progress.h"
#include "services/msk/record_escalation.h"
#include "services/msk/record_fit_note.h"
#include "services/msk/record_ottawa.h"
#include "services/msk/record_score.h"
#include "services/msk/record_triage.h"
#include "services/msk/request_care.h"
#include "services/msk/testing/story.h"

namespace waymark::msk {
namespace {

using testing::Story;
using ::waymark::testing::IsOk;

void ExpectPage(const std::string& name, absl::string_view heading, const Story& story) {
  const std::string page =
      casework::RenderStory(heading, testing::Protocol(), story.plan(), story.now());
  EXPECT_EQ(casework::GoldenDifference(
                absl::StrCat("services/msk/protocols/stories/", name, ".txt"), page),
            "");
}

constexpr char kBackFromLifting[] =
    "region: REGION_LOW_BACK mechanism: MECHANISM_LIFTING on_duty: ANSWER_YES "
    "work_ability: WORK_ABILITY_RESTRICTED_DUTIES";

TEST(Stories, CaudaEquina) {
  Story story("2026-02-02T17:30");
  story.At("2026-02-02T18:20");
  ASSERT_THAT(story.Log(kBackFromLifting,
                        "present: FEATURE_SADDLE_NUMBNESS present: FEATURE_BLADDER_CHANGE"),
              IsOk());
  story.At("2026-02-02T18:40");
  ASSERT_THAT(
      story.Act(&RecordEscalation, absl::StrCat("red_flag_id: '", story.RedFlagId(),
                                                "' escalation { stage: ESCALATION_STAGE_SENT "
                                                "time { civil: '2026-02-02T18:25' } to: '999' }")),
      IsOk());
  ASSERT_THAT(
      story.Act(&RequestCare, absl::StrCat("care { kind: CARE_KIND_IMAGING provider: PROVIDER_NHS "
                                           "modality: MODALITY_MRI red_flag_id: '",
                                           story.RedFlagId(),
                                           "' requested_time { civil: '2026-02-02T18:30' } }")),
      IsOk());
  ExpectPage("cauda_equina",
             "Back pain after lifting, numb between the legs, cannot pass water: nothing but the "
             "emergency is planned.",
             story);
}

TEST(Stories, BackPainInEngland) {
  Story story("2026-02-02T09:00");
  story.At("2026-02-02T11:00");
  ASSERT_THAT(story.Log(kBackFromLifting), IsOk());
  story.At("2026-02-03T12:00");
  ASSERT_THAT(story.Act(&RecordTriage,
                        "triage { triaged_time { civil: '2026-02-03T11:30' } "
                        "diagnosis: DIAGNOSIS_NON_SPECIFIC_LOW_BACK_PAIN "
                        "work_ability: WORK_ABILITY_RESTRICTED_DUTIES "
                        "physiotherapy_needed: ANSWER_YES psychosocial_obstacles: ANSWER_YES }"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordScore,
                        "score { taken_time { civil: '2026-02-03T11:40' } "
                        "start_back { totals { total: 6 psychosocial: 4 } } }"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordScore,
                        "score { taken_time { civil: '2026-02-03T11:45' } "
                        "msk_hq { total: 24 } }"),
              IsOk());
  ASSERT_THAT(
      story.Act(&RequestCare,
                "care { kind: CARE_KIND_PHYSIOTHERAPY provider: PROVIDER_OCCUPATIONAL_HEALTH "
                "requested_time { civil: '2026-02-03T12:00' } }"),
      IsOk());
  ASSERT_THAT(story.Act(&RequestCare,
                        "care { kind: CARE_KIND_CONSULTANT provider: PROVIDER_NHS "
                        "requested_time { civil: '2026-02-03T12:00' } }"),
              IsOk());
  ExpectPage(
      "back_pain_england",
      "Back pain after lifting, no red flag, high risk by STarT Back: urgent physiotherapy, no "
      "image, and a consultant of the NHS in England.",
      story);
}

TEST(Stories, KneeOnDutyInWales) {
  Story story("2026-03-27T22:10");
  story.Wales();
  story.At("2026-03-27T23:00");
  ASSERT_THAT(story.Log("region: REGION_KNEE mechanism: MECHANISM_RESTRAINT assault: ANSWER_YES "
                        "on_duty: ANSWER_YES work_ability: WORK_ABILITY_UNABLE"),
              IsOk());
  story.At("2026-03-28T10:00");
  ASSERT_THAT(
      story.Act(&RecordOttawa,
                "assessment { assessed_time { civil: '2026-03-28T09:30' } exclusions { "
                "intoxicated: ANSWER_NO several_injuries: ANSWER_NO reduced_sensation: ANSWER_NO "
                "age_years: 41 } knee { fibular_head_tender: ANSWER_NO "
                "isolated_patella_tender: ANSWER_NO flexes_to_90_degrees: ANSWER_NO "
                "walks_four_steps: ANSWER_YES } }"),
      IsOk());
  ASSERT_THAT(story.Act(&RequestCare,
                        "care { kind: CARE_KIND_IMAGING provider: PROVIDER_NHS "
                        "modality: MODALITY_XRAY "
                        "requested_time { civil: '2026-03-28T09:40' } }"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordAbsence, "absence { first_date { year: 2026 month: 3 day: 28 } }"),
              IsOk());
  ExpectPage("knee_on_duty_wales",
             "An assault on duty, the knee does not bend: X-ray by the Ottawa rule, absence, Welsh "
             "waiting times, the weekend of the spring clock change.",
             story);
}

TEST(Stories, LongAbsenceAndPhasedReturn) {
  Story story("2026-01-30T09:00");
  story.At("2026-01-30T10:00");
  ASSERT_THAT(story.Log(kBackFromLifting), IsOk());
  story.At("2026-02-02T09:00");
  ASSERT_THAT(story.Act(&RecordAbsence,
                        "absence { first_date { year: 2026 month: 2 day: 2 } "
                        "expected_return_date { year: 2026 month: 3 day: 9 } }"),
              IsOk());
  story.At("2026-02-09T15:00");
  ASSERT_THAT(story.Act(&RecordFitNote,
                        "fit_note { issued_date { year: 2026 month: 2 day: 9 } "
                        "first_date { year: 2026 month: 2 day: 9 } "
                        "last_date { year: 2026 month: 3 day: 8 } "
                        "statement: FIT_STATEMENT_NOT_FIT issuer: FIT_NOTE_ISSUER_DOCTOR }"),
              IsOk());
  story.At("2026-03-05T10:00");
  ASSERT_THAT(story.Act(&PlanReturn,
                        "return_plan { written_time { civil: '2026-03-05T09:30' } "
                        "first_shift_date { year: 2026 month: 3 day: 9 } "
                        "phases { first_date { year: 2026 month: 3 day: 9 } "
                        "last_date { year: 2026 month: 3 day: 22 } percent_of_hours: 50 "
                        "adjustments: ADJUSTMENT_NO_CONFRONTATION } "
                        "phases { first_date { year: 2026 month: 3 day: 23 } "
                        "last_date { year: 2026 month: 4 day: 5 } percent_of_hours: 75 } "
                        "agreed_by_person: ANSWER_YES }"),
              IsOk());
  ExpectPage(
      "long_absence_phased_return",
      "Five weeks away with a fit note, then back in two phases: reviewed weekly and at four "
      "weeks.",
      story);
}

TEST(Stories, FractureRuledOut) {
  Story story("2026-06-06T01:20");
  story.At("2026-06-06T01:40");
  ASSERT_THAT(story.Log("region: REGION_FOREARM mechanism: MECHANISM_BLOW assault: ANSWER_YES "
                        "on_duty: ANSWER_YES",
                        "present: FEATURE_DEFORMITY present: FEATURE_NEW_NUMBNESS"),
              IsOk());
  story.At("2026-06-06T09:00");
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(story.Act(&RecordEscalation,
                          absl::StrCat("red_flag_id: '", story.Case().red_flags(i).red_flag_id(),
                                       "' escalation { stage: ESCALATION_STAGE_RULED_OUT "
                                       "time { civil: '2026-06-06T05:10' } }")),
                IsOk());
  }
  ExpectPage("fracture_ruled_out",
             "A deformed, numb forearm at night: two red flags, both ruled out by the emergency "
             "department; only then the ordinary path begins.",
             story);
}

}  // namespace
}  // namespace waymark::msk
