#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/civil/civil.h"
#include "services/casework/conformance.h"
#include "services/msk/facts.h"
#include "services/msk/log_injury.h"
#include "services/msk/record_return_review.h"
#include "services/msk/request_care.h"
#include "services/msk/testing/story.h"

namespace waymark::msk {
namespace {

std::string LocalText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, civil::London());
}

// What the conformance suite needs to know of a pathway. Nothing of the case is held apart.
struct MskPathway {
  using Case = v1::MskCase;
  using OpenRequest = v1::LogInjuryRequest;
  using OpenResponse = v1::LogInjuryResponse;
  using ChangeRequest = v1::RecordReturnReviewRequest;
  using ChangeResponse = v1::RecordReturnReviewResponse;
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

  static constexpr char kPathway[] = "msk";
  static constexpr char kService[] = "waymark.msk.v1.MskService";
  static constexpr char kOpenMethod[] = "LogInjury";
  static constexpr char kChangeMethod[] = "RecordReturnReview";
  static constexpr char kGetApartMethod[] = "";
  static constexpr char kMarker[] = "msk-clinical-marker";
  static constexpr char kApartMarker[] = "";

  static casework::v1::Protocol Protocol() { return testing::Protocol(); }
  static casework::Facts FactsOf(const Case& record, const casework::v1::Protocol& protocol) {
    return msk::FactsOf(record, protocol);
  }

  static OpenRequest Opening(const std::vector<std::string>& subjects, absl::Time now) {
    OpenRequest request;
    request.set_jurisdiction(casework::v1::JURISDICTION_WALES);
    for (const std::string& subject : subjects) {
      v1::InjuredPerson& person = *request.add_people();
      person.set_subject_id(subject);
      v1::Injury& injury = *person.mutable_injury();
      injury.mutable_incident_time()->set_civil(LocalText(now - absl::Minutes(10)));
      injury.set_region(v1::REGION_LOW_BACK);
      injury.set_mechanism(v1::MECHANISM_LIFTING);
      injury.set_description(kMarker);
    }
    return request;
  }

  static MskChange Open(const OpenRequest& request, const casework::Call& call) {
    return LogInjury(request, call);
  }

  static void Answer(const std::vector<Case>& opened, const OpenRequest& request,
                     OpenResponse& response) {
    FillReceipts(opened, request, response);
  }

  static ChangeRequest Changing(const std::string& case_id, absl::Time now) {
    ChangeRequest request;
    request.set_case_id(case_id);
    request.mutable_review()->mutable_held_time()->set_civil(LocalText(now));
    request.mutable_review()->set_work_ability(v1::WORK_ABILITY_RESTRICTED_DUTIES);
    return request;
  }

  static MskChange Apply(const Case& before, const ChangeRequest& request,
                         const casework::Call& call) {
    return RecordReturnReview(before, request, call);
  }
};

using MskPgTest = casework::CaseLifecycle<MskPathway>;

TEST_F(MskPgTest, AnEmergencyThatIsLoggedIsPlannedAndItsRoutineCareRefused) {
  v1::LogInjuryRequest request = Opening();
  request.mutable_people(0)->mutable_red_flags()->add_present(v1::FEATURE_SADDLE_NUMBNESS);
  const auto opened = Open(CallOf("LogInjury"), request);
  ASSERT_THAT(opened, ::waymark::testing::IsOk());
  const std::string case_id = opened->receipts(0).case_id();
  EXPECT_NE(casework::FindStep(Get(case_id)->header().plan(), "emergency_transfer#cauda equina"),
            nullptr);

  const rpc::Call call = CallOf("RequestCare");
  v1::RequestCareRequest care;
  care.set_request_id(call.request_id);
  care.set_case_id(case_id);
  care.mutable_care()->set_kind(v1::CARE_KIND_PHYSIOTHERAPY);
  care.mutable_care()->set_provider(v1::PROVIDER_OCCUPATIONAL_HEALTH);
  care.mutable_care()->mutable_requested_time()->set_civil(LocalText(now_));
  v1::RequestCareResponse response;
  EXPECT_THAT(
      cases_->RunChange(call, care, &response, &RequestCare),
      ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "EMERGENCY_FIRST"));
  EXPECT_EQ(Get(case_id)->header().version(), 1);
}

TEST_F(MskPgTest, APreviewPlansWithoutStoringAnything) {
  v1::PreviewPlanRequest request;
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  *request.mutable_injury() = Opening().people(0).injury();
  request.mutable_red_flags();
  v1::PreviewPlanResponse response;
  ASSERT_THAT(cases_->RunPreviewPlan(CallOf("PreviewPlan"), request, &response, &PreviewInjury,
                                     &FillPreview),
              ::waymark::testing::IsOk());
  EXPECT_EQ(response.advice().urgency(), v1::URGENCY_ROUTINE);
  EXPECT_NE(casework::FindStep(response.plan(), "triage"), nullptr);
  EXPECT_EQ(Count("case_record"), 0);
  EXPECT_EQ(Count("outbox"), 0);
}

}  // namespace
}  // namespace waymark::msk

namespace waymark::casework {
INSTANTIATE_TYPED_TEST_SUITE_P(Msk, CaseLifecycle, msk::MskPathway);
}
