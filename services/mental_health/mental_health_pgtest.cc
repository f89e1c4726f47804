#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "services/casework/conformance.h"
#include "services/mental_health/career_exposure.h"
#include "services/mental_health/facts.h"
#include "services/mental_health/log_traumatic_incident.h"
#include "services/mental_health/open_referral.h"
#include "services/mental_health/record_contact.h"
#include "services/mental_health/record_measures.h"
#include "services/mental_health/self_refer.h"
#include "services/mental_health/testing/story.h"

namespace waymark::mental_health {
namespace {

std::string LocalText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, civil::London());
}

// What the conformance suite needs to know of a pathway. Opens by the incident: the opening for
// several.
struct MentalHealthPathway {
  using Case = v1::MentalHealthCase;
  using OpenRequest = v1::LogTraumaticIncidentRequest;
  using OpenResponse = v1::LogTraumaticIncidentResponse;
  using ChangeRequest = v1::RecordContactRequest;
  using ChangeResponse = v1::RecordContactResponse;
  using WaiveRequest = v1::WaiveStepRequest;
  using WaiveResponse = v1::WaiveStepResponse;
  using AssignRequest = v1::AssignCaseRequest;
  using AssignResponse = v1::AssignCaseResponse;
  using CloseRequest = v1::CloseCaseRequest;
  using CloseResponse = v1::CloseCaseResponse;
  using ReopenRequest = v1::ReopenCaseRequest;
  using ReopenResponse = v1::ReopenCaseResponse;
  using AdoptRequest = v1::AdoptProtocolRequest;
  using AdoptResponse = v1::AdoptProtocolResponse;
  using GetRequest = v1::GetCaseRequest;
  using GetResponse = v1::GetCaseResponse;
  using GetApartRequest = v1::GetCaseRequest;
  using GetApartResponse = v1::GetCaseResponse;
  using ListRequest = v1::ListCasesRequest;
  using ListResponse = v1::ListCasesResponse;
  using EventsRequest = v1::ListCaseEventsRequest;
  using EventsResponse = v1::ListCaseEventsResponse;

  static constexpr char kPathway[] = "mental_health";
  static constexpr char kService[] = "waymark.mental_health.v1.MentalHealthService";
  static constexpr char kOpenMethod[] = "LogTraumaticIncident";
  static constexpr char kChangeMethod[] = "RecordContact";
  static constexpr char kGetApartMethod[] = "";
  static constexpr char kMarker[] = "mental-health-clinical-marker";
  // An event brings no form: what is held apart is tested below, on a referral.
  static constexpr char kApartMarker[] = "";

  static casework::v1::Protocol Protocol() { return testing::Protocol(); }
  static casework::Facts FactsOf(const Case& record, const casework::v1::Protocol& protocol) {
    return mental_health::FactsOf(record, protocol);
  }

  static OpenRequest Opening(const std::vector<std::string>& subjects, absl::Time now) {
    OpenRequest request;
    request.set_jurisdiction(casework::v1::JURISDICTION_WALES);
    v1::Incident& incident = *request.mutable_incident();
    incident.mutable_occurred_time()->set_civil(LocalText(now - absl::Minutes(10)));
    incident.set_kind(v1::INCIDENT_KIND_FATAL_COLLISION);
    incident.set_description(kMarker);
    for (const std::string& subject : subjects) request.add_people()->set_subject_id(subject);
    return request;
  }

  static MentalHealthChange Open(const OpenRequest& request, const casework::Call& call) {
    return LogTraumaticIncident(request, call);
  }
  static void Answer(const std::vector<Case>& opened, const OpenRequest& request,
                     OpenResponse& response) {
    FillReceipts(opened, request, response);
  }

  static ChangeRequest Changing(const std::string& case_id, absl::Time now) {
    ChangeRequest request;
    request.set_case_id(case_id);
    v1::Contact& contact = *request.mutable_contact();
    contact.set_kind(v1::CONTACT_KIND_APPOINTMENT);
    contact.set_result(v1::CONTACT_RESULT_HELD);
    contact.mutable_contacted_time()->set_civil(LocalText(now));
    return request;
  }
  static MentalHealthChange Apply(const Case& before, const ChangeRequest& request,
                                  const casework::Call& call) {
    return RecordContact(before, request, call);
  }
};

constexpr char kRemark[] = "what-the-officer-wrote-beside-it";

class MentalHealthPgTest : public casework::CaseLifecycle<MentalHealthPathway> {
 protected:
  // An officer's own PHQ-9, item 9 answered with 1, and what they wrote beside it.
  v1::AnswerSheets Sheets() {
    v1::AnswerSheets sheets;
    v1::AnswerSheet& sheet = *sheets.add_sheets();
    sheet.set_instrument(v1::INSTRUMENT_PHQ9);
    sheet.mutable_completed_time()->set_civil(LocalText(now_));
    for (const int answer : {1, 1, 0, 0, 0, 0, 0, 0, 1}) sheet.add_answers(answer);
    sheet.set_remark(kRemark);
    return sheets;
  }

