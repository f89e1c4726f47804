// The rules of the pathway, and what each act does to a case.
#include "services/dental/teeth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/casework/lifecycle.h"
#include "services/casework/status.h"
#include "services/dental/correct_injury.h"
#include "services/dental/end_care.h"
#include "services/dental/first_aid.h"
#include "services/dental/log_dental_injury.h"
#include "services/dental/propose_fitness.h"
#include "services/dental/record_blood_exposure.h"
#include "services/dental/record_contact.h"
#include "services/dental/record_fragment_check.h"
#include "services/dental/record_incapacity.h"
#include "services/dental/record_review.h"
#include "services/dental/record_riddor_report.h"
#include "services/dental/record_teeth.h"
#include "services/dental/record_tetanus.h"
#include "services/dental/record_tooth_care.h"
#include "services/dental/testing/story.h"
#include "services/dental/thresholds.h"
#include "services/dental/urgency.h"
#include "services/dental/wound.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::dental {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::ParseProto;
using ::waymark::testing::StatusIs;

constexpr char kAvulsion[] =
    "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_AVULSION medium: STORAGE_MEDIUM_MILK }";

Story Logged(const std::string& injury) {
  Story story("2026-01-30T10:00");
  EXPECT_THAT(story.Log(injury), IsOk());
  return story;
}

absl::Status Care(Story& story, const std::string& at, const std::string& act,
                  const std::string& teeth = "teeth: '11'") {
  story.At(at);
  return story.Act(&RecordToothCare, absl::StrCat(teeth, " done_time { civil: '", at, "' } ", act));
}

absl::Status Reviewed(Story& story, const std::string& at, const std::string& finding = "",
                      const std::string& tooth = "11") {
  story.At(at);
  return story.Act(&RecordReview,
                   absl::StrCat("review { held_time { civil: '", at, "' } findings { tooth: '",
                                tooth, "' ", finding, " } }"));
}

TEST(Fdi, KnowsThirtyTwoPermanentAndTwentyPrimaryTeethAndNoOther) {
  int permanent = 0;
  int primary = 0;
  for (int number = 0; number < 1000; ++number) {
    const v1::Dentition dentition = DentitionOf(absl::StrCat(number));
    permanent += dentition == v1::DENTITION_PERMANENT ? 1 : 0;
    primary += dentition == v1::DENTITION_PRIMARY ? 1 : 0;
  }
  EXPECT_EQ(permanent, 32);
  EXPECT_EQ(primary, 20);
  for (const char* wrong : {"", "1", "19", "56", "1.1", "UR1", "011", " 11", "90"}) {
    EXPECT_EQ(DentitionOf(wrong), v1::DENTITION_UNSPECIFIED) << wrong;
  }
}

TEST(Fdi, IsCheckedAtTheDoorWithEverythingElseThatIsWrong) {
  Story story("2026-01-30T10:00");
  const absl::Status refused = story.Log(
      "teeth { tooth: '19' injuries: TOOTH_INJURY_TYPE_CONCUSSION } teeth { tooth: '21' } "
      "teeth { tooth: '21' injuries: TOOTH_INJURY_TYPE_CONCUSSION dry_minutes: 5 } "
      "teeth { tooth: '22' injuries: TOOTH_INJURY_TYPE_CONCUSSION intrusion_mm: 3 }");
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  for (const char* field :
       {"people[0].injury.teeth[0].tooth", "people[0].injury.teeth[1].injuries",
        "people[0].injury.teeth[2].tooth", "people[0].injury.teeth[2].dry_minutes",
        "people[0].injury.teeth[3].intrusion_mm"}) {
    EXPECT_THAT(refused.ToString(), HasSubstr(field));
  }
}

TEST(Injuries, OfOneToothThatExcludeEachOtherAreRefused) {
  Story story("2026-01-30T10:00");
  EXPECT_THAT(story
                  .Log("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_AVULSION "
                       "injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION }")
                  .ToString(),
              HasSubstr("CONTRADICTORY"));
  EXPECT_THAT(story.Log("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_AVULSION "
                        "injuries: TOOTH_INJURY_TYPE_ROOT_FRACTURE_APICAL_THIRD }"),
              IsOk());
}

TEST(Dentition, FollowsFromTheNumberWhateverTheCallerSays) {
  const Story story = Logged(
      "teeth { tooth: '55' dentition: DENTITION_PERMANENT injuries: TOOTH_INJURY_TYPE_AVULSION }");
  EXPECT_EQ(story.Case().injury().teeth(0).dentition(), v1::DENTITION_PRIMARY);
}

TEST(Replantation, IsNeverDoneWithAPrimaryTooth) {
  Story story = Logged(
      "teeth { tooth: '61' injuries: TOOTH_INJURY_TYPE_AVULSION medium: STORAGE_MEDIUM_MILK }");
  EXPECT_EQ(story.Advice("61").replant(), v1::REPLANT_ADVICE_NEVER);
  EXPECT_EQ(story.Case().advice().antibiotics(), v1::ANTIBIOTIC_ADVICE_UNSPECIFIED);
  EXPECT_FALSE(story.Plans("replant#61"));
  EXPECT_EQ(story.Reviews("61"), "");
  for (const auto role : {options::v1::ROLE_OH_NURSE, options::v1::ROLE_OH_PHYSICIAN}) {
    story.Role(role);
    EXPECT_THAT(Care(story, "2026-01-30T10:20", "replanted {}", "teeth: '61'"),
                StatusIs(absl::StatusCode::kFailedPrecondition, "PRIMARY_NEVER_REPLANTED"));
  }
  EXPECT_THAT(FirstAidFor(story.Case().injury())[0], HasSubstr("do not put it back"));
}

