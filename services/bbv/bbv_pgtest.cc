#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/civil/civil.h"
#include "services/bbv/facts.h"
#include "services/bbv/log_exposure.h"
#include "services/bbv/open_linked_case.h"
#include "services/bbv/receive_referral_outcome.h"
#include "services/bbv/record_counselling.h"
#include "services/bbv/record_source_result.h"
#include "services/bbv/testing/story.h"
#include "services/casework/conformance.h"

namespace waymark::bbv {
namespace {

std::string LocalText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, civil::London());
}

// What the conformance suite needs to know of a pathway.
struct BbvPathway {
  using Case = v1::BbvCase;
  using OpenRequest = v1::LogExposureRequest;
  using OpenResponse = v1::LogExposureResponse;
  using ChangeRequest = v1::RecordCounsellingRequest;
  using ChangeResponse = v1::RecordCounsellingResponse;
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
  using GetApartRequest = v1::GetSourceRequest;
  using GetApartResponse = v1::GetSourceResponse;
  using ListRequest = v1::ListCasesRequest;
  using ListResponse = v1::ListCasesResponse;
  using EventsRequest = v1::ListCaseEventsRequest;
  using EventsResponse = v1::ListCaseEventsResponse;

  static constexpr char kPathway[] = "bbv";
  static constexpr char kService[] = "waymark.bbv.v1.BbvService";
  static constexpr char kOpenMethod[] = "LogExposure";
  static constexpr char kChangeMethod[] = "RecordCounselling";
  static constexpr char kGetApartMethod[] = "GetSource";
  static constexpr char kMarker[] = "bbv-clinical-marker";
  // The source holds no free text; its virus status is what must not be seen.
  static constexpr char kApartMarker[] = "SOURCE_VIRUS_POSITIVE";

  static casework::v1::Protocol Protocol() { return testing::Protocol(); }
  static casework::Facts FactsOf(const Case& record, const casework::v1::Protocol& protocol) {
    return bbv::FactsOf(record, protocol);
  }

  static OpenRequest Opening(const std::vector<std::string>& subjects, absl::Time now) {
    OpenRequest request;
    request.set_jurisdiction(casework::v1::JURISDICTION_WALES);
    for (const std::string& subject : subjects) {
      v1::ExposedPerson& person = *request.add_people();
      person.set_subject_id(subject);
      v1::Exposure& exposure = *person.mutable_exposure();
      exposure.mutable_incident_time()->set_civil(LocalText(now - absl::Minutes(10)));
      exposure.set_route(v1::ROUTE_NEEDLESTICK);
      exposure.set_fluid(v1::FLUID_BLOOD);
      exposure.set_description(kMarker);
    }
    request.mutable_source()->set_identity(v1::SOURCE_IDENTITY_KNOWN);
    request.mutable_source()->set_hiv(v1::SOURCE_VIRUS_POSITIVE);
    return request;
  }

  static BbvChange Open(const OpenRequest& request, const casework::Call& call) {
    return LogExposure(request, call);
  }

  static void Answer(const std::vector<Case>& opened, const OpenRequest& request,
                     OpenResponse& response) {
    FillReceipts(opened, request, response);
  }

  static ChangeRequest Changing(const std::string& case_id, absl::Time now) {
    ChangeRequest request;
    request.set_case_id(case_id);
    request.mutable_conversation()->mutable_held_time()->set_civil(LocalText(now));
    return request;
  }

  static BbvChange Apply(const Case& before, const ChangeRequest& request,
                         const casework::Call& call) {
    return RecordCounselling(before, request, call);
  }
};

class BbvPgTest : public casework::CaseLifecycle<BbvPathway> {
 protected:
  v1::LogExposureRequest Bite() {
    v1::LogExposureRequest request = Opening();
    v1::Exposure& exposure = *request.mutable_people(0)->mutable_exposure();
    exposure.set_route(v1::ROUTE_BITE_SKIN_BROKEN);
    exposure.set_fluid(v1::FLUID_SALIVA);
    exposure.set_drew_blood(v1::ANSWER_YES);
    return request;
  }
};

