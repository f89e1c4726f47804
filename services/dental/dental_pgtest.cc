#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "services/casework/conformance.h"
#include "services/dental/facts.h"
#include "services/dental/log_dental_injury.h"
#include "services/dental/record_contact.h"
#include "services/dental/record_teeth.h"
#include "services/dental/testing/story.h"
#include "services/dental/thresholds.h"
#include "services/dental/visits.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::dental {
namespace {

std::string LocalText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, civil::London());
}

// What the conformance suite needs to know of a pathway.
struct DentalPathway {
  using Case = v1::DentalCase;
  using OpenRequest = v1::LogDentalInjuryRequest;
  using OpenResponse = v1::LogDentalInjuryResponse;
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

  static constexpr char kPathway[] = "dental";
  static constexpr char kService[] = "waymark.dental.v1.DentalService";
  static constexpr char kOpenMethod[] = "LogDentalInjury";
  static constexpr char kChangeMethod[] = "RecordContact";
  // Nothing is held apart: what is known of another person belongs to their blood-borne virus case.
  static constexpr char kGetApartMethod[] = "";
  static constexpr char kMarker[] = "dental-clinical-marker";
  static constexpr char kApartMarker[] = "";

  static casework::v1::Protocol Protocol() { return testing::Protocol(); }
  static casework::Facts FactsOf(const Case& record, const casework::v1::Protocol& protocol) {
    return dental::FactsOf(record, protocol);
  }

  static OpenRequest Opening(const std::vector<std::string>& subjects, absl::Time now) {
    OpenRequest request;
    request.set_jurisdiction(casework::v1::JURISDICTION_WALES);
    for (const std::string& subject : subjects) {
      v1::InjuredPerson& person = *request.add_people();
      person.set_subject_id(subject);
      v1::DentalInjury& injury = *person.mutable_injury();
      injury.mutable_incident_time()->set_civil(LocalText(now - absl::Minutes(10)));
      injury.set_description(kMarker);
      v1::ToothInjury& tooth = *injury.add_teeth();
      tooth.set_tooth("11");
      tooth.add_injuries(v1::TOOTH_INJURY_TYPE_AVULSION);
      tooth.set_medium(v1::STORAGE_MEDIUM_MILK);
    }
    return request;
  }

  static DentalChange Open(const OpenRequest& request, const casework::Call& call) {
    return LogDentalInjury(request, call);
  }

  static void Answer(const std::vector<Case>& opened, const OpenRequest& request,
                     OpenResponse& response) {
    FillReceipts(opened, request, response);
  }

  static ChangeRequest Changing(const std::string& case_id, absl::Time now) {
    ChangeRequest request;
    request.set_case_id(case_id);
    request.mutable_contact()->mutable_contact_time()->set_civil(LocalText(now));
    request.mutable_contact()->set_adviser(v1::ADVISER_DENTIST);
    return request;
  }

  static DentalChange Apply(const Case& before, const ChangeRequest& request,
                            const casework::Call& call) {
    return RecordContact(before, request, call);
  }
};

class DentalPgTest : public casework::CaseLifecycle<DentalPathway> {};

TEST_F(DentalPgTest, ASupervisorGetsReceiptsWithFirstAidAndNoCase) {
  const auto response =
      Open(CallOf("LogDentalInjury", {options::v1::ROLE_SUPERVISOR_REPORTER}), Opening());
  ASSERT_THAT(response, ::waymark::testing::IsOk());
  EXPECT_EQ(response->cases_size(), 0);
  ASSERT_EQ(response->receipts_size(), 1);
  EXPECT_EQ(response->receipts(0).contact_due_time().seconds(),
            absl::ToUnixSeconds(now_ + absl::Minutes(50)));
  EXPECT_THAT(response->receipts(0).first_aid(0), ::testing::HasSubstr("hold it by the crown"));
}

TEST_F(DentalPgTest, ACaseIsReadWithTheFewestVisits) {
  const std::string case_id = OpenOne().header().case_id();
  v1::GetCaseRequest request;
  request.set_case_id(case_id);
  v1::GetCaseResponse response;
  ASSERT_THAT(cases_->RunGetCase(CallOf("GetCase"), request, &response, &FillVisits),
              ::waymark::testing::IsOk());
  ASSERT_EQ(response.visits_size(), 9);
  EXPECT_EQ(response.visits(0).step_keys_size(), 3);
}

// Ten teeth at their worst, and then each is found to be something else: superseded steps stay.
TEST_F(DentalPgTest, APlanThatWouldGrowTooLongIsRefusedAndTheCaseStaysAsItWas) {
  v1::LogDentalInjuryRequest report = Opening();
  v1::RecordTeethRequest found;
  auto& teeth = *report.mutable_people(0)->mutable_injury()->mutable_teeth();
  teeth.Clear();
  for (int i = 0; i < kMostTeeth; ++i) {
    v1::ToothInjury& before = *teeth.Add();
    before.set_tooth(absl::StrCat(1 + i / 5, 1 + i % 5));
    before.add_injuries(v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION);
    before.add_injuries(v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_MIDDLE_THIRD);
    before.add_injuries(v1::TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_COMPLICATED);
    v1::ToothInjury& after = *found.add_teeth();
    after.set_tooth(before.tooth());
    after.add_injuries(v1::TOOTH_INJURY_TYPE_AVULSION);
    after.set_apex(v1::APEX_OPEN);
  }
  const auto opened = Open(CallOf("LogDentalInjury"), report);
  ASSERT_THAT(opened, ::waymark::testing::IsOk());
  const std::string case_id = opened->cases(0).header().case_id();
  const rpc::Call call = CallOf("RecordTeeth");
  found.set_request_id(call.request_id);
  found.set_case_id(case_id);
  found.mutable_examined_time()->set_civil(LocalText(now_));
  v1::RecordTeethResponse response;
  EXPECT_THAT(cases_->RunChange(call, found, &response, &RecordTeeth),
              ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "PLAN_TOO_LONG"));
  const auto kept = Get(case_id);
  ASSERT_THAT(kept, ::waymark::testing::IsOk());
  EXPECT_EQ(kept->header().version(), 1);
  EXPECT_EQ(kept->injury().teeth(0).injuries(0), v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION);
}

TEST_F(DentalPgTest, BloodOfAnotherIsToldWithTheCaseInOneTransaction) {
  v1::LogDentalInjuryRequest request = Opening();
  request.mutable_people(0)->mutable_injury()->mutable_blood_exposure()->set_kind(
      v1::BLOOD_EXPOSURE_KIND_BLOOD_IN_MOUTH);
  rpc::Call call = CallOf("LogDentalInjury");
  ASSERT_THAT(Open(call, request), ::waymark::testing::IsOk());
  EXPECT_EQ(Query("SELECT count(*) FROM outbox WHERE destination = 'bbv'"), "1");
  // Repeated, it is told no second time.
  ASSERT_THAT(Open(call, request), ::waymark::testing::IsOk());
  EXPECT_EQ(Query("SELECT count(*) FROM outbox WHERE destination = 'bbv'"), "1");
  EXPECT_EQ(Count("case_record"), 1);
}

}  // namespace
}  // namespace waymark::dental

namespace waymark::casework {
INSTANTIATE_TYPED_TEST_SUITE_P(Dental, CaseLifecycle, dental::DentalPathway);
}  // namespace waymark::casework
