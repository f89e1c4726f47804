// What each act does to the record and the plan, and what the pathway promises of itself.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/casework/status.h"
#include "services/mental_health/add_incident.h"
#include "services/mental_health/career_exposure.h"
#include "services/mental_health/correct_incident.h"
#include "services/mental_health/end_surveillance.h"
#include "services/mental_health/log_traumatic_incident.h"
#include "services/mental_health/offer_treatment.h"
#include "services/mental_health/open_postvention.h"
#include "services/mental_health/open_referral.h"
#include "services/mental_health/open_surveillance.h"
#include "services/mental_health/raise_risk_flag.h"
#include "services/mental_health/record_clinical_assessment.h"
#include "services/mental_health/record_contact.h"
#include "services/mental_health/record_death.h"
#include "services/mental_health/record_decompression.h"
#include "services/mental_health/record_firearms_request.h"
#include "services/mental_health/record_measures.h"
#include "services/mental_health/record_off_duty.h"
#include "services/mental_health/record_onward_care.h"
#include "services/mental_health/record_risk_conversation.h"
#include "services/mental_health/record_safety_plan.h"
#include "services/mental_health/record_safety_plan_review.h"
#include "services/mental_health/record_surveillance_round.h"
#include "services/mental_health/record_treatment.h"
#include "services/mental_health/record_trim.h"
#include "services/mental_health/refer_onward.h"
#include "services/mental_health/score_trend.h"
#include "services/mental_health/self_refer.h"
#include "services/mental_health/testing/story.h"
#include "services/mental_health/withdraw_consent.h"
#include "services/mental_health/withdraw_measure.h"
#include "waymark/options/v1/rule.pb.h"

namespace waymark::mental_health {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using testing::AnswersOf;
using ::testing::ElementsAre;
using testing::Sheet;
using testing::Story;
using ::waymark::testing::IsOk;
using ::waymark::testing::ParseProto;
using ::waymark::testing::StatusIs;

std::string PlanOf(const std::string& when, const std::string& firearms = "NOT_HELD") {
  return absl::StrCat("plan { agreed_time { civil: '", when, "' } ",
                      "warning_signs: 'not sleeping' coping: 'running' contacts { kind: "
                      "SAFETY_CONTACT_KIND_CRISIS_LINE name: 'NHS 111 option 2' } means { "
                      "firearms: FIREARMS_AUTHORITY_",
                      firearms,
                      " equipment_left_at_work: ANSWER_YES home_discussed: ANSWER_YES } "
                      "copy_held: ANSWER_YES }");
}

std::string Talked(int flag, const std::string& when, const std::string& intent = "NO") {
  return absl::StrCat("flag_number: ", flag, " conversation { held_time { civil: '", when,
                      "' } reached: true active_intent: ANSWER_", intent, " }");
}

std::string Met(const std::string& kind, const std::string& when, const std::string& more = "") {
  return absl::StrCat("contact { kind: CONTACT_KIND_", kind, " contacted_time { civil: '", when,
                      "' } result: CONTACT_RESULT_HELD ", more, " }");
}

std::string Trim(const std::string& act, const std::string& when) {
  return absl::StrCat("incident_number: 1 ", act, " { civil: '", when, "' }");
}

std::string TrimAssessed(const std::string& point, const std::string& when, int total) {
  std::string text = absl::StrCat("incident_number: 1 assessment { point: TRIM_POINT_", point,
                                  " held_time { civil: '", when, "' }");
  for (const int answer : AnswersOf(10, 2, total)) absl::StrAppend(&text, " answers: ", answer);
  return absl::StrCat(text, " }");
}

// Every message of the package, however it is nested.
void EachField(const std::function<void(const FieldDescriptor&)>& visit) {
  for (const auto* file :
       {v1::AnswerSheet::descriptor()->file(), v1::MentalHealthCase::descriptor()->file(),
        v1::GetCaseRequest::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const Descriptor& message = *file->message_type(i);
      for (int j = 0; j < message.field_count(); ++j) visit(*message.field(j));
    }
  }
}

TEST(Promises, SuicideRiskIsFlaggedAndNeverScoredOrBanded) {
  EachField([](const FieldDescriptor& field) {
    const std::string name = absl::StrCat(field.containing_type()->name(), ".", field.name());
    for (const char* grade : {"risk_level", "risk_score", "risk_band", "risk_category",
                              "risk_rating", "risk_tier", "likelihood"}) {
      EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(name), grade)) << name;
    }
  });
  // What a flag, a conversation and a plan hold: words, times, yes or no, and their own number.
  const std::set<const google::protobuf::EnumDescriptor*> plain = {
      v1::Answer_descriptor(), v1::RiskSource_descriptor(), v1::SafetyContactKind_descriptor(),
      v1::FirearmsAuthority_descriptor()};
  for (const Descriptor* message : {v1::RiskFlag::descriptor(), v1::RiskConversation::descriptor(),
                                    v1::SafetyPlan::descriptor(), v1::MeansSafety::descriptor()}) {
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor& field = *message->field(i);
      if (field.enum_type() != nullptr) {
        EXPECT_EQ(plain.count(field.enum_type()), 1u) << field.full_name();
      } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
                 field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE &&
                 field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL) {
        EXPECT_EQ(field.name(), "number") << field.full_name();
      }
    }
  }
  // And the protocol has no parameter and no measure that grades it.
  for (const auto& parameter : testing::Protocol().parameters()) {
    EXPECT_FALSE(absl::StrContains(parameter.key(), "risk")) << parameter.key();
  }
}