TEST_F(BbvPgTest, ABiteOpensTwoLinkedCasesAndTheBitersHoldsNoIdentity) {
  const auto response = Open(CallOf("LogExposure"), Bite());
  ASSERT_THAT(response, ::waymark::testing::IsOk());
  ASSERT_EQ(response->cases_size(), 2);
  ASSERT_EQ(response->receipts_size(), 2);
  EXPECT_EQ(response->receipts(1).subject_id(), "");
  EXPECT_EQ(response->receipts(1).assessment_due_time().seconds(),
            absl::ToUnixSeconds(now_ + absl::Minutes(50)));
  EXPECT_EQ(Query("SELECT count(*) FROM case_record WHERE subject_id IS NULL"), "1");
  const auto biter = Get(response->cases(1).header().case_id());
  ASSERT_THAT(biter, ::waymark::testing::IsOk());
  EXPECT_EQ(biter->exposure().description(), "");
  EXPECT_EQ(biter->header().links(0).case_id(), response->cases(0).header().case_id());
}

TEST_F(BbvPgTest, ASupervisorGetsReceiptsWithFirstAidAndNoCase) {
  const auto response =
      Open(CallOf("LogExposure", {options::v1::ROLE_SUPERVISOR_REPORTER}), Opening());
  ASSERT_THAT(response, ::waymark::testing::IsOk());
  EXPECT_EQ(response->cases_size(), 0);
  ASSERT_EQ(response->receipts_size(), 1);
  EXPECT_TRUE(response->receipts(0).has_assessment_due_time());
  EXPECT_GT(response->receipts(0).first_aid_size(), 0);
}

TEST_F(BbvPgTest, ARepeatedAnswerShowsOnlyWhatTheCallerMayReadNow) {
  const v1::LogExposureRequest request = Bite();
  rpc::Call call = CallOf("LogExposure");
  const auto first = Open(call, request);
  ASSERT_THAT(first, ::waymark::testing::IsOk());
  EXPECT_EQ(first->cases_size(), 2);
  // The nurse has moved on, and now only reports.
  call.caller.roles = {options::v1::ROLE_SUPERVISOR_REPORTER};
  call.granted = CallOf("LogExposure", {options::v1::ROLE_SUPERVISOR_REPORTER}).granted;
  const auto repeated = Open(call, request);
  ASSERT_THAT(repeated, ::waymark::testing::IsOk());
  EXPECT_EQ(repeated->cases_size(), 0);
  EXPECT_EQ(repeated->receipts_size(), first->receipts_size());
  EXPECT_EQ(repeated->receipts(0).case_id(), first->receipts(0).case_id());
}

class LinkedCasePgTest : public BbvPgTest {
 protected:
  // As the service `dental` delivers it.
  static rpc::Call FromDental(const v1::OpenLinkedCaseRequest& request, absl::Time now) {
    rpc::Call call;
    call.method = "waymark.bbv.v1.BbvService.OpenLinkedCase";
    call.rule = access::RuleFor(call.method);
    call.caller.tenant = request.tenant();
    call.caller.service = "dental";
    call.on_behalf_of = request.actor().user_id();
    call.granted = access::Authorise(*call.rule, call.caller, "dental").value();
    call.request_id = request.request_id();
    call.now = now;
    call.deadline = absl::Now() + absl::Seconds(20);
    return call;
  }

  v1::OpenLinkedCaseRequest Request() {
    v1::OpenLinkedCaseRequest request;
    request.set_request_id(ids::NewUuid());
    request.set_tenant("demo");
    request.mutable_actor()->set_user_id("dentist-1");
    request.mutable_actor()->set_role(options::v1::ROLE_OH_NURSE);
    request.set_case_id(ids::NewUuid());
    request.mutable_from()->set_case_id(ids::NewUuid());
    request.mutable_from()->set_pathway("dental");
    request.mutable_from()->set_kind("DENTAL_INJURY");
    request.set_jurisdiction(casework::v1::JURISDICTION_WALES);
    *request.mutable_person() = Bite().people(0);
    return request;
  }
};

