// One pathway asks another for a case while the other is away.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "tests/chaos/load.h"
#include "tests/harness/suite.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/dental/v1/dental_service.grpc.pb.h"

namespace waymark::chaos {
namespace {

using testing::IsOk;

namespace dental = ::waymark::dental::v1;

class LinkedCase : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        suite_, harness::Suite::Start(
                    {.durable = true, .services = {"audit", "scheduling", "bbv", "dental"}}));
    ActivateTenant(*suite_);
  }

  // An officer bit somebody two hours ago, and blood came.
  static dental::LogDentalInjuryRequest Report() {
    dental::LogDentalInjuryRequest request;
    request.set_request_id(ids::NewUuid());
    request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
    dental::InjuredPerson& person = *request.add_people();
    person.set_subject_id(ids::NewUuid());
    dental::DentalInjury& injury = *person.mutable_injury();
    injury.mutable_incident_time()->set_civil(
        absl::FormatTime("%Y-%m-%dT%H:%M", absl::Now() - absl::Hours(2), absl::UTCTimeZone()));
    dental::ToothInjury& tooth = *injury.add_teeth();
    tooth.set_tooth("11");
    tooth.add_injuries(dental::TOOTH_INJURY_TYPE_SUBLUXATION);
    injury.mutable_blood_exposure()->set_kind(dental::BLOOD_EXPOSURE_KIND_BIT_ANOTHER);
    injury.mutable_blood_exposure()->set_drew_blood(dental::ANSWER_YES);
    return request;
  }

  absl::StatusOr<dental::LogDentalInjuryResponse> Log(
      const dental::LogDentalInjuryRequest& request) {
    const auto stub = dental::DentalService::NewStub(suite_->Connect("dental"));
    dental::LogDentalInjuryResponse response;
    RETURN_IF_ERROR(
        rpc::Invoke({.deadline = absl::Now() + absl::Seconds(10), .token = suite_->Token()},
                    [&](grpc::ClientContext* context) {
                      return stub->LogDentalInjury(context, request, &response);
                    }));
    return response;
  }

  absl::StatusOr<bbv::v1::BbvCase> BbvCaseOf(const std::string& case_id) {
    const auto stub = bbv::v1::BbvService::NewStub(suite_->Connect("bbv"));
    bbv::v1::GetCaseRequest request;
    request.set_case_id(case_id);
    bbv::v1::GetCaseResponse response;
    RETURN_IF_ERROR(rpc::Invoke(
        {.deadline = absl::Now() + absl::Seconds(10), .token = suite_->Token()},
        [&](grpc::ClientContext* context) { return stub->GetCase(context, request, &response); }));
    return response.case_();
  }

  std::string Count(const std::string& service) {
    return suite_->database(service).Query("select count(*) from case_record");
  }

  std::unique_ptr<harness::Suite> suite_;
};

TEST_F(LinkedCase, IsOpenedOnceAfterTheOtherServiceWasDownWhenTheBiteWasLogged) {
  suite_->KillService("bbv");
  const dental::LogDentalInjuryRequest report = Report();
  ASSERT_OK_AND_ASSIGN(const auto logged, Log(report));
  ASSERT_EQ(logged.cases_size(), 1);
  const std::string bbv_case = logged.cases(0).injury().blood_exposure().bbv_case_id();
  EXPECT_EQ(logged.cases(0).header().links(0).case_id(), bbv_case);
  // The one who asks dies too, with the message in its outbox.
  suite_->KillService("dental");
  EXPECT_EQ(Count("bbv"), "0");

  ASSERT_THAT(suite_->StartService("bbv"), IsOk());
  ASSERT_THAT(suite_->StartService("dental"), IsOk());
  ASSERT_TRUE(AwaitDelivered(*suite_, "dental")) << suite_->Log("dental");
  ASSERT_TRUE(AwaitDelivered(*suite_, "bbv")) << suite_->Log("bbv");

  // The officer's, and that of whoever was bitten.
  EXPECT_EQ(Count("bbv"), "2");
  ASSERT_OK_AND_ASSIGN(const bbv::v1::BbvCase opened, BbvCaseOf(bbv_case));
  EXPECT_EQ(opened.header().subject_id(), report.people(0).subject_id());
  EXPECT_EQ(opened.header().links_size(), 2);
  // Its hour counts from the incident, and is over by now.
  const auto& steps = opened.header().plan().steps();
  const auto assessment = std::find_if(
      steps.begin(), steps.end(), [](const auto& step) { return step.key() == "risk_assessment"; });
  ASSERT_NE(assessment, steps.end());
  EXPECT_EQ(assessment->due_time().seconds() - assessment->anchor_time().seconds(), 3600);
  EXPECT_EQ(assessment->status(), casework::v1::STEP_STATUS_OVERDUE);

  // The report again, and the message again: the relay forgets that it has delivered.
  ASSERT_OK_AND_ASSIGN(const auto repeated, Log(report));
  EXPECT_EQ(repeated.receipts(0).case_id(), logged.receipts(0).case_id());
  suite_->KillService("dental");
  EXPECT_EQ(
      suite_->database("dental").Query(
          "with again as (update outbox_counter set delivered_through = 0 where destination = "
          "'bbv' returning 1) select count(*) from again"),
      "1");
  ASSERT_THAT(suite_->StartService("dental"), IsOk());
  ASSERT_TRUE(AwaitDelivered(*suite_, "dental")) << suite_->Log("dental");
  EXPECT_EQ(Count("bbv"), "2");
  EXPECT_EQ(Count("dental"), "1");
}

}  // namespace
}  // namespace waymark::chaos
