// Golden stories: for each, a page with every step, date and source, to be read and signed by a
// clinician. WAYMARK_UPDATE_GOLDEN=1 rewrites them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/bbv/record_baseline_sample.h"
#include "services/bbv/record_immunoglobulin.h"
#include "services/bbv/record_pep.h"
#include "services/bbv/record_risk_assessment.h"
#include "services/bbv/record_test_result.h"
#include "services/bbv/testing/story.h"
#include "services/casework/golden.h"

namespace waymark::bbv {
namespace {

using testing::Story;
using ::waymark::testing::IsOk;

void ExpectPage(const std::string& name, absl::string_view heading, const Story& story,
                size_t index = 0) {
  const std::string page = casework::RenderStory(heading, testing::Protocol(),
                                                 story.Case(index).header().plan(), story.now());
  EXPECT_EQ(casework::GoldenDifference(
                absl::StrCat("services/bbv/protocols/stories/", name, ".txt"), page),
            "");
}

TEST(Stories, NeedlestickInASearch) {
  Story story("2026-06-10T14:20");
  story.At("2026-06-10T14:40");
  ASSERT_THAT(story.Log("route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD site: BODY_SITE_FINGER "
                        "device: DEVICE_HOLLOW_NEEDLE first_aid: FIRST_AID_WASHED "
                        "activity: ACTIVITY_SEARCH tetanus_priming: TETANUS_PRIMING_COMPLETE "
                        "hepatitis_b_status { vaccination: HEP_B_VACCINATION_UNVACCINATED }",
                        "identity: SOURCE_IDENTITY_UNKNOWN"),
              IsOk());
  ExpectPage("needlestick_in_a_search",
             "An unvaccinated officer is pricked by a used needle in a search; the source is "
             "unknown.",
             story);
}

TEST(Stories, BiteThatDrewBlood) {
  Story story("2026-07-04T23:10");
  story.At("2026-07-04T23:25");
  ASSERT_THAT(story.Log("route: ROUTE_BITE_SKIN_BROKEN fluid: FLUID_SALIVA site: BODY_SITE_HAND "
                        "drew_blood: ANSWER_YES first_aid: FIRST_AID_WASHED assault: ANSWER_YES "
                        "hepatitis_b_status { vaccination: HEP_B_VACCINATION_FULL "
                        "anti_hbs_miu_per_ml: 140 last_dose_date { year: 2026 month: 1 day: 20 } }",
                        "identity: SOURCE_IDENTITY_KNOWN"),
              IsOk());
  ASSERT_EQ(story.cases().size(), 2u);
  ExpectPage("bite_officer", "An officer is bitten on the hand; the bite draws blood.", story);
  ExpectPage("bite_biter",
             "The person who bit: a third party without identity, cared for by custody healthcare.",
             story, 1);
}

TEST(Stories, BloodStainedSpitInTheEye) {
  Story story("2026-09-01T02:15");
  story.At("2026-09-01T02:30");
  ASSERT_THAT(story.Log("route: ROUTE_EYE fluid: FLUID_SALIVA visible_blood: ANSWER_YES "
                        "first_aid: FIRST_AID_IRRIGATED hepatitis_b_status { "
                        "vaccination: HEP_B_VACCINATION_FULL "
                        "last_dose_date { year: 2019 month: 5 day: 2 } }",
                        "identity: SOURCE_IDENTITY_REFUSED injects_drugs: ANSWER_YES"),
              IsOk());
  ExpectPage("spit_in_the_eye",
             "Blood-stained spit in the eye; the source, who injects drugs, refuses a test.",
             story);
}

TEST(Stories, BloodOnIntactSkin) {
  Story story("2026-09-01T10:00");
  story.At("2026-09-01T10:20");
  ASSERT_THAT(story.Log("route: ROUTE_INTACT_SKIN fluid: FLUID_BLOOD visible_blood: ANSWER_YES "
                        "site: BODY_SITE_ARM first_aid: FIRST_AID_WASHED hepatitis_b_status { "
                        "vaccination: HEP_B_VACCINATION_FULL }"),
              IsOk());
  ExpectPage("blood_on_intact_skin", "Blood on the whole skin of the forearm.", story);
}

constexpr char kSharp[] =
    "route: ROUTE_OTHER_SHARP fluid: FLUID_BLOOD first_aid: FIRST_AID_WASHED "
    "hepatitis_b_status { vaccination: HEP_B_VACCINATION_FULL anti_hbs_miu_per_ml: 250 "
    "last_dose_date { year: 2025 month: 11 day: 3 } }";

TEST(Stories, ReportedAfter50Hours) {
  Story story("2026-03-02T09:00");
  story.At("2026-03-04T11:00");
  ASSERT_THAT(story.Log(kSharp, "identity: SOURCE_IDENTITY_KNOWN hiv: SOURCE_VIRUS_POSITIVE"),
              IsOk());
  ExpectPage("late_report_50_hours",
             "Reported after 50 hours: the assessment is long overdue, PEP may still start until "
             "72 hours after the incident.",
             story);
}

TEST(Stories, PepStartedAMinuteBefore72Hours) {
  Story story("2026-03-02T09:00");
  story.At("2026-03-05T08:40");
  ASSERT_THAT(story.Log(kSharp, "identity: SOURCE_IDENTITY_KNOWN hiv: SOURCE_VIRUS_POSITIVE"),
              IsOk());
  story.At("2026-03-05T08:59");
  ASSERT_THAT(story.Act(&RecordPep, "started { started_time { civil: '2026-03-05T08:59' } }"),
              IsOk());
  ExpectPage("late_report_71_hours_59", "Reported late; PEP starts 71 hours 59 minutes after.",
             story);
}

TEST(Stories, NonResponderToVaccine) {
  Story story("2026-05-12T16:00");
  story.At("2026-05-12T16:30");
  ASSERT_THAT(story.Log("route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD "
                        "first_aid: FIRST_AID_WASHED hepatitis_b_status { "
                        "vaccination: HEP_B_VACCINATION_FULL anti_hbs_miu_per_ml: 4 }",
                        "identity: SOURCE_IDENTITY_KNOWN hepatitis_b: SOURCE_VIRUS_POSITIVE "
                        "hepatitis_c: SOURCE_VIRUS_NEGATIVE hiv: SOURCE_VIRUS_NEGATIVE"),
              IsOk());
  story.At("2026-05-12T20:00");
  ASSERT_THAT(story.Act(&RecordImmunoglobulin,
                        "immunoglobulin { dose_iu: 500 "
                        "given_time { civil: '2026-05-12T19:30' } }"),
              IsOk());
  ExpectPage("non_responder",
             "A vaccinated officer with anti-HBs of 4 is pricked; the source has hepatitis B.",
             story);
}

TEST(Stories, PepExtendedMovesTheHivTestOut) {
  Story story("2026-01-12T21:00");
  story.At("2026-01-12T21:30");
  ASSERT_THAT(story.Log(kSharp, "identity: SOURCE_IDENTITY_KNOWN hiv: SOURCE_VIRUS_POSITIVE"),
              IsOk());
  story.At("2026-01-12T23:00");
  ASSERT_THAT(story.Act(&RecordRiskAssessment,
                        "risk_assessment { competence: COMPETENCE_OH_PHYSICIAN "
                        "assessed_time { civil: '2026-01-12T21:50' } }"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordBaselineSample,
                        "baseline { taken_time { civil: '2026-01-12T22:00' } "
                        "consent_to_test: ANSWER_YES pep_baseline_taken: ANSWER_YES }"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordPep, "started { started_time { civil: '2026-01-12T22:30' } }"),
              IsOk());
  story.At("2026-03-20T10:00");
  ASSERT_THAT(story.Act(&RecordPep, "completed { ended_time { civil: '2026-03-19T22:30' } }"),
              IsOk());
  ExpectPage("pep_extended",
             "PEP was extended to 66 days: the HIV test waits until 45 days after its end.", story);
}

TEST(Stories, HivTestAtThreeMonthsRemovesTheOneAtSix) {
  Story story("2026-02-02T11:00");
  story.At("2026-02-02T11:20");
  ASSERT_THAT(story.Log(kSharp, "identity: SOURCE_IDENTITY_UNKNOWN"), IsOk());
  story.At("2026-02-02T12:10");
  ASSERT_THAT(story.Act(&RecordRiskAssessment,
                        "risk_assessment { competence: COMPETENCE_OH_NURSE "
                        "pep_indication: PEP_INDICATION_NOT_RECOMMENDED "
                        "assessed_time { civil: '2026-02-02T11:45' } }"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordBaselineSample,
                        "baseline { taken_time { civil: '2026-02-02T12:00' } "
                        "consent_to_test: ANSWER_YES }"),
              IsOk());
  story.At("2026-05-05T10:00");
  story.Result("HIV_AG_AB", "2026-05-01");
  story.Result("HCV_AB", "2026-05-01");
  ExpectPage("hiv_negative_at_three_months",
             "HIV and hepatitis C are negative at three months: only hepatitis C is left at six.",
             story);
}

TEST(Stories, WeekendOfTheSpringClockChange) {
  Story story("2026-03-28T22:30");
  ASSERT_THAT(story.Log("route: ROUTE_NEEDLESTICK fluid: FLUID_BLOOD "
                        "first_aid: FIRST_AID_WASHED hepatitis_b_status { "
                        "vaccination: HEP_B_VACCINATION_UNVACCINATED }",
                        "identity: SOURCE_IDENTITY_KNOWN hepatitis_b: SOURCE_VIRUS_POSITIVE"),
              IsOk());
  ExpectPage("spring_clock_change",
             "The night the clocks go forward: hours run on, days keep their date.", story);
}

}  // namespace
}  // namespace waymark::bbv