TEST_F(LinkedCasePgTest, OpensTheCaseThatAnotherPathwayCameUponOnce) {
  const v1::OpenLinkedCaseRequest request = Request();
  v1::OpenLinkedCaseResponse response;
  ASSERT_THAT(
      cases_->RunOpen(FromDental(request, now_), request, &response, &OpenLinkedCase, &FillLinked),
      ::waymark::testing::IsOk());
  EXPECT_EQ(response.case_id(), request.case_id());
  const auto opened = Get(request.case_id());
  ASSERT_THAT(opened, ::waymark::testing::IsOk());
  // The biter's, and the one it came from.
  ASSERT_EQ(opened->header().links_size(), 2);
  EXPECT_EQ(opened->header().links(1).case_id(), request.from().case_id());
  EXPECT_NE(casework::FindStep(opened->header().plan(), "risk_assessment"), nullptr);
  EXPECT_TRUE(Audited().front().actor().on_behalf_of());

  // Delivered again, at once and when the stored answer is long gone.
  response.Clear();
  EXPECT_THAT(cases_->RunOpen(FromDental(request, now_ + absl::Hours(1)), request, &response,
                              &OpenLinkedCase, &FillLinked),
              ::waymark::testing::IsOk());
  EXPECT_EQ(response.case_id(), request.case_id());
  Query("DELETE FROM idempotency_key");
  EXPECT_EQ(cases_
                ->RunOpen(FromDental(request, now_ + absl::Hours(2)), request, &response,
                          &OpenLinkedCase, &FillLinked)
                .code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Count("case_record"), 2);
}

TEST_F(LinkedCasePgTest, OpensACaseForWhoeverThePersonBit) {
  v1::OpenLinkedCaseRequest request = Request();
  v1::Exposure& exposure = *request.mutable_person()->mutable_exposure();
  exposure.set_route(v1::ROUTE_MOUTH);
  exposure.set_fluid(v1::FLUID_BLOOD);
  v1::Exposure& bitten = *request.mutable_bitten();
  *bitten.mutable_incident_time() = exposure.incident_time();
  bitten.set_route(v1::ROUTE_BITE_SKIN_BROKEN);
  bitten.set_fluid(v1::FLUID_SALIVA);
  bitten.set_drew_blood(v1::ANSWER_YES);
  v1::OpenLinkedCaseResponse response;
  ASSERT_THAT(
      cases_->RunOpen(FromDental(request, now_), request, &response, &OpenLinkedCase, &FillLinked),
      ::waymark::testing::IsOk());
  EXPECT_EQ(Count("case_record"), 2);
  EXPECT_EQ(Query("SELECT count(*) FROM case_record WHERE subject_id IS NULL"), "1");
  const auto biter = Get(request.case_id());
  ASSERT_THAT(biter, ::waymark::testing::IsOk());
  ASSERT_EQ(biter->header().links_size(), 2);
  const auto other = Get(biter->header().links(0).case_id());
  ASSERT_THAT(other, ::waymark::testing::IsOk());
  EXPECT_EQ(other->header().subject_kind(), casework::v1::SUBJECT_KIND_THIRD_PARTY);
  EXPECT_EQ(other->header().links(0).case_id(), request.case_id());
  EXPECT_NE(casework::FindStep(other->header().plan(), "risk_assessment"), nullptr);
  EXPECT_EQ(other->advice().antibiotics(), v1::ANTIBIOTIC_ADVICE_OFFER);
}