TEST(Promises, NobodyTellsTheServiceATotal) {
  for (const Descriptor* message : {v1::AnswerSheet::descriptor(), v1::AnswerSheets::descriptor(),
                                    v1::RecordMeasuresRequest::descriptor()}) {
    for (int i = 0; i < message->field_count(); ++i) {
      for (const char* made : {"total", "score", "sum", "severity", "band", "screen"}) {
        EXPECT_FALSE(absl::StrContains(message->field(i)->name(), made))
            << message->field(i)->full_name();
      }
    }
  }
}

TEST(Promises, OnlyOccupationalHealthIsEverTold) {
  const std::set<int> inside = {options::v1::ROLE_OH_NURSE, options::v1::ROLE_OH_PHYSICIAN,
                                options::v1::ROLE_OH_LEAD};
  for (const auto& ladder : testing::Protocol().ladders()) {
    for (const auto& rung : ladder.rungs()) EXPECT_EQ(inside.count(rung.audience()), 1u);
  }
  for (const auto& step : testing::Protocol().steps()) {
    EXPECT_EQ(inside.count(step.responsible()), 1u) << step.key();
  }
}

TEST(Promises, NoMethodIsOpenToAManagerOrAnHrSystemAndASupervisorOnlyReports) {
  const auto* service = v1::GetCaseRequest::descriptor()->file()->service(0);
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& method = *service->method(i);
    for (const auto& grant : method.options().GetExtension(options::v1::rule).grants()) {
      for (const int role : grant.roles()) {
        EXPECT_NE(role, options::v1::ROLE_LINE_MANAGER) << method.name();
        EXPECT_NE(role, options::v1::ROLE_HR_INTEGRATION) << method.name();
        if (role == options::v1::ROLE_SUPERVISOR_REPORTER) {
          EXPECT_EQ(grant.relation(), options::v1::RELATION_REPORTER) << method.name();
        }
      }
    }
  }
}

TEST(Opening, HidesEverythingButWhatWasReportedByAManagerOrLogged) {
  Story story;
  ASSERT_THAT(story.SelfRefer(), IsOk());
  EXPECT_TRUE(story.Case().header().hidden_from_managers());
  EXPECT_EQ(story.Case().referral().agreed(), v1::ANSWER_YES);
  ASSERT_THAT(story.Refer("ORIGIN_PEER"), IsOk());
  EXPECT_TRUE(story.Case().header().hidden_from_managers());
  ASSERT_THAT(story.Refer("ORIGIN_GENERAL_PRACTITIONER"), IsOk());
  EXPECT_TRUE(story.Case().header().hidden_from_managers());
  ASSERT_THAT(story.Refer(), IsOk());
  EXPECT_FALSE(story.Case().header().hidden_from_managers());
}

