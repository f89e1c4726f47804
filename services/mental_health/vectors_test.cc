// The acceptance vectors of the clinical reference, 2.9 (M), and of 6.10 (X) those that a mental
// health case can meet, as a clinician reads them on the plan. Each runs through the functions
// behind the API, the planner and the released protocol file. Those that are a function of answers
// alone, M2 to M14 and M18 to M20, stand in instruments_test.cc too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/casework/ladder.h"
#include "services/casework/status.h"
#include "services/mental_health/offer_treatment.h"
#include "services/mental_health/propose_fitness.h"
#include "services/mental_health/record_clinical_assessment.h"
#include "services/mental_health/record_contact.h"
#include "services/mental_health/record_measures.h"
#include "services/mental_health/refer_onward.h"
#include "services/mental_health/testing/story.h"

namespace waymark::mental_health {
namespace {

using testing::AnswersOf;
using ::testing::HasSubstr;
using testing::Sheet;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

std::string Assessed(const std::string& when, const std::string& symptoms) {
  return absl::StrCat("assessment { assessed_time { civil: '", when,
                      "' } urgency: URGENCY_ROUTINE symptoms: SYMPTOMS_", symptoms, " }");
}

std::string Offered(const std::string& when, const std::string& kind,
                    const std::string& more = "") {
  return absl::StrCat("treatment { offered_time { civil: '", when, "' } kind: TREATMENT_KIND_",
                      kind, " ", more, " }");
}

TEST(Vectors, M1_TrimCountsFromTheEvent) {
  Story story;
  story.At("2026-09-14T03:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  EXPECT_EQ(story.Due("trim_offer#1"), "2026-09-17 02:15 BST");
  EXPECT_EQ(story.Opens("trim_assessment#1"), "2026-09-17 02:15 BST");
  EXPECT_EQ(story.Due("trim_assessment#1"), "2026-09-21 23:59:59 BST");
  EXPECT_EQ(story.Opens("trim_one_month#1"), "2026-10-12 00:00 BST");
  EXPECT_EQ(story.Due("trim_one_month#1"), "2026-10-14 23:59:59 BST");
  EXPECT_EQ(story.Due("trim_three_months#1"), "2026-12-14 23:59:59 GMT");
}

TEST(Vectors, M2_TsqOnTheRecord) {
  for (const auto& [total, screen] :
       {std::pair(5, v1::SCREEN_NEGATIVE), std::pair(6, v1::SCREEN_POSITIVE)}) {
    Story story;
    story.At("2026-09-14T09:00");
    ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
    story.At("2026-10-13T09:00");
    ASSERT_THAT(story.Act(&RecordMeasures,
                          absl::StrCat("answers { ",
                                       Sheet("TSQ", AnswersOf(10, 1, total), story.Now()), "}")),
                IsOk());
    EXPECT_EQ(story.Case().measurements(0).screen(), screen);
    EXPECT_EQ(story.Case().measurements(0).total(), total);
    EXPECT_EQ(story.Status("tsq_screen#1"), "DONE");
  }
}

TEST(Vectors, M9_Pcl5OnTheRecord) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  for (const auto& [total, screen] :
       {std::pair(30, v1::SCREEN_NEGATIVE), std::pair(31, v1::SCREEN_BORDERLINE),
        std::pair(33, v1::SCREEN_POSITIVE)}) {
    ASSERT_THAT(story.Act(&RecordMeasures,
                          absl::StrCat("answers { ",
                                       Sheet("PCL5", AnswersOf(20, 4, total), story.Now()), "}")),
                IsOk());
    EXPECT_EQ(story.Case().measurements().rbegin()->screen(), screen) << total;
  }
}

TEST(Vectors, M12_Item9AsksForAHumanContactTodayAndPagesAtOnce) {
  Story story;
  story.At("2026-09-14T10:00");
  ASSERT_THAT(story.Refer(), IsOk());
  story.At("2026-09-14T16:20");
  ASSERT_THAT(story.Act(&RecordMeasures,
                        absl::StrCat("answers { ",
                                     Sheet("PHQ9", {1, 1, 0, 0, 0, 0, 0, 0, 1}, story.Now()), "}")),
              IsOk());
  const v1::Measurement& measurement = story.Case().measurements(0);
  EXPECT_EQ(measurement.total(), 3);
  EXPECT_EQ(measurement.severity(), v1::SEVERITY_MINIMAL);
  ASSERT_EQ(story.Case().risk_flags_size(), 1);
  EXPECT_EQ(story.Case().risk_flags(0).source(), v1::RISK_SOURCE_ITEM_9);
  EXPECT_EQ(story.Status("risk_contact#1"), "OPEN");
  EXPECT_EQ(story.Due("risk_contact#1"), "2026-09-14 23:59:59 BST");
  const casework::v1::Step* step = casework::FindStep(story.plan(), "risk_contact#1");
  ASSERT_NE(step, nullptr);
  EXPECT_TRUE(step->blocks_closing());
  // The page goes out now; without an acknowledgement the next goes higher.
  const auto rungs = casework::ExpandLadder(testing::Protocol(), *step);
  ASSERT_GE(rungs.size(), 4u);
  EXPECT_EQ(rungs[0].fire_time, story.now());
  EXPECT_EQ(rungs[0].audience, options::v1::ROLE_OH_NURSE);
  EXPECT_EQ(rungs[2].fire_time, story.now() + absl::Minutes(30));
  EXPECT_EQ(rungs[2].audience, options::v1::ROLE_OH_LEAD);
  EXPECT_EQ(rungs[3].fire_time, story.now() + absl::Minutes(60));
  EXPECT_EQ(rungs[3].audience, options::v1::ROLE_OH_PHYSICIAN);
  for (const auto& rung : rungs) EXPECT_TRUE(rung.page);
}

TEST(Vectors, M13_CasenessOnTheRecord) {
  Story story;
  story.At("2026-09-14T10:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Measure(9, 7), IsOk());
  EXPECT_EQ(story.Case().measurements(0).caseness(), v1::ANSWER_NO);
  EXPECT_EQ(story.Case().measurements(1).caseness(), v1::ANSWER_NO);
  ASSERT_THAT(story.Measure(10, 8), IsOk());
  EXPECT_EQ(story.Case().measurements(2).caseness(), v1::ANSWER_YES);
  EXPECT_EQ(story.Case().measurements(3).caseness(), v1::ANSWER_YES);
}

TEST(Vectors, M15_TalkingTherapiesInSixAndEighteenWeeks) {
  Story story;
  story.At("2026-09-14T10:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Act(&ReferOnward,
                        "referral { service: ONWARD_SERVICE_PRIMARY referred_time { "
                        "civil: '2026-09-14T10:00' } }"),
              IsOk());
  EXPECT_EQ(story.Due("talking_therapies_6_weeks#1"), "2026-10-26 23:59:59 GMT");
  EXPECT_EQ(story.Due("talking_therapies_18_weeks#1"), "2027-01-18 23:59:59 GMT");
  EXPECT_FALSE(story.Plans("wales_assessment_28_days#1"));
}

TEST(Vectors, WalesHasItsOwnStandards) {
  Story story;
  story.In(casework::v1::JURISDICTION_WALES).At("2026-09-14T10:00");
  ASSERT_THAT(story.Refer(), IsOk());
  for (const char* service : {"PRIMARY", "SPECIALIST_PSYCHOLOGICAL"}) {
    ASSERT_THAT(
        story.Act(&ReferOnward, absl::StrCat("referral { service: ONWARD_SERVICE_", service,
                                             " referred_time { civil: '2026-09-14T10:00' } }")),
        IsOk());
  }
  EXPECT_EQ(story.Due("wales_assessment_28_days#1"), "2026-10-12 23:59:59 BST");
  EXPECT_EQ(story.Due("wales_specialist_26_weeks#2"), "2027-03-15 23:59:59 GMT");
  EXPECT_FALSE(story.Plans("talking_therapies_6_weeks#1"));
  EXPECT_FALSE(story.Plans("community_4_weeks#2"));
}

TEST(Vectors, M17_ActiveMonitoringIsFollowedUpWithinAMonth) {
  Story story;
  story.At("2026-09-20T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  story.At("2026-09-24T10:00");
  ASSERT_THAT(story.Act(&RecordClinicalAssessment, Assessed(story.Now(), "SUBTHRESHOLD")), IsOk());
  ASSERT_THAT(story.Act(&OfferTreatment, Offered(story.Now(), "ACTIVE_MONITORING")), IsOk());
  EXPECT_EQ(story.Case().treatments(0).recommendation(), v1::RECOMMENDATION_CONSIDER);
  EXPECT_EQ(story.Due("active_monitoring_follow_up"), "2026-10-24 23:59:59 BST");
  story.At("2026-10-20T10:00");
  ASSERT_THAT(story.Act(&RecordContact,
                        "contact { kind: CONTACT_KIND_MONITORING_FOLLOW_UP contacted_time { civil: "
                        "'2026-10-20T09:30' } result: CONTACT_RESULT_HELD }"),
              IsOk());
  EXPECT_EQ(story.Status("active_monitoring_follow_up"), "DONE");
}

TEST(Vectors, M18_ImportantSymptomsAfterThreeWeeksAreTreatedNow) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  story.At("2026-10-05T10:00");
  ASSERT_THAT(story.Act(&RecordClinicalAssessment, Assessed(story.Now(), "CLINICALLY_IMPORTANT")),
              IsOk());
  EXPECT_EQ(story.Case().advice().offer_trauma_focused_cbt(), v1::ANSWER_YES);
  EXPECT_EQ(story.Status("offer_trauma_therapy"), "OPEN");
  EXPECT_EQ(story.Due("offer_trauma_therapy"), "2026-10-06 23:59:59 BST");
  EXPECT_THAT(story.Act(&OfferTreatment, Offered(story.Now(), "ACTIVE_MONITORING")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ACTIVE_MONITORING_NOT_ENOUGH"));
  ASSERT_THAT(story.Act(&OfferTreatment, Offered(story.Now(), "TRAUMA_FOCUSED_CBT")), IsOk());
  EXPECT_EQ(story.Case().treatments(0).recommendation(), v1::RECOMMENDATION_OFFER);
  EXPECT_EQ(story.Status("offer_trauma_therapy"), "DONE");
}

TEST(Vectors, M19_EmdrNotYetThenConsideredThenOffered) {
  Story story;
  story.At("2026-06-10T09:00");
  ASSERT_THAT(story.LogIncident("2026-06-10T02:15"), IsOk());
  story.At("2026-06-24T09:00");
  EXPECT_THAT(story.Act(&OfferTreatment, Offered(story.Now(), "EMDR", "preferred: ANSWER_YES")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "EMDR_NOT_YET"));
  story.At("2026-07-22T09:00");
  EXPECT_THAT(story.Act(&OfferTreatment, Offered(story.Now(), "EMDR")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(story.Act(&OfferTreatment, Offered(story.Now(), "EMDR", "preferred: ANSWER_YES")),
              IsOk());
  EXPECT_EQ(story.Case().treatments(0).recommendation(), v1::RECOMMENDATION_CONSIDER);
  story.At("2026-10-10T09:00");
  ASSERT_THAT(story.Act(&OfferTreatment, Offered(story.Now(), "EMDR")), IsOk());
  EXPECT_EQ(story.Case().treatments(1).recommendation(), v1::RECOMMENDATION_OFFER);
}

TEST(Vectors, M20_RecoveryOnTheRecord) {
  Story story;
  story.At("2026-09-14T10:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Measure(15, 12), IsOk());
  EXPECT_FALSE(story.Case().has_progress());
  story.At("2026-12-14T10:00");
  ASSERT_THAT(story.Measure(8, 6), IsOk());
  const v1::Progress& progress = story.Case().progress();
  EXPECT_EQ(progress.recovered(), v1::ANSWER_YES);
  EXPECT_EQ(progress.reliably_improved(), v1::ANSWER_YES);
  EXPECT_EQ(progress.reliably_recovered(), v1::ANSWER_YES);
  EXPECT_EQ(story.Case().measurements(2).change_from_first(), -7);
  EXPECT_EQ(story.Case().measurements(2).change(), v1::CHANGE_RELIABLE_IMPROVEMENT);
}

TEST(Vectors, M23_DebriefingIsRefusedWithTheReason) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  const absl::Status refused = story.Act(&OfferTreatment, Offered(story.Now(), "DEBRIEFING"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "DEBRIEFING_NOT_OFFERED"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("NICE NG116"));
  EXPECT_THAT(story.Act(&OfferTreatment, Offered(story.Now(), "PREVENTIVE_DRUG")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PREVENTIVE_DRUG_NOT_OFFERED"));
}

TEST(Vectors, X4_X5_WorkingDaysKnowTheBankHolidays) {
  Story easter;
  easter.At("2026-04-01T09:00");
  ASSERT_THAT(easter.Refer(), IsOk());
  EXPECT_EQ(easter.Due("triage"), "2026-04-07 23:59:59 BST");
  Story christmas;
  christmas.At("2026-12-23T09:00");
  ASSERT_THAT(christmas.Refer(), IsOk());
  EXPECT_EQ(christmas.Due("triage"), "2026-12-29 23:59:59 GMT");
}

TEST(Vectors, X19_OnlyWhatAClinicianMaySetCanBeProposed) {
  Story story;
  story.At("2026-02-28T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  // A restriction for integrity is management's; the API has no value for it.
  for (int i = 0; i < v1::FitnessOutcome_descriptor()->value_count(); ++i) {
    const std::string name = v1::FitnessOutcome_descriptor()->value(i)->name();
    EXPECT_EQ(name.find("MANAGEMENT"), std::string::npos) << name;
    EXPECT_EQ(name.find("MGMT"), std::string::npos) << name;
  }
  EXPECT_THAT(story.Act(&ProposeFitness,
                        "fitness { outcome: FITNESS_OUTCOME_TEMPORARILY_UNFIT proposed_time { "
                        "civil: '2026-02-28T09:00' } }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST(Vectors, X20_RecuperativeDutyIsReviewedAndHasAnEnd) {
  Story story;
  story.At("2026-02-28T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(
      story.Act(&ProposeFitness,
                "fitness { outcome: FITNESS_OUTCOME_RECUPERATIVE_DUTY proposed_time { "
                "civil: '2026-02-28T09:00' } review_date { year: 2026 month: 3 day: 28 } }"),
      IsOk());
  ASSERT_EQ(story.messages().size(), 1u);
  EXPECT_EQ(story.messages()[0].destination, "workforce");
  EXPECT_EQ(story.Due("fitness_review"), "2026-03-28 23:59:59 GMT");
  EXPECT_EQ(story.Due("recuperative_review"), "2027-02-28 23:59:59 GMT");
  story.At("2026-03-28T09:00");
  ASSERT_THAT(
      story.Act(&ProposeFitness,
                "fitness { outcome: FITNESS_OUTCOME_RECUPERATIVE_DUTY proposed_time { "
                "civil: '2026-03-28T09:00' } review_date { year: 2026 month: 4 day: 25 } }"),
      IsOk());
  // The review moves on, the end does not.
  EXPECT_EQ(story.Due("fitness_review"), "2026-04-25 23:59:59 BST");
  EXPECT_EQ(story.Due("recuperative_review"), "2027-02-28 23:59:59 GMT");
}

}  // namespace
}  // namespace waymark::mental_health