TEST_F(LinkedCasePgTest, SaysWhatIsWrongWithAnExposureOfAnotherPathway) {
  v1::OpenLinkedCaseRequest request = Request();
  request.set_case_id("");
  v1::OpenLinkedCaseResponse response;
  EXPECT_THAT(
      cases_->RunOpen(FromDental(request, now_), request, &response, &OpenLinkedCase, &FillLinked),
      ::waymark::testing::StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(BbvPgTest, TheSourceIsNotInTheHistoryOfTheCase) {
  const std::string case_id = OpenOne().header().case_id();
  const rpc::Call call = CallOf("RecordSourceResult");
  v1::RecordSourceResultRequest request;
  request.set_request_id(call.request_id);
  request.set_case_id(case_id);
  request.mutable_source()->set_hepatitis_c(v1::SOURCE_VIRUS_POSITIVE);
  v1::RecordSourceResultResponse response;
  ASSERT_THAT(cases_->RunChange(call, request, &response, &RecordSourceResult),
              ::waymark::testing::IsOk());
  EXPECT_FALSE(response.case_().has_source());
  EXPECT_EQ(response.case_().advice().hepatitis_c_high_risk(), v1::ANSWER_YES);

  v1::ListCaseEventsRequest list;
  list.set_case_id(case_id);
  v1::ListCaseEventsResponse events;
  ASSERT_THAT(cases_->RunListCaseEvents(CallOf("ListCaseEvents"), list, &events),
              ::waymark::testing::IsOk());
  ASSERT_EQ(events.events_size(), 2);
  v1::RecordSourceResultRequest told;
  ASSERT_TRUE(events.events(1).change().UnpackTo(&told));
  EXPECT_FALSE(told.has_source());

  v1::GetSourceRequest ask;
  ask.set_case_id(case_id);
  v1::GetSourceResponse source;
  ASSERT_THAT(cases_->RunGetHeldApart(CallOf("GetSource"), ask, &source),
              ::waymark::testing::IsOk());
  EXPECT_EQ(source.source().hepatitis_c(), v1::SOURCE_VIRUS_POSITIVE);
  EXPECT_EQ(source.source().hiv(), v1::SOURCE_VIRUS_UNSPECIFIED);
}

TEST_F(BbvPgTest, AChangeThatIsRefusedLeavesTheCaseAsItWas) {
  const std::string case_id = OpenOne().header().case_id();
  const rpc::Call call = CallOf("RecordCounselling");
  v1::RecordCounsellingRequest request = BbvPathway::Changing(case_id, now_ + absl::Hours(1));
  request.set_request_id(call.request_id);
  v1::RecordCounsellingResponse response;
  EXPECT_THAT(cases_->RunChange(call, request, &response, &RecordCounselling),
              ::waymark::testing::StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_EQ(Get(case_id)->header().version(), 1);
}

// What a referral's outcome does to a case, as the referral service tells it.
class BbvOutcomePgTest : public BbvPgTest {
 protected:
  // Of something that no act of the pathway is for.
  absl::StatusOr<v1::ReceiveReferralOutcomeResponse> Tell(const std::string& tenant,
                                                          const std::string& case_id,
                                                          const std::string& request_id) {
    rpc::Call call;
    call.method = "waymark.bbv.v1.BbvService.ReceiveReferralOutcome";
    call.rule = access::RuleFor(call.method);
    call.caller.tenant = tenant;
    call.caller.service = "referral";
    absl::StatusOr<access::Granted> granted =
        access::Authorise(*call.rule, call.caller, "referral");
    if (!granted.ok()) return granted.status();
    call.granted = *std::move(granted);
    call.on_behalf_of = "service:referral";
    call.request_id = request_id;
    call.now = now_;
    call.deadline = absl::Now() + absl::Seconds(20);
    v1::ReceiveReferralOutcomeRequest request;
    request.set_request_id(call.request_id);
    request.set_case_id(case_id);
    request.mutable_outcome()->add_treatments()->set_kind(referral::v1::TREATMENT_KIND_SURGERY);
    v1::ReceiveReferralOutcomeResponse response;
    const absl::Status told =
        cases_->RunTell<v1::WaiveStepResponse>(call, request, &response, &ReceiveReferralOutcome);
    if (!told.ok()) return told;
    return response;
  }
};

TEST_F(BbvOutcomePgTest, AClosedCaseIsOpenedAgainWithAStepForAPerson) {
  const v1::BbvCase closed = WaiveAndClose(OpenOne());
  const std::string case_id = closed.header().case_id();
  const std::string request_id = ids::NewUuid();
  for (int i = 0; i < 2; ++i) {
    const auto told = Tell("demo", case_id, request_id);
    ASSERT_THAT(told, ::waymark::testing::IsOk());
    EXPECT_FALSE(told->has_went_to());
  }
  const auto open = Get(case_id);
  ASSERT_THAT(open, ::waymark::testing::IsOk());
  EXPECT_EQ(open->header().state(), casework::v1::CASE_STATE_OPEN);
  EXPECT_EQ(open->header().version(), closed.header().version() + 1);
  const casework::v1::Step* look = casework::FindStep(open->header().plan(), "look_at_outcome#1");
  ASSERT_NE(look, nullptr);
  EXPECT_EQ(look->title(), "Something came that could not be recorded: look (1)");
  EXPECT_EQ(look->status(), casework::v1::STEP_STATUS_OPEN);
  // It says when it was opened again, and by what.
  v1::ListCaseEventsRequest events;
  events.set_case_id(case_id);
  v1::ListCaseEventsResponse history;
  ASSERT_THAT(cases_->RunListCaseEvents(CallOf("ListCaseEvents"), events, &history),
              ::waymark::testing::IsOk());
  EXPECT_EQ(history.events().rbegin()->act(), "ReceiveReferralOutcome");
  EXPECT_EQ(history.events().rbegin()->actor(), "service:referral");
}

TEST_F(BbvOutcomePgTest, ACaseThatAnotherForceHasSaysWhereAndIsNotPlannedAgain) {
  const v1::BbvCase opened = OpenOne();
  const std::string case_id = opened.header().case_id();
  ASSERT_THAT(Transfer(opened), ::waymark::testing::IsOk());
  EXPECT_THAT(HandOver(), ::waymark::testing::StatusIs(absl::StatusCode::kUnavailable));
  // On its way: nobody there takes it yet, and it is not lost.
  const std::string there = CaseThere(case_id);
  EXPECT_THAT(Tell("other", there, ids::NewUuid()),
              ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_ARRIVING"));
  Schedule("other");
  ASSERT_THAT(HandOver(), ::waymark::testing::IsOk());

  const auto told = Tell("demo", case_id, ids::NewUuid());
  ASSERT_THAT(told, ::waymark::testing::IsOk());
  EXPECT_EQ(told->went_to().force(), "other");
  EXPECT_EQ(told->went_to().case_id(), there);
  const auto left = Get(case_id);
  ASSERT_THAT(left, ::waymark::testing::IsOk());
  EXPECT_EQ(left->header().state(), casework::v1::CASE_STATE_CLOSED);
  for (const casework::v1::Step& step : left->header().plan().steps()) {
    EXPECT_FALSE(casework::IsOpen(step)) << step.key();
  }
  ASSERT_THAT(Tell("other", there, ids::NewUuid()), ::waymark::testing::IsOk());
  const auto arrived = Get(CallThere("GetCase"), there);
  ASSERT_THAT(arrived, ::waymark::testing::IsOk());
  EXPECT_NE(casework::FindStep(arrived->header().plan(), "look_at_outcome#1"), nullptr);
}

TEST_F(BbvPgTest, APreviewPlansWithoutStoringAnything) {
  v1::PreviewPlanRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  *request.mutable_exposure() = Opening().people(0).exposure();
  v1::PreviewPlanResponse response;
  ASSERT_THAT(cases_->RunPreviewPlan(CallOf("PreviewPlan"), request, &response, &PreviewExposure,
                                     &FillPreview),
              ::waymark::testing::IsOk());
  EXPECT_EQ(response.significance(), v1::SIGNIFICANCE_SIGNIFICANT);
  EXPECT_NE(casework::FindStep(response.plan(), "test_6_months"), nullptr);
  EXPECT_EQ(Count("case_record"), 0);
  EXPECT_EQ(Count("outbox"), 0);
}

}  // namespace
}  // namespace waymark::bbv

namespace waymark::casework {
INSTANTIATE_TYPED_TEST_SUITE_P(Bbv, CaseLifecycle, bbv::BbvPathway);
}
