#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/db/tenants.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "common/testing/proto_matchers.h"
#include "services/casework/instants.h"
#include "services/scheduling/scheduling.h"
#include "services/scheduling/testing/plan_ground.h"
#include "services/scheduling/watchers.h"

namespace waymark::scheduling {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;
using options::v1::Role;
using options::v1::ROLE_OH_LEAD;
using options::v1::ROLE_OH_NURSE;
using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using testing::StatusIs;

class SchedulingPgTest : public PlanGround {
 protected:
  SchedulingPgTest()
      : tenants_(*database_),
        audit_("scheduling", *database_, tenants_, *keys_, clock::Real(), nullptr),
        scheduling_({.database = database_.get(),
                     .tenants = &tenants_,
                     .keys = keys_.get(),
                     .references = references_.get(),
                     .clinical_clock = &clock_,
                     .real_clock = &clock::Real(),
                     .audit = &audit_,
                     .firing = firing_.get(),
                     .changed = [this](absl::string_view, absl::Time earliest) {
                       changes_.push_back(earliest);
                     }}) {}

  // A call of `person` with one role, judged by the method's rule as the corridor does.
  rpc::Call As(const std::string& method, const std::string& person, Role role,
               const std::string& subject = "") {
    rpc::Call call;
    call.method = absl::StrCat("waymark.scheduling.v1.SchedulingService.", method);
    call.rule = access::RuleFor(call.method);
    call.caller.user_id = person;
    call.caller.tenant = kTenant;
    call.caller.roles = {role};
    if (!subject.empty()) call.caller.subject_id = subject;
    call.caller.service = "cli";
    auto granted = access::Authorise(*call.rule, call.caller, "cli");
    EXPECT_THAT(granted, IsOk());
    if (granted.ok()) call.granted = *std::move(granted);
    call.request_id = ids::NewUuid();
    call.now = clock_.Now();
    call.deadline = absl::Now() + absl::Seconds(30);
    return call;
  }
  rpc::Call AsService(const std::string& method, const std::string& service) {
    rpc::Call call;
    call.method = absl::StrCat("waymark.scheduling.v1.SchedulingService.", method);
    call.rule = access::RuleFor(call.method);
    call.caller.tenant = kTenant;
    call.caller.service = service;
    call.granted.as_service = true;
    call.request_id = ids::NewUuid();
    call.now = clock_.Now();
    call.deadline = absl::Now() + absl::Seconds(30);
    return call;
  }
  absl::StatusOr<v1::PutPlanResponse> Deliver(const std::vector<v1::Plan>& plans, int64_t number,
                                              const std::string& source = "bbv") {
    v1::PutPlanRequest request;
    request.set_tenant(kTenant);
    request.set_source(source);
    for (const v1::Plan& plan : plans) {
      v1::NumberedPlan& one = *request.add_plans();
      one.set_number(number == 0 ? 0 : number++);
      one.set_event_id(ids::DeriveUuid(plan.case_id(), absl::StrCat(plan.case_version())));
      *one.mutable_plan() = plan;
    }
    v1::PutPlanResponse response;
    RETURN_IF_ERROR(scheduling_.PutPlan(AsService("PutPlan", "bbv"), request, &response));
    return response;
  }
  std::string AuditRows() {
    return test_database_.Query("SELECT count(*) FROM outbox WHERE destination = 'audit'");
  }