TEST(Replantation, EndsItsStepAndWithinAQuarterOfAnHourTheRootIsLikelyAlive) {
  Story story = Logged(kAvulsion);
  ASSERT_THAT(Care(story, "2026-01-30T10:15", "replanted { dry_minutes: 3 }"), IsOk());
  EXPECT_EQ(story.Status("replant#11"), "DONE");
  EXPECT_EQ(story.Advice("11").pdl(), v1::PDL_VIABILITY_LIKELY_VIABLE);
  EXPECT_THAT(Care(story, "2026-01-30T10:16", "replanted {}"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ALREADY_RECORDED"));
}

TEST(Replantation, IsRefusedForAToothThatWasNotAvulsed) {
  Story story = Logged("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_CONCUSSION }");
  EXPECT_THAT(Care(story, "2026-01-30T10:15", "replanted {}"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_AVULSED"));
}

TEST(Replantation, GivenUpEndsTheToothsLineAndPlansTheGap) {
  Story story = Logged(
      absl::StrCat(kAvulsion, " teeth { tooth: '21' injuries: TOOTH_INJURY_TYPE_CONCUSSION }"));
  ASSERT_THAT(Care(story, "2026-01-30T11:30", "ended { ending: TOOTH_ENDING_NOT_REPLANTED }"),
              IsOk());
  EXPECT_EQ(story.Reviews("11"), "");
  EXPECT_EQ(story.Status("replant#11"), "SUPERSEDED");
  EXPECT_EQ(story.Due("gap_plan#11"), "2026-04-30 23:59:59 BST");
  // The other tooth is followed as before.
  EXPECT_EQ(story.Reviews("21"), "2026-02-27 2027-01-30");
  EXPECT_THAT(Care(story, "2026-01-30T12:00", "splinted {}"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "TOOTH_ENDED"));
  ASSERT_THAT(Care(story, "2026-03-01T12:00", "gap_planned {}"), IsOk());
  EXPECT_EQ(story.Status("gap_plan#11"), "DONE");
}

struct Urgent {
  const char* name;
  const char* injury;
  v1::Urgency urgency;
};
class UrgencyRule : public ::testing::TestWithParam<Urgent> {};
TEST_P(UrgencyRule, IsTheHighestThatAnythingAsksFor) {
  const Story story = Logged(GetParam().injury);
  EXPECT_EQ(story.Case().advice().urgency(), GetParam().urgency);
}
INSTANTIATE_TEST_SUITE_P(
    Sdcep, UrgencyRule,
    ::testing::Values(
        Urgent{"Airway", "airway_at_risk: ANSWER_YES", v1::URGENCY_MEDICAL_EMERGENCY},
        Urgent{"Sepsis", "sepsis_suspected: ANSWER_YES", v1::URGENCY_MEDICAL_EMERGENCY},
        Urgent{"Face", "major_facial_injury: ANSWER_YES", v1::URGENCY_MEDICAL_EMERGENCY},
        Urgent{"Avulsion", kAvulsion, v1::URGENCY_DENTAL_EMERGENCY},
        Urgent{"Displaced", "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION }",
               v1::URGENCY_DENTAL_EMERGENCY},
        Urgent{"Socket", "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_ALVEOLAR_FRACTURE }",
               v1::URGENCY_DENTAL_EMERGENCY},
        Urgent{"Bleeding", "uncontrolled_bleeding: ANSWER_YES", v1::URGENCY_DENTAL_EMERGENCY},
        Urgent{"Swelling", "rising_swelling: ANSWER_YES", v1::URGENCY_DENTAL_EMERGENCY},
        Urgent{"Cut", "laceration: ANSWER_YES", v1::URGENCY_DENTAL_EMERGENCY},
        Urgent{"Pulp",
               "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_COMPLICATED_CROWN_FRACTURE }",
               v1::URGENCY_URGENT},
        Urgent{"Pain",
               "severe_pain: ANSWER_YES teeth { tooth: '11' "
               "injuries: TOOTH_INJURY_TYPE_CONCUSSION }",
               v1::URGENCY_URGENT},
        Urgent{"NotYetLookedAt", "", v1::URGENCY_URGENT},
        Urgent{"FirstTooth", "teeth { tooth: '51' injuries: TOOTH_INJURY_TYPE_AVULSION }",
               v1::URGENCY_URGENT},
        Urgent{"Chip", "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_ENAMEL_FRACTURE }",
               v1::URGENCY_ROUTINE}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Contact, TheHourCountsFromTheIncidentAndTheFirstContactKeepsItsTime) {
  Story story("2026-01-30T10:00");
  story.At("2026-01-30T12:00");
  ASSERT_THAT(story.Log(kAvulsion), IsOk());
  EXPECT_EQ(story.Status("dental_contact_emergency"), "OVERDUE");
  ASSERT_THAT(story.Act(&RecordContact,
                        "contact { contact_time { civil: '2026-01-30T10:40' } "
                        "adviser: ADVISER_DENTAL_ADVICE_LINE }"),
              IsOk());
  EXPECT_EQ(story.Status("dental_contact_emergency"), "DONE");
  story.At("2026-01-30T14:00");
  ASSERT_THAT(story.Act(&RecordContact,
                        "contact { contact_time { civil: '2026-01-30T13:00' } "
                        "adviser: ADVISER_DENTIST advice_given: ANSWER_YES }"),
              IsOk());
  EXPECT_EQ(story.Case().contact().first_contact_time().civil(), "2026-01-30T10:40");
  EXPECT_TRUE(casework::DoneOnTime(*casework::FindStep(story.plan(), "dental_contact_emergency")));
  EXPECT_EQ(story.Status("home_advice"), "DONE");
}

TEST(Contact, AnotherUrgencyThanTheRulesNeedsAReason) {
  Story story = Logged("laceration: ANSWER_YES");
  const std::string contact =
      "contact { contact_time { civil: '2026-01-30T10:00' } adviser: ADVISER_DENTIST "
      "urgency: URGENCY_ROUTINE ";
  EXPECT_THAT(story.Act(&RecordContact, contact + "}"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(story.Act(&RecordContact, contact + "override_reason: 'a scratch of the lip' }"),
              IsOk());
  EXPECT_EQ(story.Case().contact().derived(), v1::URGENCY_DENTAL_EMERGENCY);
  EXPECT_EQ(story.Status("dental_contact_routine"), "DONE");
}

TEST(Contact, OnlyAHospitalEndsAnEmergencyOfTheWholeBody) {
  Story story = Logged("airway_at_risk: ANSWER_YES");
  EXPECT_EQ(story.Due("emergency_care"), "2026-01-30 10:15 GMT");
  story.At("2026-01-30T10:30");
  ASSERT_THAT(story.Act(&RecordContact,
                        "contact { contact_time { civil: '2026-01-30T10:10' } "
                        "adviser: ADVISER_DENTAL_ADVICE_LINE }"),
              IsOk());
  EXPECT_EQ(story.Status("emergency_care"), "OVERDUE");
  ASSERT_THAT(story.Act(&RecordContact,
                        "contact { contact_time { civil: '2026-01-30T10:25' } "
                        "adviser: ADVISER_EMERGENCY_DEPARTMENT }"),
              IsOk());
  EXPECT_EQ(story.Status("emergency_care"), "DONE");
}

TEST(Fragments, ThatNobodyAccountsForAreLookedForInTheChest) {
  for (const auto& [tooth, asks] : std::vector<std::pair<std::string, bool>>{
           {"injuries: TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE", true},
           {"injuries: TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE fragments: FRAGMENTS_UNKNOWN",
            true},
           {"injuries: TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE fragments: FRAGMENTS_FOUND",
            false},
           {"injuries: TOOTH_INJURY_TYPE_AVULSION", true},
           {"injuries: TOOTH_INJURY_TYPE_AVULSION medium: STORAGE_MEDIUM_MILK", false},
           {"injuries: TOOTH_INJURY_TYPE_CONCUSSION fragments: FRAGMENTS_MISSING", true},
           {"injuries: TOOTH_INJURY_TYPE_CONCUSSION", false}}) {
    const Story story = Logged(absl::StrCat("teeth { tooth: '11' ", tooth, " }"));
    EXPECT_EQ(story.Plans("fragment_check"), asks) << tooth;
  }
}

TEST(Fragments, OneThatWasBreathedInIsAnEmergencyFromThenOn) {
  Story story = Logged("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_ENAMEL_FRACTURE }");
  EXPECT_EQ(story.Due("fragment_check"), "2026-01-30 14:00 GMT");
  story.At("2026-01-30T12:10");
  ASSERT_THAT(
      story.Act(&RecordFragmentCheck,
                "check { checked_time { civil: '2026-01-30T12:00' } chest_film_taken: ANSWER_YES "
                "lips_and_soft_tissue_examined: ANSWER_YES aspirated: ANSWER_YES }"),
      IsOk());
  EXPECT_EQ(story.Status("fragment_check"), "DONE");
  EXPECT_EQ(story.Due("emergency_care"), "2026-01-30 12:15 GMT");
  EXPECT_EQ(story.Case().advice().urgency(), v1::URGENCY_MEDICAL_EMERGENCY);
}

TEST(Splint, CountsFromTheDayOnWhichItWasPutOn) {
  Story story = Logged("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION }");
  EXPECT_EQ(story.SplintOff("11"), "2026-02-27");
  ASSERT_THAT(Care(story, "2026-02-02T09:00", "splinted {}"), IsOk());
  EXPECT_EQ(story.SplintOff("11"), "2026-03-02");
  // Reviews go on counting from the incident.
  EXPECT_THAT(story.Reviews("11"), HasSubstr("2026-02-27"));
}

TEST(Splint, KeepsFromTrainingUntilTheLastIsOff) {
  Story story = Logged(
      "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION } "
      "teeth { tooth: '21' injuries: TOOTH_INJURY_TYPE_EXTRUSIVE_LUXATION }");
  EXPECT_FALSE(story.Case().advice().training_restricted());
  ASSERT_THAT(Care(story, "2026-01-30T15:00", "splinted {}", "teeth: '11' teeth: '21'"), IsOk());
  EXPECT_TRUE(story.Case().advice().training_restricted());
  EXPECT_EQ(story.Due("training_restriction"), "2026-01-31 15:00 GMT");
  ASSERT_THAT(story.Act(&ProposeFitness,
                        "proposal { decided_time { civil: '2026-01-30T15:00' } "
                        "outcome: FITNESS_OUTCOME_FIT_WITH_ADJUSTMENTS "
                        "restrictions: DUTY_RESTRICTION_NO_OFFICER_SAFETY_TRAINING "
                        "restrictions: DUTY_RESTRICTION_NO_CONTACT_SPORT "
                        "review_date { year: 2026 month: 2 day: 27 } }"),
              IsOk());
  ASSERT_EQ(story.messages().size(), 1u);
  EXPECT_EQ(story.messages()[0].destination, "workforce");
  EXPECT_EQ(story.Status("training_restriction"), "DONE");
  ASSERT_THAT(Care(story, "2026-02-13T15:00", "splint_removed {}", "teeth: '21'"), IsOk());
  EXPECT_TRUE(story.Case().advice().training_restricted());
  EXPECT_FALSE(story.Plans("training_return"));
  ASSERT_THAT(Care(story, "2026-02-27T15:00", "splint_removed {}", "teeth: '11'"), IsOk());
  EXPECT_FALSE(story.Case().advice().training_restricted());
  EXPECT_EQ(story.Due("training_return"), "2026-03-03 23:59:59 GMT");
  ASSERT_THAT(story.Act(&ProposeFitness,
                        "proposal { decided_time { civil: '2026-02-27T15:00' } "
                        "outcome: FITNESS_OUTCOME_FIT }"),
              IsOk());
  EXPECT_EQ(story.Status("training_return"), "DONE");
}

TEST(Splint, ThatWasNeverPutOnDoesNotComeOff) {
  Story story = Logged(kAvulsion);
  EXPECT_THAT(Care(story, "2026-02-13T15:00", "splint_removed {}"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_SPLINTED"));
  ASSERT_THAT(Care(story, "2026-02-13T15:00", "splint_not_used {}"), IsOk());
  EXPECT_EQ(story.SplintOff("11"), "");
}

TEST(Fitness, WantsAReviewDateUnlessThePersonIsFitWithoutRestriction) {
  Story story = Logged(kAvulsion);
  for (const char* proposal :
       {"outcome: FITNESS_OUTCOME_TEMPORARILY_UNFIT",
        "outcome: FITNESS_OUTCOME_FIT restrictions: DUTY_RESTRICTION_NO_CONTACT_SPORT",
        "outcome: FITNESS_OUTCOME_TEMPORARILY_UNFIT review_date { year: 2026 month: 1 day: 29 }",
        "outcome: FITNESS_OUTCOME_TEMPORARILY_UNFIT review_date { year: 2026 month: 2 day: 30 }"}) {
    EXPECT_THAT(story.Act(&ProposeFitness,
                          absl::StrCat("proposal { decided_time { civil: '2026-01-30T10:00' } ",
                                       proposal, " }")),
                StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"))
        << proposal;
  }
}

TEST(RootCanal, DressingDecidesWhenTheRootIsFilled) {
  Story story = Logged(kAvulsion);
  ASSERT_THAT(Care(story, "2026-02-10T09:00",
                   "root_canal_started { dressing: ROOT_CANAL_DRESSING_CALCIUM_HYDROXIDE }"),
              IsOk());
  EXPECT_EQ(story.Status("root_canal_start#11"), "DONE");
  EXPECT_EQ(story.Due("root_filling_1_month#11"), "2026-03-10 23:59:59 GMT");
  ASSERT_THAT(Care(story, "2026-03-05T09:00", "root_canal_filled {}"), IsOk());
  EXPECT_EQ(story.Status("root_filling_1_month#11"), "DONE");

  Story other = Logged(kAvulsion);
  EXPECT_THAT(Care(other, "2026-02-10T09:00", "root_canal_filled {}"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ROOT_CANAL_NOT_STARTED"));
  ASSERT_THAT(Care(other, "2026-02-10T09:00",
                   "root_canal_started { dressing: "
                   "ROOT_CANAL_DRESSING_CORTICOSTEROID_ANTIBIOTIC }"),
              IsOk());
  EXPECT_EQ(other.Due("root_filling_6_weeks#11"), "2026-03-24 23:59:59 GMT");
}

TEST(RootCanal, OfAnOpenApexIsBegunOnlyWhenRevascularisationFails) {
  Story story = Logged(
      "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_AVULSION apex: APEX_OPEN "
      "medium: STORAGE_MEDIUM_MILK }");
  EXPECT_FALSE(story.Plans("root_canal_start#11"));
  ASSERT_THAT(Reviewed(story, "2026-03-30T09:00", "revascularisation_failed: ANSWER_YES"), IsOk());
  EXPECT_EQ(story.Due("root_canal_start_necrosis#11"), "2026-04-13 23:59:59 BST");
}

TEST(Intrusion, ThatDoesNotComeDownIsRepositioned) {
  Story story = Logged(
      "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION intrusion_mm: 2.5 }");
  EXPECT_EQ(story.Advice("11").intrusion(), v1::INTRUSION_ACTION_AWAIT_ERUPTION);
  EXPECT_FALSE(story.Plans("reposition#11"));
  EXPECT_EQ(story.SplintOff("11"), "");
  EXPECT_EQ(story.Due("eruption_check_8_weeks#11"), "2026-03-27 23:59:59 GMT");
  ASSERT_THAT(Reviewed(story, "2026-03-25T09:00", "erupting: ANSWER_NO"), IsOk());
  EXPECT_EQ(story.Status("eruption_check_8_weeks#11"), "DONE");
  EXPECT_EQ(story.Due("reposition#11"), "2026-03-26 09:00 GMT");
  EXPECT_EQ(story.Advice("11").intrusion(), v1::INTRUSION_ACTION_SURGICAL_OR_ORTHODONTIC);
}

TEST(Intrusion, IsTreatedByItsDepth) {
  for (const auto& [mm, action] : {std::pair(2.9, v1::INTRUSION_ACTION_AWAIT_ERUPTION),
                                   std::pair(3.0, v1::INTRUSION_ACTION_SURGICAL_OR_ORTHODONTIC),
                                   std::pair(7.0, v1::INTRUSION_ACTION_SURGICAL_OR_ORTHODONTIC),
                                   std::pair(7.1, v1::INTRUSION_ACTION_SURGICAL)}) {
    const Story story = Logged(absl::StrCat(
        "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION intrusion_mm: ", mm,
        " }"));
    EXPECT_EQ(story.Advice("11").intrusion(), action) << mm;
  }
}

TEST(Review, EndsTheStepOfItsTimeAndALateOneTheStepThatOpenedLast) {
  Story story = Logged("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_SUBLUXATION }");
  ASSERT_THAT(Reviewed(story, "2026-02-12T09:00"), IsOk());
  EXPECT_EQ(story.Status("review_2_weeks#11"), "DONE");
  EXPECT_EQ(story.Status("review_12_weeks#11"), "UPCOMING");
  // Twelve weeks end on 24 April; nobody came until May.
  ASSERT_THAT(Reviewed(story, "2026-05-05T09:00"), IsOk());
  EXPECT_EQ(story.Status("review_12_weeks#11"), "DONE");
  EXPECT_FALSE(casework::DoneOnTime(*casework::FindStep(story.plan(), "review_12_weeks#11")));
  EXPECT_EQ(story.Status("review_6_months#11"), "UPCOMING");
}

TEST(Review, OfADayInTwoWindowsEndsBoth) {
  Story story = Logged(
      "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION "
      "injuries: TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE fragments: FRAGMENTS_FOUND }");
  ASSERT_THAT(Reviewed(story, "2026-03-25T09:00"), IsOk());
  EXPECT_EQ(story.Status("review_8_weeks#11"), "DONE");
  EXPECT_EQ(story.Status("review_6_to_8_weeks#11"), "DONE");
}

TEST(Review, ThatWasHeldStaysDoneWhenTheToothIsLost) {
  Story story = Logged("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_SUBLUXATION }");
  ASSERT_THAT(Reviewed(story, "2026-02-13T09:00"), IsOk());
  ASSERT_THAT(Care(story, "2026-03-01T09:00", "ended { ending: TOOTH_ENDING_EXTRACTED }"), IsOk());
  EXPECT_EQ(story.Status("review_2_weeks#11"), "DONE");
  EXPECT_EQ(story.Status("review_12_weeks#11"), "SUPERSEDED");
}

TEST(Examination, ReplacesOneToothAndAddsAnother) {
  Story story = Logged("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_CONCUSSION }");
  story.At("2026-01-31T10:00");
  ASSERT_THAT(story.Act(&RecordTeeth,
                        "examined_time { civil: '2026-01-31T09:00' } teeth { tooth: '11' "
                        "injuries: TOOTH_INJURY_TYPE_ROOT_FRACTURE_APICAL_THIRD } teeth { "
                        "tooth: '12' injuries: TOOTH_INJURY_TYPE_CONCUSSION }"),
              IsOk());
  EXPECT_EQ(story.SplintOff("11"), "2026-02-27");
  EXPECT_EQ(story.Reviews("12"), "2026-02-27 2027-01-30");
}

struct BloodContact {
  const char* name;
  const char* exposure;
  bbv::v1::Route route;
  bbv::v1::Fluid fluid;
  // A case for whoever the injured person bit.
  bool bitten;
};
class BloodExposures : public ::testing::TestWithParam<BloodContact> {};
TEST_P(BloodExposures, OpenALinkedCase) {
  const Story story = Logged(
      absl::StrCat("blood_exposure { kind: BLOOD_EXPOSURE_KIND_", GetParam().exposure, " }"));
  ASSERT_EQ(story.messages().size(), 1u);
  bbv::v1::OpenLinkedCaseRequest request;
  ASSERT_TRUE(request.ParseFromString(story.messages()[0].payload));
  EXPECT_EQ(request.person().exposure().route(), GetParam().route);
  EXPECT_EQ(request.person().exposure().fluid(), GetParam().fluid);
  EXPECT_EQ(request.has_bitten(), GetParam().bitten);
  if (GetParam().bitten) {
    EXPECT_EQ(request.bitten().route(), bbv::v1::ROUTE_BITE_SKIN_BROKEN);
    EXPECT_EQ(request.bitten().description(), "");
  }
}
INSTANTIATE_TEST_SUITE_P(
    Reference44, BloodExposures,
    ::testing::Values(
        // The blood-borne virus pathway opens the biter's case of a bite by itself.
        BloodContact{"Bitten", "WAS_BITTEN drew_blood: ANSWER_YES", bbv::v1::ROUTE_BITE_SKIN_BROKEN,
                     bbv::v1::FLUID_SALIVA, false},
        BloodContact{"BittenSkinIntact", "WAS_BITTEN skin_broken: ANSWER_NO",
                     bbv::v1::ROUTE_BITE_SKIN_INTACT, bbv::v1::FLUID_SALIVA, false},
        BloodContact{"FightBite", "FIGHT_BITE", bbv::v1::ROUTE_BITE_SKIN_BROKEN,
                     bbv::v1::FLUID_SALIVA, false},
        BloodContact{"BitAnother", "BIT_ANOTHER drew_blood: ANSWER_YES", bbv::v1::ROUTE_MOUTH,
                     bbv::v1::FLUID_BLOOD, true},
        BloodContact{"BitAnotherUnknown", "BIT_ANOTHER", bbv::v1::ROUTE_MOUTH,
                     bbv::v1::FLUID_UNKNOWN, true},
        BloodContact{"Mouth", "BLOOD_IN_MOUTH", bbv::v1::ROUTE_MOUTH, bbv::v1::FLUID_BLOOD, false},
        BloodContact{"Eye", "BLOOD_IN_EYE", bbv::v1::ROUTE_EYE, bbv::v1::FLUID_BLOOD, false},
        BloodContact{"Sharp", "DENTAL_SHARP", bbv::v1::ROUTE_OTHER_SHARP,
                     bbv::v1::FLUID_SALIVA_IN_DENTISTRY, false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(BloodExposure, LearntOfLaterOpensTheCaseOnce) {
  Story story = Logged("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_CONCUSSION }");
  EXPECT_THAT(story.messages(), IsEmpty());
  story.At("2026-01-30T15:00");
  const std::string exposure = "blood_exposure { kind: BLOOD_EXPOSURE_KIND_BLOOD_IN_EYE }";
  ASSERT_THAT(story.Act(&RecordBloodExposure, exposure), IsOk());
  ASSERT_EQ(story.messages().size(), 1u);
  EXPECT_EQ(story.Case().header().links_size(), 1);
  EXPECT_THAT(story.Act(&RecordBloodExposure, exposure),
              StatusIs(absl::StatusCode::kFailedPrecondition, "BLOOD_EXPOSURE_RECORDED"));
}

TEST(BloodExposure, OfTwoPeopleOpensTwoCases) {
  Story story("2026-01-30T10:00");
  v1::LogDentalInjuryRequest request =
      story.Report("blood_exposure { kind: BLOOD_EXPOSURE_KIND_BLOOD_IN_EYE }");
  *request.add_people() = request.people(0);
  request.mutable_people(1)->set_subject_id("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1102");
  ASSERT_THAT(story.Log(request), IsOk());
  ASSERT_EQ(story.messages().size(), 2u);
  EXPECT_NE(story.Case(0).injury().blood_exposure().bbv_case_id(),
            story.Case(1).injury().blood_exposure().bbv_case_id());
}

TEST(Wound, OfABiteAsksForTetanusAndAntibiotics) {
  const Story bled = Logged(
      "blood_exposure { kind: BLOOD_EXPOSURE_KIND_WAS_BITTEN "
      "skin_broken: ANSWER_YES drew_blood: ANSWER_YES }");
  EXPECT_EQ(bled.Case().advice().antibiotics(), v1::ANTIBIOTIC_ADVICE_OFFER);
  EXPECT_EQ(bled.Case().advice().tetanus(), v1::TETANUS_ACTION_DOSE);
  const Story dry = Logged(
      "blood_exposure { kind: BLOOD_EXPOSURE_KIND_FIGHT_BITE "
      "skin_broken: ANSWER_YES drew_blood: ANSWER_NO }");
  EXPECT_EQ(dry.Case().advice().antibiotics(), v1::ANTIBIOTIC_ADVICE_CONSIDER);
  const Story intact = Logged(
      "blood_exposure { kind: BLOOD_EXPOSURE_KIND_WAS_BITTEN "
      "skin_broken: ANSWER_NO }");
  EXPECT_EQ(intact.Case().advice().antibiotics(), v1::ANTIBIOTIC_ADVICE_NONE);
  EXPECT_FALSE(intact.Plans("tetanus"));
  EXPECT_FALSE(intact.Plans("antibiotics"));
}

TEST(Wound, NeedsNoTetanusVaccineWithinTenYearsOfTheLast) {
  const auto advised = [](const char* last, const char* more) {
    return Logged(absl::StrCat("laceration: ANSWER_YES tetanus_priming: TETANUS_PRIMING_COMPLETE "
                               "last_tetanus_date { ",
                               last, " } ", more))
        .Case()
        .advice()
        .tetanus();
  };
  EXPECT_EQ(advised("year: 2016 month: 1 day: 30", "tetanus_prone: ANSWER_YES"),
            v1::TETANUS_ACTION_NONE_NEEDED);
  EXPECT_EQ(advised("year: 2016 month: 1 day: 29", "tetanus_prone: ANSWER_YES"),
            v1::TETANUS_ACTION_DOSE);
  EXPECT_EQ(advised("year: 2016 month: 1 day: 29", "tetanus_high_risk: ANSWER_YES"),
            v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN);
}

TEST(Riddor, IsAskedForFromTheEighthDayAndNeverForTheToothItself) {
  Story story("2026-05-01T10:00");
  ASSERT_THAT(story.Log(kAvulsion), IsOk());
  EXPECT_FALSE(story.Plans("riddor_over_seven_days"));
  story.At("2026-05-09T10:00");
  const std::string spell = "incapacity { first_date { year: 2026 month: 5 day: 1 } ";
  ASSERT_THAT(story.Act(&RecordIncapacity, spell + "last_date { year: 2026 month: 5 day: 8 } }"),
              IsOk());
  EXPECT_FALSE(story.Plans("riddor_over_seven_days"));
  ASSERT_THAT(story.Act(&RecordIncapacity, spell + "last_date { year: 2026 month: 5 day: 9 } }"),
              IsOk());
  EXPECT_EQ(story.Due("riddor_over_seven_days"), "2026-05-16 23:59:59 BST");
}

// What ends when care ends, and what does not.
class CareEnds : public ::testing::Test {
 protected:
  CareEnds() : story_("2026-05-01T10:00") {
    EXPECT_THAT(story_.Log(kAvulsion), IsOk());
    EXPECT_THAT(Care(story_, "2026-05-01T10:30", "replanted {}"), IsOk());
    EXPECT_THAT(Care(story_, "2026-05-01T11:00", "splinted {}"), IsOk());
    story_.At("2026-05-09T10:00");
    EXPECT_THAT(story_.Act(&RecordIncapacity,
                           "incapacity { first_date { year: 2026 month: 5 day: 1 } last_date { "
                           "year: 2026 month: 5 day: 9 } }"),
                IsOk());
  }
  absl::Status End(const std::string& ending) {
    return story_.Act(&EndCare, absl::StrCat("care_end { ending: CARE_ENDING_", ending,
                                             " ended_time { civil: '2026-05-09T09:00' } } "
                                             "reason: 'told by the family'"));
  }
  Story story_;
};

TEST_F(CareEnds, ByDeathLeavesTheReportThatTheLawAsksFor) {
  ASSERT_THAT(End("DIED"), IsOk());
  EXPECT_EQ(story_.Status("replant#11"), "DONE");
  EXPECT_EQ(story_.Status("review_5_years#11"), "WAIVED");
  EXPECT_EQ(story_.Status("splint_removal_2_weeks#11"), "WAIVED");
  EXPECT_EQ(story_.Status("training_restriction"), "WAIVED");
  EXPECT_EQ(story_.Status("riddor_over_seven_days"), "OPEN");
  EXPECT_THAT(End("DIED"), StatusIs(absl::StatusCode::kFailedPrecondition, "CARE_ENDED"));
}

TEST_F(CareEnds, ByWithdrawnConsentLeavesWhatTheEmployerOwes) {
  ASSERT_THAT(End("CONSENT_WITHDRAWN"), IsOk());
  EXPECT_EQ(story_.Status("review_5_years#11"), "DECLINED");
  EXPECT_EQ(story_.Status("training_restriction"), "OVERDUE");
  EXPECT_EQ(story_.Status("riddor_over_seven_days"), "OPEN");
  EXPECT_TRUE(story_.Case().advice().training_restricted());
}

TEST(InjuredAgain, EndsThatToothsLineAndNoOther) {
  Story story = Logged(
      absl::StrCat(kAvulsion, " teeth { tooth: '21' injuries: TOOTH_INJURY_TYPE_CONCUSSION }"));
  const std::string id = "0b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101";
  EXPECT_THAT(Care(story, "2026-04-01T10:00", "ended { ending: TOOTH_ENDING_INJURED_AGAIN }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(
      Care(story, "2026-04-01T10:00",
           absl::StrCat("ended { ending: TOOTH_ENDING_INJURED_AGAIN new_case_id: '", id, "' }")),
      IsOk());
  EXPECT_EQ(story.Reviews("11"), "");
  EXPECT_FALSE(story.Plans("gap_plan#11"));
  EXPECT_EQ(story.Reviews("21"), "2026-02-27 2027-01-30");
  EXPECT_EQ(story.Case().header().links(0).case_id(), id);
  EXPECT_EQ(story.Case().header().links(0).kind(), "INJURED_AGAIN");

  Story again("2026-04-01T10:00");
  v1::LogDentalInjuryRequest report = again.Report(kAvulsion);
  report.mutable_people(0)->set_earlier_case_id(id);
  ASSERT_THAT(again.Log(report), IsOk());
  EXPECT_EQ(again.Case().header().links(0).kind(), "EARLIER_INJURY");
}

TEST(Correction, MovesEveryStepWithTheIncidentAndKeepsWhatWasDone) {
  Story story = Logged(
      absl::StrCat(kAvulsion, " blood_exposure { kind: BLOOD_EXPOSURE_KIND_BLOOD_IN_MOUTH }"));
  ASSERT_THAT(Care(story, "2026-01-30T10:30", "replanted {}"), IsOk());
  const std::string injury = absl::StrCat(
      "reason: 'the custody record says nine' injury { incident_time { civil: '2026-01-29T21:00' "
      "} ",
      kAvulsion, " }");
  ASSERT_THAT(story.Act(&CorrectInjury, injury), IsOk());
  EXPECT_THAT(story.Reviews("11"), HasSubstr("2026-02-12"));
  EXPECT_TRUE(story.Case().injury().has_blood_exposure());
  EXPECT_THAT(story.messages(), IsEmpty());
  EXPECT_THAT(story.Act(&CorrectInjury,
                        "reason: 'x' injury { incident_time { civil: '2026-01-30T10:31' } " +
                            std::string(kAvulsion) + " }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(story.Act(&CorrectInjury,
                        "reason: 'x' injury { incident_time { civil: '2026-01-30T10:00' } }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

// The worst mouth that a case takes: ten teeth, each with as many steps as a tooth can have.
TEST(ManyTeeth, TenFitIntoAPlanWhateverHappenedToThem) {
  const std::vector<std::vector<int>> worst = {
      {v1::TOOTH_INJURY_TYPE_AVULSION},
      {v1::TOOTH_INJURY_TYPE_LATERAL_LUXATION},
      {v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION},
      {v1::TOOTH_INJURY_TYPE_EXTRUSIVE_LUXATION},
      {v1::TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_COMPLICATED},
      {v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION, v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_MIDDLE_THIRD,
       v1::TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_COMPLICATED,
       v1::TOOTH_INJURY_TYPE_ALVEOLAR_FRACTURE},
      {v1::TOOTH_INJURY_TYPE_AVULSION, v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_CERVICAL_THIRD,
       v1::TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_COMPLICATED,
       v1::TOOTH_INJURY_TYPE_ALVEOLAR_FRACTURE},
  };
  for (const std::vector<int>& injuries : worst) {
    Story story("2026-01-30T10:00");
    v1::LogDentalInjuryRequest report = story.Report(
        "airway_at_risk: ANSWER_YES laceration: ANSWER_YES blood_exposure { kind: "
        "BLOOD_EXPOSURE_KIND_FIGHT_BITE }");
    std::string names;
    for (int i = 0; i < kMostTeeth; ++i) {
      v1::ToothInjury& tooth = *report.mutable_people(0)->mutable_injury()->add_teeth();
      tooth.set_tooth(absl::StrCat(1 + i / 6, 1 + i % 6));
      absl::StrAppend(&names, "teeth: '", tooth.tooth(), "' ");
      for (const int injury : injuries) tooth.add_injuries(v1::ToothInjuryType(injury));
    }
    ASSERT_THAT(story.Log(report), IsOk());
    ASSERT_THAT(Care(story, "2026-01-30T11:00", "splinted {}", names), IsOk());
    ASSERT_THAT(
        Care(story, "2026-02-10T11:00",
             "root_canal_started { dressing: ROOT_CANAL_DRESSING_CALCIUM_HYDROXIDE }", names),
        IsOk());
    ASSERT_THAT(Care(story, "2026-02-10T12:00", "splint_removed {}", names), IsOk());
    story.At("2026-02-11T12:00");
    ASSERT_THAT(story.Act(&RecordIncapacity,
                          "incapacity { first_date { year: 2026 month: 1 day: 31 } last_date { "
                          "year: 2026 month: 2 day: 9 } }"),
                IsOk());
    EXPECT_LE(story.plan().steps_size(), 200) << injuries[0];
    RecordProperty(absl::StrCat("steps_of_", injuries[0], "_and_", injuries.size() - 1, "_more"),
                   story.plan().steps_size());
  }
}

TEST(ManyTeeth, MoreThanTenAreRefusedWithWhatToDoAndTwoCasesTakeThem) {
  Story story("2026-01-30T10:00");
  v1::LogDentalInjuryRequest report = story.Report("");
  for (int i = 0; i <= kMostTeeth; ++i) {
    v1::ToothInjury& tooth = *report.mutable_people(0)->mutable_injury()->add_teeth();
    tooth.set_tooth(absl::StrCat(1 + i / 8, 1 + i % 8));
    tooth.add_injuries(v1::TOOTH_INJURY_TYPE_AVULSION);
  }
  const absl::Status refused = story.Log(report);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(refused.ToString(), HasSubstr("TOO_MANY_TEETH"));
  report.mutable_people(0)->mutable_injury()->mutable_teeth()->RemoveLast();
  ASSERT_THAT(story.Log(report), IsOk());
  story.At("2026-01-30T12:00");
  EXPECT_THAT(story
                  .Act(&RecordTeeth,
                       "examined_time { civil: '2026-01-30T11:00' } teeth { tooth: '48' "
                       "injuries: TOOTH_INJURY_TYPE_CONCUSSION }")
                  .ToString(),
              HasSubstr("TOO_MANY_TEETH"));
}

TEST(Tooth, ThatTheCaseDoesNotFollowIsNotReviewed) {
  Story story = Logged(kAvulsion);
  EXPECT_THAT(Reviewed(story, "2026-02-13T09:00", "", "21").ToString(),
              HasSubstr("TOOTH_NOT_FOUND"));
}

TEST(Protocol, TellsTheSourceOfEveryStepAndEndsNoLineBeforeFiveYears) {
  std::set<std::string> reviews;
  for (const auto& rule : testing::Protocol().steps()) {
    EXPECT_GT(rule.sources_size(), 0) << rule.key();
    if (absl::StartsWith(rule.key(), "review_")) {
      reviews.insert(rule.key());
      EXPECT_TRUE(rule.has_opens()) << rule.key();
      EXPECT_EQ(rule.each(), "tooth");
    }
  }
  EXPECT_EQ(reviews.size(), 16u);
  EXPECT_FALSE(testing::Protocol().signed_off());
}

}  // namespace
}  // namespace waymark::dental
