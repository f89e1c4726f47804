// Golden stories: for each, a page with every step, date and source, to be read and signed by a
// clinician. WAYMARK_UPDATE_GOLDEN=1 rewrites them.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/casework/golden.h"
#include "services/mental_health/open_postvention.h"
#include "services/mental_health/open_surveillance.h"
#include "services/mental_health/record_clinical_assessment.h"
#include "services/mental_health/record_risk_conversation.h"
#include "services/mental_health/record_safety_plan.h"
#include "services/mental_health/record_trim.h"
#include "services/mental_health/refer_onward.h"
#include "services/mental_health/testing/story.h"
#include "services/mental_health/withdraw_consent.h"

namespace waymark::mental_health {
namespace {

using testing::Sheet;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::ParseProto;

void ExpectPage(const std::string& name, absl::string_view heading, const Story& story) {
  const std::string page = casework::RenderStory(heading, testing::Protocol(),
                                                 story.Case().header().plan(), story.now());
  EXPECT_EQ(casework::GoldenDifference(
                absl::StrCat("services/mental_health/protocols/stories/", name, ".txt"), page),
            "");
}

constexpr char kSafetyPlan[] =
    "plan { agreed_time { civil: '2026-09-14T18:30' } warning_signs: 'not sleeping, not answering' "
    "coping: 'running, the dog' contacts { kind: SAFETY_CONTACT_KIND_FAMILY_OR_FRIEND name: 'their "
    "sister' } contacts { kind: SAFETY_CONTACT_KIND_CRISIS_LINE name: 'NHS 111 option 2' } means { "
    "firearms: FIREARMS_AUTHORITY_SUSPENSION_ASKED equipment_left_at_work: ANSWER_YES "
    "home_discussed: ANSWER_YES } copy_held: ANSWER_YES }";

TEST(Stories, FatalCollisionAtNight) {
  Story story;
  story.At("2026-09-14T03:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15", "involvement: INVOLVEMENT_FIRST_ON_SCENE"),
              IsOk());
  ExpectPage("fatal_collision_at_night",
             "An officer is first at a fatal collision at a quarter past two in the morning.",
             story);
}

TEST(Stories, SelfReferralWithItemNine) {
  Story story;
  story.At("2026-09-14T17:10");
  ASSERT_THAT(story.SelfRefer(Sheet("PHQ9", {1, 1, 0, 0, 0, 0, 0, 0, 1}, "2026-09-14T17:05")),
              IsOk());
  ExpectPage("self_referral_with_item_nine",
             "An officer asks for help; PHQ-9 comes to 3, and item 9 is answered with 1.", story);
}

TEST(Stories, ActiveIntent) {
  Story story;
  story.At("2026-09-14T17:10");
  ASSERT_THAT(story.SelfRefer(Sheet("PHQ9", {3, 3, 3, 2, 2, 3, 2, 1, 3}, "2026-09-14T17:05")),
              IsOk());
  story.At("2026-09-14T17:40");
  ASSERT_THAT(story.Act(&RecordRiskConversation,
                        "flag_number: 1 conversation { held_time { civil: '2026-09-14T17:30' } "
                        "reached: true active_intent: ANSWER_YES }"),
              IsOk());
  story.At("2026-09-14T18:40");
  ASSERT_THAT(story.Act(&RecordSafetyPlan, kSafetyPlan), IsOk());
  ASSERT_THAT(story.Act(&ReferOnward,
                        "referral { service: ONWARD_SERVICE_CRISIS_VERY_URGENT referred_time { "
                        "civil: '2026-09-14T17:45' } to: 'crisis team' }"),
              IsOk());
  ExpectPage("active_intent",
             "An officer intends to end their life: reached within half an hour, safety plan, "
             "firearms authority, crisis team.",
             story);
}

TEST(Stories, ManagementReferralInWales) {
  Story story;
  story.In(casework::v1::JURISDICTION_WALES).At("2026-09-14T10:00");
  ASSERT_THAT(story.Refer(), IsOk());
  story.At("2026-09-16T10:00");
  ASSERT_THAT(story.Measure(12, 11), IsOk());
  ASSERT_THAT(story.Act(&RecordClinicalAssessment,
                        "assessment { assessed_time { civil: '2026-09-16T10:00' } urgency: "
                        "URGENCY_ROUTINE symptoms: SYMPTOMS_OTHER }"),
              IsOk());
  ASSERT_THAT(story.Act(&ReferOnward,
                        "referral { service: ONWARD_SERVICE_PRIMARY referred_time { civil: "
                        "'2026-09-16T10:00' } }"),
              IsOk());
  ExpectPage("management_referral_in_wales",
             "A manager refers an officer in Wales; primary mental health support is asked.",
             story);
}

TEST(Stories, ImportantSymptomsAfterThreeWeeks) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  story.At("2026-10-05T10:00");
  ASSERT_THAT(
      story.Act(&RecordTrim, "incident_number: 1 offered_time { civil: '2026-09-15T10:00' }"),
      IsOk());
  ASSERT_THAT(story.Act(&RecordClinicalAssessment,
                        "assessment { assessed_time { civil: '2026-10-05T10:00' } urgency: "
                        "URGENCY_URGENT symptoms: SYMPTOMS_CLINICALLY_IMPORTANT }"),
              IsOk());
  ExpectPage("important_symptoms_after_three_weeks",
             "Three weeks after the event the symptoms are clinically important: treated now.",
             story);
}

TEST(Stories, ChildAbuseInvestigator) {
  Story story;
  story.At("2026-09-14T09:00");
  auto request = ParseProto<v1::OpenSurveillanceRequest>(
      "jurisdiction: JURISDICTION_ENGLAND surveillance { roles: HIGH_RISK_ROLE_POLIT_OR_ICAT "
      "frequency: SURVEILLANCE_FREQUENCY_SIX_MONTHLY new_entrant: ANSWER_YES from_time { civil: "
      "'2026-09-14T09:00' } }");
  request.set_subject_id(testing::kOfficer);
  ASSERT_THAT(story.Open(&OpenSurveillance, request), IsOk());
  ExpectPage("child_abuse_investigator",
             "An officer joins online child abuse investigation: screening, then every six months.",
             story);
}

TEST(Stories, ColleaguesSuicide) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(
      story.Open(&OpenPostvention, ParseProto<v1::OpenPostventionRequest>(
                                       "jurisdiction: JURISDICTION_ENGLAND learned_time { civil: "
                                       "'2026-09-14T06:00' } people { subject_id: "
                                       "'5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101' affected_as: "
                                       "BEREAVED_AS_TEAM }")),
      IsOk());
  ExpectPage("colleagues_suicide", "A colleague died by suicide; an officer of their team.", story);
}

TEST(Stories, ConsentWithdrawn) {
  Story story;
  story.At("2026-09-14T17:10");
  ASSERT_THAT(story.SelfRefer(Sheet("PHQ9", {1, 1, 0, 0, 0, 0, 0, 0, 1}, "2026-09-14T17:05")),
              IsOk());
  ASSERT_THAT(story.Act(&WithdrawConsent,
                        "withdrawn_time { civil: '2026-09-14T17:10' } reason: 'changed my mind'"),
              IsOk());
  ExpectPage(
      "consent_withdrawn",
      "An officer withdraws their consent with a risk flag up: safety goes on, care does not.",
      story);
}

}  // namespace
}  // namespace waymark::mental_health