  absl::StatusOr<v1::SelfReferResponse> SelfReferAs(const std::string& subject_id) {
    const rpc::Call call = CallOf("SelfRefer", {options::v1::ROLE_OFFICER}, "demo", subject_id);
    v1::SelfReferRequest request;
    request.set_request_id(call.request_id);
    request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
    *request.mutable_answers() = Sheets();
    v1::SelfReferResponse response;
    const absl::Status done =
        cases_->RunOpen(call, request, &response, &SelfRefer,
                        &FillReceipts<v1::SelfReferRequest, v1::SelfReferResponse>);
    if (!done.ok()) return done;
    return response;
  }

  absl::StatusOr<v1::OpenReferralResponse> ReferAs(options::v1::Role role,
                                                   const std::string& subject_id) {
    const rpc::Call call = CallOf("OpenReferral", {role});
    v1::OpenReferralRequest request;
    request.set_request_id(call.request_id);
    request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
    request.set_origin(v1::ORIGIN_MANAGEMENT);
    request.set_subject_id(subject_id);
    request.mutable_referral()->set_agreed(v1::ANSWER_YES);
    v1::OpenReferralResponse response;
    const absl::Status done =
        cases_->RunOpen(call, request, &response, &OpenReferral,
                        &FillReceipts<v1::OpenReferralRequest, v1::OpenReferralResponse>);
    if (!done.ok()) return done;
    return response;
  }

  // A call as it would come if a method were ever opened to that role.
  rpc::Call AsIfGranted(const std::string& method, options::v1::Role role) {
    rpc::Call call = CallOf(method);
    call.caller.roles = {role};
    call.granted.grants.clear();
    options::v1::Grant grant;
    grant.add_roles(role);
    grant.set_relation(options::v1::RELATION_SAME_FORCE);
    call.granted.grants.push_back(grant);
    return call;
  }
};