TEST(Opening, AnOfficerRefersThemselvesAndNobodyElse) {
  Story story;
  story.Role(options::v1::ROLE_OFFICER);
  casework::Call call = story.NextCall("SelfRefer");
  call.subject_id = testing::kOfficer;
  v1::SelfReferRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_WALES);
  const MentalHealthChange own = SelfRefer(request, call);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->cases[0].header().subject_id(), testing::kOfficer);
  request.set_subject_id("5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1102");
  EXPECT_THAT(SelfRefer(request, call).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST(Opening, ASupervisorRefersAsManagementAndSendsNoForms) {
  Story story;
  story.Role(options::v1::ROLE_SUPERVISOR_REPORTER);
  EXPECT_THAT(story.Refer("ORIGIN_PEER"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(
      story.Refer("ORIGIN_MANAGEMENT", Sheet("GAD7", {0, 0, 0, 0, 0, 0, 0}, "2026-01-01T08:00")),
      StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(story.Refer(), IsOk());
}

TEST(Opening, FearForSomebodysSafetyRaisesAFlagAtOnce) {
  Story story;
  story.At("2026-09-14T16:20");
  auto request = ParseProto<v1::OpenReferralRequest>(
      "jurisdiction: JURISDICTION_ENGLAND origin: ORIGIN_MANAGEMENT referral { agreed: ANSWER_NO "
      "fears_for_safety: ANSWER_YES }");
  request.set_subject_id(testing::kOfficer);
  ASSERT_THAT(story.Open(&OpenReferral, request), IsOk());
  EXPECT_EQ(story.Due("risk_contact#1"), "2026-09-14 23:59:59 BST");
  EXPECT_EQ(story.Due("acknowledgement"), "2026-09-15 23:59:59 BST");
  EXPECT_EQ(story.Due("triage"), "2026-09-16 23:59:59 BST");
  EXPECT_EQ(story.Due("first_appointment"), "2026-09-28 23:59:59 BST");
}

TEST(Opening, OneEventGivesEveryOfficerAPathOfTheirOwn) {
  Story story;
  story.At("2026-09-14T09:00");
  auto request = ParseProto<v1::LogTraumaticIncidentRequest>(
      "jurisdiction: JURISDICTION_ENGLAND incident { occurred_time { civil: '2026-09-14T02:15' } "
      "kind: INCIDENT_KIND_FATAL_COLLISION involvement: INVOLVEMENT_AT_SCENE } people { "
      "subject_id: "
      "'5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101' involvement: INVOLVEMENT_FIRST_ON_SCENE } people { "
      "subject_id: '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1102' }");
  ASSERT_THAT(story.Open(&LogTraumaticIncident, request), IsOk());
  ASSERT_EQ(story.cases().size(), 2u);
  EXPECT_EQ(story.Case(0).incidents(0).incident_id(), story.Case(1).incidents(0).incident_id());
  EXPECT_EQ(story.Case(0).incidents(0).involvement(), v1::INVOLVEMENT_FIRST_ON_SCENE);
  EXPECT_EQ(story.Case(1).incidents(0).involvement(), v1::INVOLVEMENT_AT_SCENE);
  // Who else was there is nobody's business.
  EXPECT_TRUE(story.Case(0).header().links().empty());
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_NE(casework::FindStep(story.Case(i).header().plan(), "trim_assessment#1"), nullptr);
  }
  request.add_people()->set_subject_id(request.people(0).subject_id());
  EXPECT_THAT(story.Open(&LogTraumaticIncident, request),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST(Measures, ItemNineAtTheDoorRaisesAFlagAndTheFormStaysApart) {
  Story story;
  story.At("2026-09-14T23:40");
  ASSERT_THAT(story.SelfRefer(Sheet("PHQ9", {0, 0, 0, 0, 0, 0, 0, 0, 2}, "2026-09-14T23:30")),
              IsOk());
  ASSERT_EQ(story.Case().risk_flags_size(), 1);
  EXPECT_EQ(story.Due("risk_contact#1"), "2026-09-14 23:59:59 BST");
  EXPECT_EQ(story.Case().answers().sheets(0).measurement_id(),
            story.Case().measurements(0).measurement_id());
  EXPECT_EQ(story.Case().risk_flags(0).measurement_id(),
            story.Case().measurements(0).measurement_id());
}

TEST(Measures, ItemNineLeftBlankAsksToo) {
  Story story;
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(
      story.Act(&RecordMeasures,
                absl::StrCat("answers { ", Sheet("PHQ9", {0, 0, 0, 0, 0, 0, 0, 0, -1}, story.Now()),
                             "}")),
      IsOk());
  ASSERT_EQ(story.Case().risk_flags_size(), 1);
  EXPECT_EQ(story.Case().risk_flags(0).source(), v1::RISK_SOURCE_ITEM_9_BLANK);
}

TEST(Measures, AFormThatLayInThePostAsksForTheDayItIsTypedIn) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  story.At("2026-09-20T09:00");
  ASSERT_THAT(
      story.Act(&RecordMeasures,
                absl::StrCat("answers { ",
                             Sheet("PHQ9", {0, 0, 0, 0, 0, 0, 0, 0, 1}, "2026-09-15T20:00"), "}")),
      IsOk());
  EXPECT_EQ(story.Due("risk_contact#1"), "2026-09-20 23:59:59 BST");
  // A conversation since the form was filled in answers it.
  ASSERT_THAT(story.Act(&RecordRiskConversation, Talked(1, "2026-09-16T10:00")), IsOk());
  EXPECT_EQ(story.Status("risk_contact#1"), "DONE");
}

TEST(Measures, AreRefusedUnlessTheyAreTheFormsOwn) {
  Story story;
  ASSERT_THAT(story.Refer(), IsOk());
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS");
  for (const std::string& sheet :
       {Sheet("PHQ9", {0, 0, 0, 0, 0, 0, 0, 0}, story.Now()),
        Sheet("PHQ9", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, story.Now()),
        Sheet("PHQ9", {0, 0, 0, 0, 4, 0, 0, 0, 0}, story.Now()),
        Sheet("PHQ9", {0, 0, 0, 0, -2, 0, 0, 0, 0}, story.Now()),
        Sheet("TSQ", {2, 0, 0, 0, 0, 0, 0, 0, 0, 0}, story.Now()),
        Sheet("GAD7", {0, 0, 0, 0, 0, 0, 0}, "2030-01-01T00:00"), std::string()}) {
    EXPECT_THAT(story.Act(&RecordMeasures, absl::StrCat("answers { ", sheet, " }")), refused)
        << sheet;
  }
}

TEST(Measures, AFormTooSoonAfterTheEventIsKeptAndNotRead) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  story.At("2026-10-01T09:00");
  ASSERT_THAT(
      story.Act(&RecordMeasures,
                absl::StrCat("answers { ", Sheet("TSQ", AnswersOf(10, 1, 8), story.Now()), "}")),
      IsOk());
  EXPECT_EQ(story.Case().measurements(0).validity(), v1::VALIDITY_TOO_EARLY);
  EXPECT_EQ(story.Case().measurements(0).total(), 8);
  EXPECT_EQ(story.Case().measurements(0).screen(), v1::SCREEN_UNSPECIFIED);
  EXPECT_NE(story.Status("tsq_screen#1"), "DONE");
  // The event was a week earlier: now the form can be read.
  ASSERT_THAT(story.Act(&CorrectIncident,
                        "incident_number: 1 reason: 'wrong week' incident { occurred_time { civil: "
                        "'2026-09-07T02:15' } kind: INCIDENT_KIND_FATAL_COLLISION }"),
              IsOk());
  EXPECT_EQ(story.Case().measurements(0).validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(story.Case().measurements(0).screen(), v1::SCREEN_POSITIVE);
  EXPECT_EQ(story.Status("tsq_screen#1"), "DONE");
}

TEST(Measures, AnUrgentAppointmentFollowsFromWhatTheyShow) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  EXPECT_FALSE(story.Plans("urgent_appointment"));
  story.At("2026-09-15T09:00");
  ASSERT_THAT(story.Measure(20, 5), IsOk());
  EXPECT_EQ(story.Due("urgent_appointment"), "2026-09-18 23:59:59 BST");
  EXPECT_EQ(story.Status("first_appointment"), "SUPERSEDED");
  EXPECT_EQ(story.Status("baseline_measures"), "DONE");
  ASSERT_THAT(story.Act(&RecordContact, Met("APPOINTMENT", "2026-09-15T08:30")), IsOk());
  EXPECT_EQ(story.Status("urgent_appointment"), "DONE");
}

TEST(Measures, AFormOfSomebodyElseIsWithdrawnAndReadNoMore) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Measure(27, 21), IsOk());
  ASSERT_EQ(story.Case().risk_flags_size(), 1);
  EXPECT_TRUE(story.Plans("urgent_appointment"));
  const std::string id = story.Case().measurements(0).measurement_id();
  EXPECT_THAT(story.Act(&WithdrawMeasure, absl::StrCat("measurement_id: '", id, "'")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(story.Act(&WithdrawMeasure, "measurement_id: 'x' reason: 'not theirs'"),
              StatusIs(absl::StatusCode::kNotFound, "MEASUREMENT_NOT_FOUND"));
  const std::string withdraw =
      absl::StrCat("measurement_id: '", id, "' reason: 'the form of another officer'");
  ASSERT_THAT(story.Act(&WithdrawMeasure, withdraw), IsOk());
  const v1::Measurement& withdrawn = story.Case().measurements(0);
  EXPECT_EQ(withdrawn.validity(), v1::VALIDITY_WITHDRAWN);
  EXPECT_FALSE(withdrawn.has_total());
  EXPECT_EQ(withdrawn.severity(), v1::SEVERITY_UNSPECIFIED);
  EXPECT_EQ(story.Status("urgent_appointment"), "SUPERSEDED");
  EXPECT_EQ(story.Status("first_appointment"), "OPEN");
  // The next form is the first that counts, and the flag is for a person to end.
  ASSERT_THAT(story.Measure(9, 7), IsOk());
  EXPECT_FALSE(story.Case().measurements(2).has_change_from_first());
  EXPECT_EQ(story.Status("risk_contact#1"), "OPEN");
  EXPECT_THAT(story.Act(&WithdrawMeasure, withdraw),
              StatusIs(absl::StatusCode::kFailedPrecondition, "MEASUREMENT_WITHDRAWN"));
}

TEST(Risk, IsAnsweredOnlyByReachingThem) {
  Story story;
  story.At("2026-09-14T14:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Act(&RaiseRiskFlag, "concern: 'spoke of not being here'"), IsOk());
  story.At("2026-09-14T14:30");
  ASSERT_THAT(story.Act(&RecordRiskConversation,
                        "flag_number: 1 conversation { held_time { civil: '2026-09-14T14:25' } }"),
              IsOk());
  EXPECT_EQ(story.Status("risk_contact#1"), "OPEN");
  EXPECT_THAT(story.Act(&RecordRiskConversation, Talked(1, "2026-09-14T14:29", "UNKNOWN")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(story.Act(&RecordRiskConversation, Talked(1, "2026-09-13T14:29")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(story.Act(&RecordRiskConversation, Talked(2, "2026-09-14T14:29")),
              StatusIs(absl::StatusCode::kNotFound, "FLAG_NOT_FOUND"));
  ASSERT_THAT(story.Act(&RecordRiskConversation, Talked(1, "2026-09-14T14:29")), IsOk());
  EXPECT_EQ(story.Status("risk_contact#1"), "DONE");
  EXPECT_FALSE(story.Plans("firearms_suspension#1"));
}

TEST(Risk, OneConversationAnswersEveryFlagRaisedBeforeIt) {
  Story story;
  story.At("2026-09-14T14:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Act(&RaiseRiskFlag, "concern: 'one'"), IsOk());
  story.At("2026-09-14T15:00");
  ASSERT_THAT(story.Act(&RaiseRiskFlag, "concern: 'two'"), IsOk());
  story.At("2026-09-14T16:00");
  ASSERT_THAT(story.Act(&RecordRiskConversation, Talked(1, "2026-09-14T14:30")), IsOk());
  EXPECT_EQ(story.Status("risk_contact#1"), "DONE");
  EXPECT_EQ(story.Status("risk_contact#2"), "OPEN");
  ASSERT_THAT(story.Act(&RecordRiskConversation, Talked(1, "2026-09-14T15:30")), IsOk());
  EXPECT_EQ(story.Status("risk_contact#2"), "DONE");
}

TEST(Risk, ActiveIntentAsksForTheFirearmsAuthorityWithinTheHour) {
  Story story;
  story.At("2026-09-14T14:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Act(&RaiseRiskFlag, "concern: 'has a plan'"), IsOk());
  ASSERT_THAT(story.Act(&RecordRiskConversation, Talked(1, "2026-09-14T14:00", "YES")), IsOk());
  EXPECT_EQ(story.Due("firearms_suspension#1"), "2026-09-14 15:00 BST");
  EXPECT_THAT(story.Act(&RecordSafetyPlan, PlanOf("2026-09-14T14:00", "UNCHANGED")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  story.At("2026-09-14T14:20");
  ASSERT_THAT(
      story.Act(&RecordFirearmsRequest, "flag_number: 1 asked_time { civil: '2026-09-14T14:15' }"),
      IsOk());
  EXPECT_EQ(story.Status("firearms_suspension#1"), "DONE");
  ASSERT_THAT(story.Act(&RecordSafetyPlan, PlanOf("2026-09-14T14:20", "SUSPENSION_ASKED")), IsOk());
  EXPECT_EQ(story.Status("safety_plan#1"), "DONE");
}

TEST(Risk, ASafetyPlanIsWholeAndReviewedWithinAWeekAndAtEachContact) {
  Story story;
  story.At("2026-09-14T14:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Act(&RaiseRiskFlag, "concern: 'low'"), IsOk());
  EXPECT_EQ(story.Due("safety_plan#1"), "2026-09-14 23:59:59 BST");
  EXPECT_THAT(story.Act(&RecordSafetyPlanReview, "reviewed_time { civil: '2026-09-14T14:00' }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NO_SAFETY_PLAN"));
  EXPECT_THAT(story.Act(&RecordSafetyPlan, "plan { agreed_time { civil: '2026-09-14T14:00' } }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(story.Act(&RecordSafetyPlan, PlanOf("2026-09-14T14:00")), IsOk());
  EXPECT_EQ(story.Due("safety_plan_review#1"), "2026-09-21 23:59:59 BST");
  story.At("2026-09-18T10:00");
  EXPECT_THAT(story.Act(&RecordContact, Met("APPOINTMENT", "2026-09-18T09:30")),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(story.Act(&RecordContact,
                        Met("APPOINTMENT", "2026-09-18T09:30", "safety_plan_reviewed: ANSWER_YES")),
              IsOk());
  EXPECT_EQ(story.Status("safety_plan_review#1"), "DONE");
  // A plan agreed anew is reviewed within a week again.
  ASSERT_THAT(story.Act(&RecordSafetyPlan, PlanOf("2026-09-18T10:00")), IsOk());
  EXPECT_EQ(story.Due("safety_plan_review#2"), "2026-09-25 23:59:59 BST");
}

TEST(TrimPath, DifficultiesThatPersistAreReferred) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  story.At("2026-09-15T09:00");
  EXPECT_THAT(story.Act(&RecordTrim, TrimAssessed("INDIVIDUAL", "2026-09-15T08:00", 6)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "TRIM_NOT_OFFERED"));
  ASSERT_THAT(story.Act(&RecordTrim, Trim("offered_time", "2026-09-15T08:00")), IsOk());
  EXPECT_THAT(story.Act(&RecordTrim, TrimAssessed("INDIVIDUAL", "2026-09-15T08:00", 6)),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  story.At("2026-09-18T09:00");
  ASSERT_THAT(story.Act(&RecordTrim, TrimAssessed("INDIVIDUAL", "2026-09-18T08:00", 6)), IsOk());
  story.At("2026-10-13T09:00");
  ASSERT_THAT(story.Act(&RecordTrim, TrimAssessed("ONE_MONTH", "2026-10-13T09:00", 7)), IsOk());
  EXPECT_EQ(story.Status("trim_one_month#1"), "DONE");
  EXPECT_EQ(story.Due("trim_referral#1"), "2026-10-15 23:59:59 BST");
  ASSERT_THAT(story.Act(&RecordTrim, Trim("referred_time", "2026-10-13T09:00")), IsOk());
  EXPECT_EQ(story.Status("trim_referral#1"), "DONE");
}

TEST(TrimPath, WhoDeclinesIsNotChasedAndMayThinkAgain) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  story.At("2026-09-16T09:00");
  ASSERT_THAT(story.Act(&RecordTrim, Trim("offered_time", "2026-09-16T08:00")), IsOk());
  ASSERT_THAT(story.Act(&RecordTrim, Trim("declined_time", "2026-09-16T08:10")), IsOk());
  EXPECT_EQ(story.Status("trim_offer#1"), "DONE");
  EXPECT_EQ(story.Status("trim_assessment#1"), "DECLINED");
  EXPECT_EQ(story.Status("trim_three_months#1"), "DECLINED");
  EXPECT_THAT(story.Act(&RecordTrim, TrimAssessed("INDIVIDUAL", "2026-09-16T09:00", 2)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "TRIM_DECLINED"));
  story.At("2026-09-18T09:00");
  ASSERT_THAT(story.Act(&RecordTrim, Trim("offered_time", "2026-09-18T08:00")), IsOk());
  EXPECT_EQ(story.Status("trim_assessment#1"), "OPEN");
}

TEST(TrimPath, DecompressionIsGivenOrDeclined) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  EXPECT_EQ(story.Due("decompression#1"), "2026-09-15 02:15 BST");
  EXPECT_THAT(story.Act(&RecordDecompression,
                        "incident_number: 1 decompression { decided_time { civil: "
                        "'2026-09-14T08:00' } minutes: 5 }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(story.Act(&RecordDecompression,
                        "incident_number: 1 decompression { decided_time { civil: "
                        "'2026-09-14T08:00' } minutes: 240 }"),
              IsOk());
  EXPECT_EQ(story.Status("decompression#1"), "DONE");
  EXPECT_THAT(story.Act(&RecordDecompression, "incident_number: 2"),
              StatusIs(absl::StatusCode::kNotFound, "INCIDENT_NOT_FOUND"));
}

TEST(Incident, AnotherOneGetsItsOwnLineAndMovesNothingOfTheFirst) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  const std::string due = story.Due("trim_assessment#1");
  story.At("2026-09-20T12:00");
  ASSERT_THAT(story.Act(&AddIncident,
                        "incident { occurred_time { civil: '2026-09-19T23:00' } kind: "
                        "INCIDENT_KIND_ASSAULT_ON_OFFICER }"),
              IsOk());
  EXPECT_EQ(story.Due("trim_assessment#1"), due);
  EXPECT_EQ(casework::FindStep(story.plan(), "trim_assessment#1")->revision(), 1);
  EXPECT_EQ(story.Due("trim_offer#2"), "2026-09-22 23:00 BST");
  // One known from before asks for nothing.
  ASSERT_THAT(story.Act(&AddIncident,
                        "incident { occurred_time { civil: '2019-05-19T23:00' } kind: "
                        "INCIDENT_KIND_SUICIDE handling: INCIDENT_HANDLING_HISTORY }"),
              IsOk());
  EXPECT_FALSE(story.Plans("trim_offer#3"));

  v1::GetCareerExposureResponse career;
  FillCareerExposure({story.Case(), story.Case()}, {}, career);
  EXPECT_EQ(career.events(), 3);
  EXPECT_EQ(career.events_in_latest_year(), 2);
  ASSERT_EQ(career.by_year_size(), 2);
  EXPECT_EQ(career.by_year(0).year(), 2019);
  EXPECT_EQ(career.by_year(1).events(), 2);
}

TEST(Treatment, EndsAreMeasuredAndMedicinesReviewed) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Measure(15, 12), IsOk());
  ASSERT_THAT(story.Act(&OfferTreatment,
                        "treatment { kind: TREATMENT_KIND_CBT offered_time { civil: "
                        "'2026-09-14T09:00' } }"),
              IsOk());
  EXPECT_THAT(
      story.Act(&RecordTreatment, "treatment_number: 1 session_time { civil: '2026-09-14T09:00' }"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "TREATMENT_NOT_STARTED"));
  EXPECT_THAT(story.Act(&RecordTreatment, "treatment_number: 2"),
              StatusIs(absl::StatusCode::kNotFound, "TREATMENT_NOT_FOUND"));
  ASSERT_THAT(
      story.Act(&RecordTreatment, "treatment_number: 1 started_time { civil: '2026-09-14T09:00' }"),
      IsOk());
  EXPECT_EQ(story.Due("treatment_review"), "2026-10-26 23:59:59 GMT");
  // The baseline is no review.
  EXPECT_EQ(story.Status("treatment_review"), "UPCOMING");
  story.At("2026-10-20T09:00");
  ASSERT_THAT(story.Measure(9, 7), IsOk());
  EXPECT_EQ(story.Status("treatment_review"), "DONE");
  story.At("2026-12-01T09:00");
  ASSERT_THAT(story.Act(&RecordTreatment,
                        "treatment_number: 1 ended { ended_time { civil: '2026-12-01T09:00' } "
                        "ending: TREATMENT_ENDING_COMPLETED }"),
              IsOk());
  EXPECT_EQ(story.Due("closing_measures"), "2026-12-15 23:59:59 GMT");
  EXPECT_THAT(
      story.Act(&RecordTreatment, "treatment_number: 1 session_time { civil: '2026-12-01T09:00' }"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "TREATMENT_ENDED"));

  ASSERT_THAT(story.Act(&OfferTreatment,
                        "treatment { kind: TREATMENT_KIND_ANTIDEPRESSANT preferred: ANSWER_YES "
                        "offered_time { civil: '2026-12-01T09:00' } }"),
              IsOk());
  ASSERT_THAT(
      story.Act(&RecordTreatment, "treatment_number: 2 started_time { civil: '2026-12-01T09:00' }"),
      IsOk());
  EXPECT_EQ(story.Due("medication_review#2.1"), "2026-12-29 23:59:59 GMT");
  story.At("2026-12-20T09:00");
  ASSERT_THAT(story.Act(&RecordContact, Met("MEDICATION_REVIEW", "2026-12-20T09:00")), IsOk());
  EXPECT_EQ(story.Status("medication_review#2.1"), "DONE");
  EXPECT_EQ(story.Due("medication_review#2.2"), "2027-01-17 23:59:59 GMT");

  v1::GetScoreTrendResponse trend;
  FillScoreTrend({story.Case()}, {}, trend);
  ASSERT_EQ(trend.lines_size(), 2);
  EXPECT_EQ(trend.lines(0).instrument(), v1::INSTRUMENT_PHQ9);
  EXPECT_EQ(trend.lines(0).measurements_size(), 2);
  EXPECT_EQ(trend.lines(0).change(), v1::CHANGE_RELIABLE_IMPROVEMENT);
}

TEST(Assessment, StandsBesideWhatSteppedCareSuggests) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Measure(15, 5), IsOk());
  ASSERT_THAT(story.Act(&RecordClinicalAssessment,
                        "assessment { assessed_time { civil: '2026-09-14T09:00' } urgency: "
                        "URGENCY_ROUTINE symptoms: SYMPTOMS_OTHER decided_step: CARE_STEP_2 }"),
              IsOk());
  EXPECT_EQ(story.Case().assessments(0).suggested_step(), v1::CARE_STEP_3);
  EXPECT_EQ(story.Case().assessments(0).decided_step(), v1::CARE_STEP_2);
  EXPECT_EQ(story.Status("triage"), "DONE");
}

TEST(Onward, AnsweredEndedAndCountedFromTheReferral) {
  Story story;
  story.In(casework::v1::JURISDICTION_WALES).At("2026-09-14T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Act(&ReferOnward,
                        "referral { service: ONWARD_SERVICE_PRIMARY referred_time { "
                        "civil: '2026-09-14T09:00' } }"),
              IsOk());
  ASSERT_THAT(story.Act(&ReferOnward,
                        "referral { service: ONWARD_SERVICE_CRISIS_VERY_URGENT referred_time { "
                        "civil: '2026-09-14T09:00' } }"),
              IsOk());
  EXPECT_EQ(story.Due("crisis_4_hours#2"), "2026-09-14 13:00 BST");
  story.At("2026-10-01T09:00");
  ASSERT_THAT(
      story.Act(&RecordOnwardCare, "referral_number: 1 seen_time { civil: '2026-10-01T09:00' }"),
      IsOk());
  EXPECT_EQ(story.Status("wales_assessment_28_days#1"), "DONE");
  EXPECT_EQ(story.Due("wales_intervention_28_days#1"), "2026-10-29 23:59:59 GMT");
  ASSERT_THAT(story.Act(&RecordOnwardCare,
                        "referral_number: 2 ended { ended_time { civil: '2026-09-14T10:00' } "
                        "reason: 'taken to the department instead' }"),
              IsOk());
  EXPECT_EQ(story.Status("crisis_4_hours#2"), "DECLINED");
  EXPECT_THAT(story.Act(&RecordOnwardCare, "referral_number: 3"),
              StatusIs(absl::StatusCode::kNotFound, "ONWARD_REFERRAL_NOT_FOUND"));
}

TEST(Work, WhoIsOffDutyIsSeenEveryFourWeeks) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.Refer(), IsOk());
  ASSERT_THAT(story.Act(&RecordOffDuty, "off_time { civil: '2026-09-14T09:00' }"), IsOk());
  EXPECT_THAT(story.Act(&RecordOffDuty, "off_time { civil: '2026-09-14T09:00' }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ALREADY_OFF_DUTY"));
  EXPECT_EQ(story.Due("off_duty_review#1.1"), "2026-10-12 23:59:59 BST");
  story.At("2026-10-10T09:00");
  ASSERT_THAT(story.Act(&RecordContact, Met("OFF_DUTY_REVIEW", "2026-10-10T09:00")), IsOk());
  EXPECT_EQ(story.Status("off_duty_review#1.1"), "DONE");
  EXPECT_EQ(story.Due("off_duty_review#1.2"), "2026-11-07 23:59:59 GMT");
  story.At("2026-10-20T09:00");
  ASSERT_THAT(story.Act(&RecordOffDuty, "back_time { civil: '2026-10-20T08:00' }"), IsOk());
  EXPECT_EQ(story.Status("off_duty_review#1.2"), "SUPERSEDED");
  EXPECT_THAT(story.Act(&RecordOffDuty, "back_time { civil: '2026-10-20T08:00' }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_OFF_DUTY"));
}

v1::OpenSurveillanceRequest Watched(const std::string& more) {
  auto request = ParseProto<v1::OpenSurveillanceRequest>(
      absl::StrCat("jurisdiction: JURISDICTION_ENGLAND surveillance { from_time { civil: "
                   "'2026-02-28T09:00' } ",
                   more, " }"));
  request.set_subject_id(testing::kOfficer);
  return request;
}

TEST(Surveillance, IsAnnualAndEachRoundCountsFromTheLast) {
  Story story;
  story.At("2026-03-01T09:00");
  ASSERT_THAT(story.Open(&OpenSurveillance, Watched("roles: HIGH_RISK_ROLE_FIREARMS frequency: "
                                                    "SURVEILLANCE_FREQUENCY_ANNUAL")),
              IsOk());
  EXPECT_TRUE(story.Case().header().hidden_from_managers());
  EXPECT_EQ(story.Opens("surveillance_annual#1"), "2027-01-28 00:00 GMT");
  EXPECT_EQ(story.Due("surveillance_annual#1"), "2027-02-28 23:59:59 GMT");
  story.At("2027-02-10T09:00");
  ASSERT_THAT(story.Act(&RecordSurveillanceRound,
                        "round { held_time { civil: '2027-02-10T09:00' } interview_held: ANSWER_NO "
                        "result: ROUND_RESULT_NO_CONCERN }"),
              IsOk());
  EXPECT_EQ(story.Status("surveillance_annual#1"), "DONE");
  EXPECT_EQ(story.Due("surveillance_annual#2"), "2028-02-10 23:59:59 GMT");
  ASSERT_THAT(story.Act(&EndSurveillance, "left_role_time { civil: '2027-02-10T09:00' }"), IsOk());
  EXPECT_EQ(story.Status("surveillance_annual#2"), "SUPERSEDED");
  EXPECT_THAT(story.Act(&EndSurveillance, "left_role_time { civil: '2027-02-10T09:00' }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_UNDER_SURVEILLANCE"));
}

TEST(Surveillance, OfTheHighestRiskIsSixMonthlyWithAnInterview) {
  Story story;
  story.At("2026-03-01T09:00");
  ASSERT_THAT(story.Open(&OpenSurveillance,
                         Watched("roles: HIGH_RISK_ROLE_POLIT_OR_ICAT frequency: "
                                 "SURVEILLANCE_FREQUENCY_SIX_MONTHLY new_entrant: ANSWER_YES")),
              IsOk());
  EXPECT_EQ(story.Due("pre_role_screening"), "2026-03-13 23:59:59 GMT");
  EXPECT_EQ(story.Due("surveillance_six_monthly#1"), "2026-08-28 23:59:59 BST");
  EXPECT_THAT(story.Act(&RecordSurveillanceRound,
                        "round { held_time { civil: '2026-03-01T09:00' } interview_held: ANSWER_NO "
                        "result: ROUND_RESULT_NO_CONCERN }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(story.Act(&RecordSurveillanceRound,
                        "round { held_time { civil: '2026-03-01T09:00' } interview_held: "
                        "ANSWER_YES result: ROUND_RESULT_NO_CONCERN }"),
              IsOk());
  // The screening of a new entrant is not yet a round.
  EXPECT_EQ(story.Status("pre_role_screening"), "DONE");
  EXPECT_EQ(story.Due("surveillance_six_monthly#1"), "2026-09-01 23:59:59 BST");
}

TEST(Postvention, SupportsACohortWithoutNamingWhoDied) {
  Story story;
  story.At("2026-09-14T09:00");
  const auto request = ParseProto<v1::OpenPostventionRequest>(
      "jurisdiction: JURISDICTION_ENGLAND learned_time { civil: '2026-09-14T06:00' } people { "
      "subject_id: '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101' affected_as: BEREAVED_AS_TEAM } people { "
      "affected_as: BEREAVED_AS_FAMILY }");
  ASSERT_THAT(story.Open(&OpenPostvention, request), IsOk());
  ASSERT_EQ(story.cases().size(), 2u);
  EXPECT_TRUE(story.Case(0).header().hidden_from_managers());
  EXPECT_EQ(story.Case(0).bereavement().cohort_id(), story.Case(1).bereavement().cohort_id());
  EXPECT_EQ(story.Case(1).header().subject_kind(), casework::v1::SUBJECT_KIND_THIRD_PARTY);
  EXPECT_EQ(story.Case(1).header().subject_id(), "");
  EXPECT_EQ(story.Due("postvention_contact"), "2026-09-15 06:00 BST");
  EXPECT_EQ(story.Due("counselling_offer"), "2026-09-17 06:00 BST");
  EXPECT_EQ(story.Due("postvention_anniversary"), "2027-09-14 23:59:59 BST");
  story.At("2026-09-21T09:00");
  ASSERT_THAT(story.Act(&RecordContact, Met("POSTVENTION", "2026-09-14T20:00")), IsOk());
  EXPECT_EQ(story.Status("postvention_contact"), "DONE");
  EXPECT_EQ(story.Status("postvention_1_week"), "OPEN");
  ASSERT_THAT(story.Act(&RecordContact, Met("POSTVENTION", "2026-09-21T09:00")), IsOk());
  EXPECT_EQ(story.Status("postvention_1_week"), "DONE");
  EXPECT_EQ(story.Status("postvention_1_month"), "UPCOMING");
}

// Steps that nothing has ended.
std::vector<std::string> OpenSteps(const Story& story) {
  std::vector<std::string> open;
  for (const casework::v1::Step& step : story.plan().steps()) {
    if (casework::IsOpen(step)) open.push_back(step.key());
  }
  return open;
}

TEST(Endings, ConsentWithdrawnEndsCareAndNothingThatKeepsSomebodySafe) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  ASSERT_THAT(story.Act(&RaiseRiskFlag, "concern: 'low'"), IsOk());
  ASSERT_THAT(story.Act(&RecordSafetyPlan, PlanOf("2026-09-14T09:00")), IsOk());
  ASSERT_THAT(story.Act(&WithdrawConsent,
                        "withdrawn_time { civil: '2026-09-14T09:00' } reason: 'no more, thanks'"),
              IsOk());
  EXPECT_THAT(OpenSteps(story), ElementsAre("risk_contact#1", "safety_plan_review#1"));
  EXPECT_EQ(story.Status("trim_assessment#1"), "DECLINED");
  EXPECT_EQ(story.Status("safety_plan#1"), "DONE");
  EXPECT_THAT(
      story.Act(&WithdrawConsent, "withdrawn_time { civil: '2026-09-14T09:00' } reason: 'again'"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "CONSENT_ALREADY_WITHDRAWN"));
}

TEST(Endings, DeathEndsEveryOpenStepAndKeepsWhatWasDone) {
  Story story;
  story.At("2026-09-14T09:00");
  ASSERT_THAT(story.LogIncident("2026-09-14T02:15"), IsOk());
  ASSERT_THAT(story.Act(&RecordTrim, Trim("offered_time", "2026-09-14T08:00")), IsOk());
  ASSERT_THAT(story.Act(&RaiseRiskFlag, "concern: 'low'"), IsOk());
  story.At("2026-09-15T09:00");
  ASSERT_THAT(story.Act(&RecordDeath, "died_time { civil: '2026-09-15T03:00' }"), IsOk());
  EXPECT_THAT(OpenSteps(story), ElementsAre());
  EXPECT_EQ(story.Status("trim_offer#1"), "DONE");
  EXPECT_EQ(story.Status("risk_contact#1"), "WAIVED");
  EXPECT_THAT(casework::BlockingSteps(story.plan()), ElementsAre());
  EXPECT_THAT(story.Act(&RecordDeath, "died_time { civil: '2026-09-15T03:00' }"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DEATH_ALREADY_RECORDED"));
  // A form that comes in late pages nobody any more.
  EXPECT_THAT(story.Measure(9, 9), StatusIs(absl::StatusCode::kFailedPrecondition, "PERSON_DIED"));
}

}  // namespace
}  // namespace waymark::mental_health