  db::Tenants tenants_;
  casework::AuditTrail audit_;
  std::vector<absl::Time> changes_;
  Scheduling scheduling_;
};

TEST_F(SchedulingPgTest, TakesPlansInAnyOrderAndAsOftenAsTheyCome) {
  v1::Plan first = CasePlan(kCase, 1);
  AddAssessment(first);
  v1::Plan second = CasePlan(kCase, 2);
  AddAssessment(second);
  EXPECT_THAT(*Deliver({second}, 2), EqualsProto("applied_count: 1"));
  EXPECT_THAT(*Deliver({first}, 1), EqualsProto("ignored_count: 1 highest_contiguous_number: 2"));
  EXPECT_THAT(*Deliver({first, second}, 1),
              EqualsProto("ignored_count: 2 highest_contiguous_number: 2"));
  EXPECT_THAT(changes_, ElementsAre(Incident() + absl::Minutes(45)));
}

TEST_F(SchedulingPgTest, RefusesPlansInAnothersName) {
  EXPECT_THAT(Deliver({CasePlan()}, 1, "msk"),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_SOURCE"));
  EXPECT_THAT(Deliver({}, 1), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(SchedulingPgTest, FindsWhatIsMissingAndWhatIsAhead) {
  const std::string other = ids::NewUuid(), unknown = ids::NewUuid();
  ASSERT_THAT(Deliver({CasePlan(kCase, 3), CasePlan(other, 5)}, 1), IsOk());
  v1::ReconcileRequest request;
  request.set_source("bbv");
  for (const auto& [case_id, version] :
       std::vector<std::pair<std::string, int>>{{kCase, 4}, {other, 2}, {unknown, 1}}) {
    v1::CaseVersion& one = *request.add_cases();
    one.set_case_id(case_id);
    one.set_case_version(version);
  }
  v1::ReconcileResponse response;
  ASSERT_THAT(scheduling_.Reconcile(AsService("Reconcile", "bbv"), request, &response), IsOk());
  EXPECT_THAT(response, EqualsProto(absl::StrCat("behind { case_id: '", kCase,
                                                 "' case_version: 3 } behind { case_id: '", unknown,
                                                 "' case_version: 0 } ahead { case_id: '", other,
                                                 "' case_version: 5 } highest_contiguous_number: 2"
                                                 " highest_number: 2")));
}

TEST_F(SchedulingPgTest, ListsAndCountsAndExportsTheSameStepsAndLeavesATrail) {
  std::vector<v1::Plan> plans;
  for (int i = 0; i < 23; ++i) {
    v1::Plan plan = CasePlan(ids::NewUuid());
    AddStep(plan, "risk_assessment", absl::Hours(1 + i % 4));
    if (i % 3 == 0) AddStep(plan, "test_6m", absl::Hours(24 * 184))->clear_closes_time();
    plans.push_back(std::move(plan));
  }
  Put(plans);
  clock_.Advance(absl::Hours(2) + absl::Minutes(1));
  for (const v1::Tab tab : {v1::TAB_UNSPECIFIED, v1::TAB_OPEN, v1::TAB_OVERDUE}) {
    std::vector<std::string> listed, exported;
    v1::ListWorklistRequest request;
    request.mutable_filter()->set_tab(tab);
    request.set_page_size(4);
    int64_t total = -1;
    do {
      v1::ListWorklistResponse response;
      ASSERT_THAT(
          scheduling_.ListWorklist(As("ListWorklist", "nia", ROLE_OH_NURSE), request, &response),
          IsOk());
      for (const v1::WorklistItem& item : response.items()) listed.push_back(item.step_ref());
      total = response.total_count();
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    v1::ExportWorklistRequest whole;
    whole.mutable_filter()->set_tab(tab);
    int64_t exported_total = -1;
    ASSERT_THAT(scheduling_.ExportWorklist(As("ExportWorklist", "lee", ROLE_OH_LEAD), whole,
                                           [&](const v1::ExportWorklistResponse& response) {
                                             exported_total = response.total_count();
                                             for (const auto& item : response.items()) {
                                               exported.push_back(item.step_ref());
                                             }
                                             return absl::OkStatus();
                                           }),
                IsOk());
    EXPECT_EQ(listed, exported);
    EXPECT_EQ(static_cast<int64_t>(listed.size()), total);
    EXPECT_EQ(exported_total, total);
    EXPECT_GT(total, 0);
  }
  EXPECT_NE(AuditRows(), "0");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM outbox WHERE position(convert_to("
                                 "'worklist', 'UTF8') IN payload) > 0"),
            "0")
      << "sealed";
}

TEST_F(SchedulingPgTest, RefusesAPageTokenOfAnotherList) {
  v1::Plan plan = CasePlan();
  AddStep(plan, "a", absl::Hours(1));
  AddStep(plan, "b", absl::Hours(2));
  Put(plan);
  v1::ListWorklistRequest request;
  request.set_page_size(1);
  v1::ListWorklistResponse response;
  ASSERT_THAT(
      scheduling_.ListWorklist(As("ListWorklist", "nia", ROLE_OH_NURSE), request, &response),
      IsOk());
  request.set_page_token(response.next_page_token());
  request.mutable_filter()->set_mine(true);
  EXPECT_THAT(
      scheduling_.ListWorklist(As("ListWorklist", "nia", ROLE_OH_NURSE), request, &response),
      StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
  request.set_page_token("no token");
  EXPECT_THAT(
      scheduling_.ListWorklist(As("ListWorklist", "nia", ROLE_OH_NURSE), request, &response),
      StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

TEST_F(SchedulingPgTest, AcknowledgesOnceForEachRequest) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  clock_.Advance(absl::Minutes(50));
  Look();
  v1::AcknowledgeStepRequest request;
  request.set_step_ref(StepRef("risk_assessment"));
  *request.mutable_until_time() = ToTimestamp(Incident() + absl::Hours(4));
  const rpc::Call call = As("AcknowledgeStep", "nia", ROLE_OH_NURSE);
  request.set_request_id(call.request_id);
  v1::AcknowledgeStepResponse response;
  ASSERT_THAT(scheduling_.AcknowledgeStep(call, request, &response), IsOk());
  EXPECT_EQ(FromTimestamp(response.next_rung_time()), Incident() + absl::Hours(4));
  EXPECT_EQ(response.next_audience(), ROLE_OH_NURSE);
  EXPECT_EQ(AuditRows(), "1");
  // A retry, even one that comes when the time has passed, gets the same answer.
  v1::AcknowledgeStepResponse again;
  rpc::Call late = call;
  late.now = Incident() + absl::Hours(5);
  ASSERT_THAT(scheduling_.AcknowledgeStep(late, request, &again), IsOk());
  EXPECT_THAT(again, EqualsProto(response));
  EXPECT_EQ(AuditRows(), "1");
  *request.mutable_until_time() = ToTimestamp(Incident() + absl::Hours(5));
  EXPECT_THAT(scheduling_.AcknowledgeStep(call, request, &again),
              StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_F(SchedulingPgTest, RefusesToHoldTheLastCallOrAStepThatEnded) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  v1::AcknowledgeStepRequest request;
  request.set_step_ref(StepRef("risk_assessment"));
  *request.mutable_until_time() = ToTimestamp(Incident() + absl::Hours(71));
  v1::AcknowledgeStepResponse response;
  EXPECT_THAT(
      scheduling_.AcknowledgeStep(As("AcknowledgeStep", "nia", ROLE_OH_NURSE), request, &response),
      StatusIs(absl::StatusCode::kInvalidArgument, "UNTIL_PAST_LAST_CALL"));
  plan.set_case_version(2);
  End(*plan.mutable_steps(0), casework::v1::ENDING_DONE, absl::Minutes(5));
  Put(plan);
  *request.mutable_until_time() = ToTimestamp(Incident() + absl::Hours(7));
  EXPECT_THAT(
      scheduling_.AcknowledgeStep(As("AcknowledgeStep", "nia", ROLE_OH_NURSE), request, &response),
      StatusIs(absl::StatusCode::kFailedPrecondition, "STEP_ENDED"));
}

TEST_F(SchedulingPgTest, KeepsStaffFromTheirOwnCaseAndRecordsThatTheyTried) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  v1::ClaimStepRequest request;
  request.set_step_ref(StepRef("risk_assessment"));
  v1::ClaimStepResponse response;
  EXPECT_THAT(
      scheduling_.ClaimStep(As("ClaimStep", "nia", ROLE_OH_NURSE, kSubject), request, &response),
      StatusIs(absl::StatusCode::kNotFound, "STEP_NOT_FOUND"));
  EXPECT_EQ(AuditRows(), "1");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM step WHERE claimed_by IS NOT NULL"), "0");
  v1::ListWorklistResponse list;
  ASSERT_THAT(
      scheduling_.ListWorklist(As("ListWorklist", "nia", ROLE_OH_NURSE, kSubject), {}, &list),
      IsOk());
  EXPECT_THAT(list.items(), IsEmpty());
}

TEST_F(SchedulingPgTest, ClaimsForOneAndReleasesForThatOneWhoeverCoversAndALead) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  v1::ClaimStepRequest claim;
  claim.set_step_ref(StepRef("risk_assessment"));
  v1::ClaimStepResponse claimed;
  v1::ReleaseStepRequest release;
  release.set_step_ref(claim.step_ref());
  v1::ReleaseStepResponse released;
  ASSERT_THAT(scheduling_.ClaimStep(As("ClaimStep", "nia", ROLE_OH_NURSE), claim, &claimed),
              IsOk());
  EXPECT_EQ(claimed.claimed_by(), "nia");
  EXPECT_THAT(scheduling_.ClaimStep(As("ClaimStep", "ned", ROLE_OH_NURSE), claim, &claimed),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STEP_CLAIMED"));
  EXPECT_THAT(scheduling_.ReleaseStep(As("ReleaseStep", "ned", ROLE_OH_NURSE), release, &released),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_CLAIMED_BY_YOU"));
  // Ned covers for Nia: her steps are his.
  v1::DelegateRequest cover;
  cover.set_to_person("ned");
  *cover.mutable_ends_time() = ToTimestamp(Incident() + absl::Hours(24));
  v1::DelegateResponse delegated;
  ASSERT_THAT(scheduling_.Delegate(As("Delegate", "nia", ROLE_OH_NURSE), cover, &delegated),
              IsOk());
  v1::ListWorklistRequest mine;
  mine.mutable_filter()->set_mine(true);
  v1::ListWorklistResponse list;
  ASSERT_THAT(scheduling_.ListWorklist(As("ListWorklist", "ned", ROLE_OH_NURSE), mine, &list),
              IsOk());
  EXPECT_EQ(list.total_count(), 1);
  ASSERT_THAT(scheduling_.ClaimStep(As("ClaimStep", "ned", ROLE_OH_NURSE), claim, &claimed),
              IsOk());
  EXPECT_EQ(claimed.claimed_by(), "ned");
  ASSERT_THAT(scheduling_.ReleaseStep(As("ReleaseStep", "lee", ROLE_OH_LEAD), release, &released),
              IsOk());
  ASSERT_THAT(scheduling_.ListWorklist(As("ListWorklist", "ned", ROLE_OH_NURSE), mine, &list),
              IsOk());
  EXPECT_EQ(list.total_count(), 0);
}

TEST_F(SchedulingPgTest, ArrangesCoverAndEndsIt) {
  v1::DelegateRequest request;
  request.set_from_person("nia");
  request.set_to_person("ned");
  *request.mutable_ends_time() = ToTimestamp(Incident() + absl::Hours(24));
  v1::DelegateResponse response;
  EXPECT_THAT(scheduling_.Delegate(As("Delegate", "pat", ROLE_OH_NURSE), request, &response),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED"));
  ASSERT_THAT(scheduling_.Delegate(As("Delegate", "lee", ROLE_OH_LEAD), request, &response),
              IsOk());
  *request.mutable_ends_time() = ToTimestamp(Incident());
  EXPECT_THAT(scheduling_.Delegate(As("Delegate", "lee", ROLE_OH_LEAD), request, &response),
              StatusIs(absl::StatusCode::kInvalidArgument, "PERIOD_EMPTY"));
  const auto seen_by = [&](const std::string& person, Role role) {
    v1::ListDelegationsResponse list;
    EXPECT_THAT(scheduling_.ListDelegations(As("ListDelegations", person, role), {}, &list),
                IsOk());
    return list.delegations_size();
  };
  EXPECT_EQ(seen_by("lee", ROLE_OH_LEAD), 1);
  EXPECT_EQ(seen_by("ned", ROLE_OH_NURSE), 1);
  EXPECT_EQ(seen_by("pat", ROLE_OH_NURSE), 0);
  v1::EndDelegationRequest end;
  end.set_delegation_id(test_database_.Query("SELECT delegation_id FROM delegation"));
  v1::EndDelegationResponse ended;
  EXPECT_THAT(scheduling_.EndDelegation(As("EndDelegation", "pat", ROLE_OH_NURSE), end, &ended),
              StatusIs(absl::StatusCode::kNotFound, "DELEGATION_NOT_FOUND"));
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(scheduling_.EndDelegation(As("EndDelegation", "ned", ROLE_OH_NURSE), end, &ended),
              IsOk());
  EXPECT_EQ(seen_by("lee", ROLE_OH_LEAD), 0);
}

TEST_F(SchedulingPgTest, GoesLiveOnlyWithADutyAddress) {
  v1::ActivateTenantResponse activated;
  EXPECT_THAT(scheduling_.ActivateTenant(As("ActivateTenant", "lee", ROLE_OH_LEAD), {}, &activated),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NO_DUTY_ADDRESS"));
  v1::SetDutyAddressRequest duty;
  v1::SetDutyAddressResponse set;
  duty.mutable_contact()->set_channel(v1::CHANNEL_CONSOLE);
  EXPECT_THAT(scheduling_.SetDutyAddress(As("SetDutyAddress", "lee", ROLE_OH_LEAD), duty, &set),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  duty.mutable_contact()->set_channel(v1::CHANNEL_WEBHOOK);
  duty.mutable_contact()->set_address("https://duty.force.police.uk/");
  duty.mutable_contact()->set_secret(std::string(32, 's'));
  ASSERT_THAT(scheduling_.SetDutyAddress(As("SetDutyAddress", "lee", ROLE_OH_LEAD), duty, &set),
              IsOk());
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  clock_.Advance(absl::Hours(2));
  ASSERT_THAT(scheduling_.ActivateTenant(As("ActivateTenant", "lee", ROLE_OH_LEAD), {}, &activated),
              IsOk());
  EXPECT_EQ(activated.due_now_count(), 3);
  EXPECT_EQ(Look(), 3);
  v1::ListRotaResponse rota;
  ASSERT_THAT(scheduling_.ListRota(As("ListRota", "lee", ROLE_OH_LEAD), {}, &rota), IsOk());
  EXPECT_TRUE(rota.active());
  EXPECT_EQ(rota.duty_address().address(), "https://duty.force.police.uk/");
  EXPECT_EQ(rota.duty_address().secret(), "") << "never returned";
  v1::GetServiceStatusResponse status;
  ASSERT_THAT(
      scheduling_.GetServiceStatus(As("GetServiceStatus", "lee", ROLE_OH_LEAD), {}, &status),
      IsOk());
  EXPECT_TRUE(status.active());
  EXPECT_EQ(status.due_rung_count(), 0);
  EXPECT_EQ(status.pending_notice_count(), 1);
  EXPECT_TRUE(status.has_last_tick_time());
  EXPECT_EQ(FromTimestamp(status.next_rung_time()), Incident() + absl::Minutes(150));
}

TEST_F(SchedulingPgTest, KeepsTheRota) {
  v1::PutRotaEntryRequest request;
  *request.mutable_entry() = testing::ParseProto<v1::RotaEntry>(R"pb(
    rota_entry_id: "00000000-0000-4000-8000-0000000000b1"
    role: ROLE_OH_NURSE
    person: "nia"
    starts_time { seconds: 1774700000 }
    ends_time { seconds: 1774800000 }
    contact { channel: CHANNEL_EMAIL address: "nia@force.police.uk" })pb");
  v1::PutRotaEntryResponse response;
  ASSERT_THAT(scheduling_.PutRotaEntry(As("PutRotaEntry", "lee", ROLE_OH_LEAD), request, &response),
              IsOk());
  EXPECT_THAT(response.entry(), EqualsProto(request.entry()));
  request.mutable_entry()->mutable_ends_time()->set_seconds(1774700000);
  EXPECT_THAT(scheduling_.PutRotaEntry(As("PutRotaEntry", "lee", ROLE_OH_LEAD), request, &response),
              StatusIs(absl::StatusCode::kInvalidArgument, "PERIOD_EMPTY"));
  request.mutable_entry()->set_rota_entry_id("b1");
  EXPECT_THAT(scheduling_.PutRotaEntry(As("PutRotaEntry", "lee", ROLE_OH_LEAD), request, &response),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  v1::DeleteRotaEntryRequest remove;
  remove.set_rota_entry_id("00000000-0000-4000-8000-0000000000b1");
  v1::DeleteRotaEntryResponse removed;
  ASSERT_THAT(
      scheduling_.DeleteRotaEntry(As("DeleteRotaEntry", "lee", ROLE_OH_LEAD), remove, &removed),
      IsOk());
  EXPECT_THAT(
      scheduling_.DeleteRotaEntry(As("DeleteRotaEntry", "lee", ROLE_OH_LEAD), remove, &removed),
      StatusIs(absl::StatusCode::kNotFound, "ROTA_ENTRY_NOT_FOUND"));
}

TEST_F(SchedulingPgTest, ShowsNoticesInPages) {
  Staffed();
  std::vector<v1::Plan> plans;
  for (int i = 0; i < 7; ++i) {
    v1::Plan plan = CasePlan(ids::NewUuid());
    AddAssessment(plan);
    plans.push_back(std::move(plan));
  }
  Put(plans);
  clock_.Advance(absl::Minutes(45));
  Look();
  std::set<std::string> seen;
  v1::ListNoticesRequest request;
  request.set_page_size(3);
  int pages = 0;
  do {
    v1::ListNoticesResponse response;
    ASSERT_THAT(
        scheduling_.ListNotices(As("ListNotices", "nia", ROLE_OH_NURSE), request, &response),
        IsOk());
    for (const v1::Notice& notice : response.notices()) seen.insert(notice.notice_id());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, SizeIs(7));
  EXPECT_EQ(pages, 3);
  request.set_page_token("%");
  v1::ListNoticesResponse response;
  EXPECT_THAT(scheduling_.ListNotices(As("ListNotices", "nia", ROLE_OH_NURSE), request, &response),
              StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

TEST_F(SchedulingPgTest, GivesFiguresForAPeriod) {
  v1::Plan plan = CasePlan();
  v1::PlannedStep* step = AddStep(plan, "risk_assessment", absl::Hours(1));
  step->mutable_measure()->set_key("ASSESSED_WITHIN_HOUR");
  *step->mutable_measure()->mutable_anchor_time() = ToTimestamp(Incident());
  Put(plan);
  v1::GetComplianceRequest request;
  v1::GetComplianceResponse response;
  EXPECT_THAT(
      scheduling_.GetCompliance(As("GetCompliance", "lee", ROLE_OH_LEAD), request, &response),
      StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  *request.mutable_from_time() = ToTimestamp(Incident());
  *request.mutable_until_time() = ToTimestamp(Incident() + absl::Hours(24));
  ASSERT_THAT(
      scheduling_.GetCompliance(As("GetCompliance", "lee", ROLE_OH_LEAD), request, &response),
      IsOk());
  EXPECT_THAT(response.figures(),
              ElementsAre(EqualsProto("measure: 'ASSESSED_WITHIN_HOUR' to_come_count: 1")));
}

// The end of a stream as a client would read it.
template <typename Response>
class Reader final : public rpc::StreamSink {
 public:
  Reader() : feed_(std::make_shared<rpc::Feed<Response>>(rpc::kLongestFeed)) {
    feed_->Attach(this);
    feed_->Release();
  }
  ~Reader() override { feed_->Detach(); }

  const std::shared_ptr<rpc::Feed<Response>>& feed() const { return feed_; }
  // Everything that was sent since the last call.
  std::vector<Response> Read() {
    while (writing_) {
      writing_ = false;
      feed_->WriteDone(true);
    }
    return std::exchange(read_, {});
  }

 private:
  void StartWriteMessage(const google::protobuf::Message* message) override {
    read_.push_back(static_cast<const Response&>(*message));
    writing_ = true;
  }
  void FinishStream(const absl::Status&) override {}
  void CancelStream() override {}

  const std::shared_ptr<rpc::Feed<Response>> feed_;
  std::vector<Response> read_;
  bool writing_ = false;
};

class WatchersPgTest : public SchedulingPgTest {
 protected:
  WatchersPgTest() : watchers_(scheduling_, [this] { ++wakes_; }) {}

  int wakes_ = 0;
  Watchers watchers_;
};

TEST_F(WatchersPgTest, ShowTheListAtOnceAndAgainOnlyWhenItHasChanged) {
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  Reader<v1::WatchWorklistResponse> screen;
  ASSERT_THAT(watchers_.Add(As("WatchWorklist", "nia", ROLE_OH_NURSE), v1::WatchWorklistRequest(),
                            screen.feed()),
              IsOk());
  std::vector<v1::WatchWorklistResponse> pages = screen.Read();
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_EQ(pages[0].total_count(), 1);
  EXPECT_EQ(pages[0].items(0).status(), casework::v1::STEP_STATUS_OPEN);
  EXPECT_EQ(AuditRows(), "2") << "the list, and the one subject on it";

  clock_.Advance(absl::Minutes(5));
  watchers_.Changed(kTenant);
  ASSERT_THAT(watchers_.RunOnce(), IsOk());
  EXPECT_THAT(screen.Read(), IsEmpty()) << "only time has passed";

  v1::Plan other = CasePlan(ids::NewUuid());
  AddStep(other, "baseline", absl::Hours(4));
  Put(other);
  watchers_.Changed("another-force");
  ASSERT_THAT(watchers_.RunOnce(), IsOk());
  EXPECT_THAT(screen.Read(), IsEmpty()) << "not this force";
  watchers_.Changed(kTenant);
  ASSERT_THAT(watchers_.RunOnce(), IsOk());
  pages = screen.Read();
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_EQ(pages[0].total_count(), 2);

  // A step becomes overdue without anybody doing anything.
  clock_.Set(Incident() + absl::Hours(1) + absl::Milliseconds(1));
  ASSERT_THAT(watchers_.RunOnce(), IsOk());
  pages = screen.Read();
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_EQ(pages[0].items(0).status(), casework::v1::STEP_STATUS_OVERDUE);
  EXPECT_EQ(AuditRows(), "2") << "the same subject is not entered again";
  EXPECT_GT(wakes_, 0);
}

TEST_F(WatchersPgTest, SendEachNoticeOnceAsItComes) {
  Staffed();
  std::vector<v1::Plan> plans;
  for (int i = 0; i < 150; ++i) {
    v1::Plan plan = CasePlan(ids::NewUuid());
    AddAssessment(plan);
    plans.push_back(std::move(plan));
  }
  Put(plans);
  Reader<v1::WatchNoticesResponse> nurse, lead;
  ASSERT_THAT(watchers_.Add(As("WatchNotices", "nia", ROLE_OH_NURSE), v1::WatchNoticesRequest(),
                            nurse.feed()),
              IsOk());
  ASSERT_THAT(watchers_.Add(As("WatchNotices", "lee", ROLE_OH_LEAD), v1::WatchNoticesRequest(),
                            lead.feed()),
              IsOk());
  const auto read = [&](Reader<v1::WatchNoticesResponse>& screen) {
    std::multiset<std::string> ids;
    for (const v1::WatchNoticesResponse& response : screen.Read()) {
      for (const v1::Notice& notice : response.notices()) ids.insert(notice.notice_id());
    }
    return ids;
  };
  clock_.Set(Incident() + absl::Minutes(45));
  EXPECT_EQ(Look(), 150);
  watchers_.Changed("");
  ASSERT_THAT(watchers_.RunOnce(), IsOk());
  const std::multiset<std::string> first = read(nurse);
  EXPECT_THAT(first, SizeIs(150));
  EXPECT_THAT(std::set<std::string>(first.begin(), first.end()), SizeIs(150));
  EXPECT_THAT(read(lead), IsEmpty());
  watchers_.Changed(kTenant);
  ASSERT_THAT(watchers_.RunOnce(), IsOk());
  EXPECT_THAT(read(nurse), IsEmpty());
  clock_.Set(Incident() + absl::Minutes(60));
  EXPECT_EQ(Look(), 150);
  watchers_.Changed(kTenant);
  ASSERT_THAT(watchers_.RunOnce(), IsOk());
  EXPECT_THAT(read(nurse), SizeIs(150));
}

}  // namespace
}  // namespace waymark::scheduling