TEST_F(MentalHealthPgTest, ASelfReferralIsThereForTheOfficerAndTheirNurseAndForNoManager) {
  const std::string officer = ids::NewUuid();
  const auto referred = SelfReferAs(officer);
  ASSERT_THAT(referred, ::waymark::testing::IsOk());
  ASSERT_EQ(referred->cases_size(), 1);
  const std::string case_id = referred->cases(0).header().case_id();
  EXPECT_TRUE(referred->cases(0).header().hidden_from_managers());
  EXPECT_THAT(Get(CallOf("GetCase", {options::v1::ROLE_OFFICER}, "demo", officer), case_id),
              ::waymark::testing::IsOk());
  EXPECT_THAT(Get(case_id), ::waymark::testing::IsOk());

  for (const options::v1::Role role :
       {options::v1::ROLE_LINE_MANAGER, options::v1::ROLE_HR_INTEGRATION,
        options::v1::ROLE_SUPERVISOR_REPORTER}) {
    // No method lets them in...
    for (const char* method : {"GetCase", "ListCases", "ListCaseEvents", "GetAnswers",
                               "GetCareerExposure", "GetScoreTrend"}) {
      const rpc::Call call = CallOf(method);
      EXPECT_FALSE(access::Authorise(*call.rule,
                                     {.user_id = "user-2", .tenant = "demo", .roles = {role}},
                                     "gateway")
                       .ok())
          << method;
    }
    // ...and if one ever did, the case would not exist for them.
    EXPECT_THAT(Get(AsIfGranted("GetCase", role), case_id),
                ::waymark::testing::StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"))
        << options::v1::Role_Name(role);
  }
}

TEST_F(MentalHealthPgTest, AManagersReferralSaysNothingOfWhatTheOfficerAskedForThemselves) {
  const std::string asked = ids::NewUuid();
  ASSERT_THAT(SelfReferAs(asked), ::waymark::testing::IsOk());
  const auto one = ReferAs(options::v1::ROLE_SUPERVISOR_REPORTER, asked);
  const auto other = ReferAs(options::v1::ROLE_SUPERVISOR_REPORTER, ids::NewUuid());
  ASSERT_THAT(one, ::waymark::testing::IsOk());
  ASSERT_THAT(other, ::waymark::testing::IsOk());
  EXPECT_EQ(one->cases_size(), 0);
  v1::CaseReceipt first = one->receipts(0);
  v1::CaseReceipt second = other->receipts(0);
  for (v1::CaseReceipt* receipt : {&first, &second}) {
    receipt->clear_case_id();
    receipt->clear_subject_id();
  }
  EXPECT_EQ(first.DebugString(), second.DebugString());
}

TEST_F(MentalHealthPgTest, TheAnswersAreApartFromTheCaseAndInNoHistory) {
  const std::string officer = ids::NewUuid();
  const auto referred = SelfReferAs(officer);
  ASSERT_THAT(referred, ::waymark::testing::IsOk());
  EXPECT_FALSE(absl::StrContains(referred->DebugString(), kRemark));
  const v1::MentalHealthCase& opened = referred->cases(0);
  const std::string case_id = opened.header().case_id();
  ASSERT_EQ(opened.measurements_size(), 1);
  EXPECT_EQ(opened.measurements(0).total(), 3);
  EXPECT_EQ(opened.risk_flags_size(), 1);

  const rpc::Call call = CallOf("RecordMeasures");
  v1::RecordMeasuresRequest more;
  more.set_request_id(call.request_id);
  more.set_case_id(case_id);
  *more.mutable_answers() = Sheets();
  v1::RecordMeasuresResponse changed;
  ASSERT_THAT(cases_->RunChange(call, more, &changed, &RecordMeasures), ::waymark::testing::IsOk());
  EXPECT_FALSE(absl::StrContains(changed.DebugString(), kRemark));
  EXPECT_EQ(changed.case_().measurements_size(), 2);

  v1::ListCaseEventsRequest list;
  list.set_case_id(case_id);
  v1::ListCaseEventsResponse events;
  ASSERT_THAT(cases_->RunListCaseEvents(CallOf("ListCaseEvents"), list, &events),
              ::waymark::testing::IsOk());
  ASSERT_EQ(events.events_size(), 2);
  v1::RecordMeasuresRequest recorded;
  ASSERT_TRUE(events.events(1).change().UnpackTo(&recorded));
  EXPECT_FALSE(recorded.has_answers());

  v1::GetAnswersRequest ask;
  ask.set_case_id(case_id);
  v1::GetAnswersResponse answers;
  ASSERT_THAT(cases_->RunGetHeldApart(CallOf("GetAnswers"), ask, &answers),
              ::waymark::testing::IsOk());
  ASSERT_EQ(answers.answers().sheets_size(), 2);
  EXPECT_EQ(answers.answers().sheets(0).remark(), kRemark);
  EXPECT_EQ(answers.answers().sheets(0).answers_size(), 9);
  EXPECT_EQ(
      Query(absl::StrCat("SELECT count(*) FROM case_part WHERE encode(body, 'escape') LIKE '%",
                         kRemark, "%'")),
      "0");
}

TEST_F(MentalHealthPgTest, CountsTheEventsOfACareerOverAllCasesOfTheOfficer) {
  const std::string officer = ids::NewUuid();
  std::string incident_id;
  for (int i = 0; i < 3; ++i) {
    const rpc::Call call = CallOf("LogTraumaticIncident");
    v1::LogTraumaticIncidentRequest request =
        MentalHealthPathway::Opening({officer, ids::NewUuid()}, now_ - absl::Hours(24 * i));
    // The third is the second again, by somebody who did not know.
    if (i == 2) request.set_incident_id(incident_id);
    const auto logged = Open(call, request);
    ASSERT_THAT(logged, ::waymark::testing::IsOk());
    incident_id = logged->receipts(0).incident_id();
  }
  v1::GetCareerExposureRequest ask;
  ask.set_subject_id(officer);
  v1::GetCareerExposureResponse career;
  ASSERT_THAT(
      cases_->RunReadSubject(CallOf("GetCareerExposure"), ask, &career, &FillCareerExposure),
      ::waymark::testing::IsOk());
  EXPECT_EQ(career.events(), 2);
  EXPECT_EQ(Audited().back().action(), audit::v1::ACTION_READ);
  // Somebody else's count holds none of it.
  ask.set_subject_id(ids::NewUuid());
  career.Clear();
  ASSERT_THAT(
      cases_->RunReadSubject(CallOf("GetCareerExposure"), ask, &career, &FillCareerExposure),
      ::waymark::testing::IsOk());
  EXPECT_EQ(career.events(), 0);
}

TEST_F(MentalHealthPgTest, WhatSchedulingIsToldOfAFlagPagesOnlyOccupationalHealth) {
  ASSERT_THAT(SelfReferAs(ids::NewUuid()), ::waymark::testing::IsOk());
  const auto plans = Told<scheduling::v1::Plan>("scheduling");
  ASSERT_EQ(plans.size(), 1u);
  bool found = false;
  for (const scheduling::v1::PlannedStep& step : plans[0].steps()) {
    for (const scheduling::v1::Rung& rung : step.rungs()) {
      EXPECT_TRUE(rung.audience() == options::v1::ROLE_OH_NURSE ||
                  rung.audience() == options::v1::ROLE_OH_LEAD ||
                  rung.audience() == options::v1::ROLE_OH_PHYSICIAN);
    }
    if (step.step_key() != "risk_contact#1") continue;
    found = true;
    ASSERT_GE(step.rungs_size(), 4);
    EXPECT_EQ(step.rungs(0).fire_time().seconds(), absl::ToUnixSeconds(now_));
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace waymark::mental_health

namespace waymark::casework {
INSTANTIATE_TYPED_TEST_SUITE_P(MentalHealth, CaseLifecycle, mental_health::MentalHealthPathway);
}
