// What every pathway's cases do alike, as tests that each pathway instantiates with its own case:
//
//   INSTANTIATE_TYPED_TEST_SUITE_P(Bbv, CaseLifecycle, BbvPathway);
//
// `BbvPathway` names the pathway's types and functions as ToyPathway (toy_for_test.h) does;
// `Protocol` is its protocol, `Opening` a request that opens one case a subject and holds kMarker
// as a clinical word and kApartMarker in the part held apart, `Changing` a change that an open case
// always allows. A pathway that holds nothing apart leaves kApartMarker empty and names GetRequest
// and GetResponse as GetApartRequest and GetApartResponse; one whose opening method a supervisor
// may not call is not asked for a supervisor's receipt, and one without TransferCases keeps its
// cases where they are.
#ifndef WAYMARK_SERVICES_CASEWORK_CONFORMANCE_H_
#define WAYMARK_SERVICES_CASEWORK_CONFORMANCE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/civil/working_days.h"
#include "common/clock/clock.h"
#include "common/crypto/crypto.h"
#include "common/crypto/key_provider.h"
#include "common/db/tenants.h"
#include "common/ids/ids.h"
#include "common/outbox/relay.h"
#include "common/outbox/sealed.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "services/casework/cases.h"
#include "services/casework/status.h"
#include "services/casework/store/case_store.h"
#include "waymark/audit/v1/audit_entry.pb.h"
#include "waymark/casework/v1/handover.pb.h"
#include "waymark/scheduling/v1/plan.pb.h"

namespace waymark::casework {

template <typename Pathway>
class CaseLifecycle : public ::testing::Test {
 protected:
  using Case = typename Pathway::Case;
  using Roles = std::vector<options::v1::Role>;
  static constexpr bool kHoldsApart = Pathway::kApartMarker[0] != '\0';

  CaseLifecycle() {
    keys_folder_ = absl::StrCat(::testing::TempDir(), "/keys-", ids::NewUuid());
    EXPECT_THAT(crypto::CreateKeyFile(keys_folder_), ::waymark::testing::IsOk());
    keys_ = crypto::FileKeyProvider::Load(keys_folder_).value();
    // Two versions that differ in one date, so that adopting the other moves something.
    v1::Protocol next = Pathway::Protocol();
    next.set_version(next.version() + 1);
    for (v1::StepRule& rule : *next.mutable_steps()) {
      if (!rule.due().has_elapsed() || rule.has_closes()) continue;
      rule.mutable_due()->mutable_elapsed()->set_minutes(rule.due().elapsed().minutes() + 7);
      break;
    }
    protocols_ = Protocols::Of({Pathway::Protocol(), next});
    cases_ = std::make_unique<Cases<Case>>(CasesOptions{.pathway = Pathway::kPathway,
                                                        .protocols = &protocols_,
                                                        .working_days = &working_days_,
                                                        .database = pool_.get(),
                                                        .tenants = &tenants_,
                                                        .keys = keys_.get(),
                                                        .real_clock = &clock::Real()},
                                           &Pathway::FactsOf);
  }
  ~CaseLifecycle() override { std::filesystem::remove_all(keys_folder_); }

  // A call that has walked down the corridor: authorised by the rule printed on the method.
  rpc::Call CallOf(absl::string_view method, const Roles& roles = {options::v1::ROLE_OH_NURSE},
                   const std::string& tenant = "demo", const std::string& subject_id = "") {
    rpc::Call call;
    call.method = absl::StrCat(Pathway::kService, ".", method);
    call.rule = access::RuleFor(call.method);
    EXPECT_NE(call.rule, nullptr) << call.method;
    call.caller.user_id = "user-1";
    call.caller.tenant = tenant;
    call.caller.roles = roles;
    if (!subject_id.empty()) call.caller.subject_id = subject_id;
    absl::StatusOr<access::Granted> granted = access::Authorise(*call.rule, call.caller, "gateway");
    EXPECT_THAT(granted, ::waymark::testing::IsOk());
    if (granted.ok()) call.granted = *std::move(granted);
    call.request_id = ids::NewUuid();
    call.now = now_;
    call.deadline = absl::Now() + absl::Seconds(20);
    return call;
  }

  typename Pathway::OpenRequest Opening(int people = 1) {
    std::vector<std::string> subjects;
    for (int i = 0; i < people; ++i) subjects.push_back(ids::NewUuid());
    return Pathway::Opening(subjects, now_);
  }

  absl::StatusOr<typename Pathway::OpenResponse> Open(const rpc::Call& call,
                                                      typename Pathway::OpenRequest request) {
    request.set_request_id(call.request_id);
    typename Pathway::OpenResponse response;
    absl::Status done = cases_->RunOpen(call, request, &response, &Pathway::Open, &Pathway::Answer);
    if (!done.ok()) return done;
    return response;
  }

  // Opens one case as a nurse.
  Case OpenOne() {
    const auto response = Open(CallOf(Pathway::kOpenMethod), Opening());
    EXPECT_THAT(response, ::waymark::testing::IsOk());
    return response.ok() && response->cases_size() > 0 ? response->cases(0) : Case();
  }

  absl::StatusOr<typename Pathway::ChangeResponse> Change(const rpc::Call& call,
                                                          const std::string& case_id,
                                                          int64_t expected_version = 0) {
    auto request = Pathway::Changing(case_id, now_);
    request.set_request_id(call.request_id);
    request.set_expected_version(expected_version);
    typename Pathway::ChangeResponse response;
    absl::Status done = cases_->RunChange(call, request, &response, &Pathway::Apply);
    if (!done.ok()) return done;
    return response;
  }

  absl::StatusOr<Case> Get(const rpc::Call& call, const std::string& case_id) {
    typename Pathway::GetRequest request;
    request.set_case_id(case_id);
    typename Pathway::GetResponse response;
    absl::Status done = cases_->RunGetCase(call, request, &response);
    if (!done.ok()) return done;
    return response.case_();
  }
  absl::StatusOr<Case> Get(const std::string& case_id) { return Get(CallOf("GetCase"), case_id); }

  absl::StatusOr<Case> Waive(const std::string& case_id, const std::string& step_key) {
    const rpc::Call call = CallOf("WaiveStep", {options::v1::ROLE_OH_PHYSICIAN});
    typename Pathway::WaiveRequest request;
    request.set_request_id(call.request_id);
    request.set_case_id(case_id);
    request.set_step_key(step_key);
    request.set_ending(v1::ENDING_WAIVED);
    request.set_reason("not needed here");
    typename Pathway::WaiveResponse response;
    absl::Status done = cases_->RunWaiveStep(call, request, &response);
    if (!done.ok()) return done;
    return response.case_();
  }

  absl::StatusOr<Case> Close(const std::string& case_id) {
    const rpc::Call call = CallOf("CloseCase");
    typename Pathway::CloseRequest request;
    request.set_request_id(call.request_id);
    request.set_case_id(case_id);
    typename Pathway::CloseResponse response;
    absl::Status done = cases_->RunCloseCase(call, request, &response);
    if (!done.ok()) return done;
    return response.case_();
  }

  absl::StatusOr<Case> Reopen(const std::string& case_id) {
    const rpc::Call call = CallOf("ReopenCase");
    typename Pathway::ReopenRequest request;
    request.set_request_id(call.request_id);
    request.set_case_id(case_id);
    request.set_reason("came back");
    typename Pathway::ReopenResponse response;
    absl::Status done = cases_->RunReopenCase(call, request, &response);
    if (!done.ok()) return done;
    return response.case_();
  }

  // Waives whatever keeps the case open, and closes it.
  Case WaiveAndClose(const Case& opened) {
    const std::string case_id = opened.header().case_id();
    Case latest = opened;
    for (std::vector<std::string> blocking = BlockingSteps(latest.header().plan());
         !blocking.empty(); blocking = BlockingSteps(latest.header().plan())) {
      const absl::StatusOr<Case> waived = Waive(case_id, blocking.front());
      EXPECT_THAT(waived, ::waymark::testing::IsOk());
      if (!waived.ok()) return latest;
      latest = *waived;
    }
    const absl::StatusOr<Case> closed = Close(case_id);
    EXPECT_THAT(closed, ::waymark::testing::IsOk());
    return closed.ok() ? *closed : latest;
  }

  std::string Query(const std::string& sql) { return database_.Query(sql); }
  int64_t Count(const std::string& rows) {
    return std::stoll(Query(absl::StrCat("SELECT count(*) FROM ", rows)));
  }

  // What the outbox holds for a destination, opened, oldest first.
  template <typename M>
  std::vector<M> Told(const std::string& destination, const std::string& tenant = "demo") {
    std::vector<M> told;
    EXPECT_THAT(
        pool_->Transact(absl::Now() + absl::Seconds(20), tenant,
                        [&](db::Transaction& txn) -> absl::Status {
                          told.clear();
                          ASSIGN_OR_RETURN(const pqxx::result rows,
                                           txn.Exec("SELECT event_id, payload FROM outbox WHERE "
                                                    "tenant = $1 AND destination = $2"
                                                    " ORDER BY appended_at, event_id",
                                                    txn.tenant(), destination));
                          for (const pqxx::row& row : rows) {
                            ASSIGN_OR_RETURN(const std::string bytes,
                                             outbox::Opened(*keys_, txn.tenant(), destination,
                                                            db::Text(row[0]), db::Bytes(row[1])));
                            EXPECT_TRUE(told.emplace_back().ParseFromString(bytes));
                          }
                          return absl::OkStatus();
                        }),
        ::waymark::testing::IsOk());
    return told;
  }
  std::vector<audit::v1::AuditEvent> Audited() { return Told<audit::v1::AuditEvent>("audit"); }

  // Whether cases follow their person to another force.
  static bool Follows() {
    return access::RuleFor(absl::StrCat(Pathway::kService, ".TransferCases")) != nullptr;
  }
  // The person of `opened` has moved to the force "other": their cases are to follow.
  absl::Status Transfer(const Case& opened, bool hidden_too = false,
                        const std::string& request_id = ids::NewUuid()) {
    rpc::Call call;
    call.method = absl::StrCat(Pathway::kService, ".TransferCases");
    call.rule = access::RuleFor(call.method);
    EXPECT_NE(call.rule, nullptr) << call.method;
    call.caller.tenant = "demo";
    call.caller.service = "workforce";
    absl::StatusOr<access::Granted> granted =
        access::Authorise(*call.rule, call.caller, "workforce");
    EXPECT_THAT(granted, ::waymark::testing::IsOk());
    call.on_behalf_of = "lead-here";
    call.request_id = request_id;
    call.now = now_;
    call.deadline = absl::Now() + absl::Seconds(20);
    v1::Actor lead;
    lead.set_user_id("lead-here");
    lead.set_role(options::v1::ROLE_OH_LEAD);
    v1::CaseTransfer transfer;
    transfer.set_transfer_id(kTransfer);
    transfer.add_subject_ids(opened.header().subject_id());
    transfer.set_to_force("other");
    transfer.set_to_subject_id(kNewSubject);
    transfer.mutable_accepted_by()->set_user_id("lead-there");
    transfer.mutable_accepted_by()->set_role(options::v1::ROLE_OH_LEAD);
    transfer.set_hidden_too(hidden_too);
    return cases_->untyped().TransferCases(call, lead, transfer);
  }

  // Works off what Transfer has asked for. The first refusal.
  absl::Status HandOver() {
    absl::Status first;
    for (const v1::CaseHandover& handover : Told<v1::CaseHandover>(Pathway::kPathway)) {
      first.Update(cases_->untyped().HandOver(handover, now_, absl::Now() + absl::Seconds(20)));
    }
    return first;
  }

  // Scheduling takes what `tenant` has told it.
  void Schedule(const std::string& tenant) {
    outbox::Relay relay(*pool_, tenants_, {.destination = "scheduling"},
                        [](absl::string_view, const std::vector<outbox::Numbered>&, absl::Time) {
                          return absl::OkStatus();
                        });
    for (absl::StatusOr<bool> more = true; more.ok() && *more;) more = relay.Turn(tenant);
  }

  // Where the case of `case_id` is in the force "other"; empty when it is not.
  std::string CaseThere(const std::string& case_id) {
    for (const v1::CaseHandover& handover : Told<v1::CaseHandover>(Pathway::kPathway)) {
      if (handover.from_case_id() != case_id) continue;
      return Query(
          "SELECT coalesce(max(case_id::text), '') FROM case_record WHERE tenant = "
          "'other'");
    }
    return "";
  }
  rpc::Call CallThere(absl::string_view method) {
    return CallOf(method, {options::v1::ROLE_OH_NURSE}, "other");
  }

  static absl::StatusOr<casework::Change<Case>> OpenHidden(
      const typename Pathway::OpenRequest& request, const casework::Call& call) {
    absl::StatusOr<casework::Change<Case>> opened = Pathway::Open(request, call);
    if (!opened.ok()) return opened;
    for (Case& one : opened->cases) one.mutable_header()->set_hidden_from_managers(true);
    return opened;
  }

  static constexpr char kTransfer[] = "0190a000-0000-7000-8000-00000000000a";
  static constexpr char kNewSubject[] = "0190a000-0000-7000-8000-00000000000b";

  static db::MigrationLine Line() {
    return {std::string(kCaseworkLine), std::string(kCaseworkFolder)};
  }

  // A Wednesday in summer.
  absl::Time now_ = absl::FromUnixSeconds(1'781'085'600);
  ::waymark::testing::TestDatabase database_{{Line()}};
  std::unique_ptr<db::Database> pool_ = database_.Open(8);
  db::Tenants tenants_{*pool_};
  std::string keys_folder_;
  std::unique_ptr<crypto::FileKeyProvider> keys_;
  civil::WorkingDays working_days_ =
      civil::WorkingDays::Load("common/civil/bank_holidays.json").value();
  Protocols protocols_;
  std::unique_ptr<Cases<Case>> cases_;
};

TYPED_TEST_SUITE_P(CaseLifecycle);

TYPED_TEST_P(CaseLifecycle, OpensAPlannedCaseAndTellsSchedulingAndAudit) {
  const auto opened = this->OpenOne();
  EXPECT_EQ(opened.header().version(), 1);
  EXPECT_EQ(opened.header().state(), v1::CASE_STATE_OPEN);
  EXPECT_EQ(opened.header().protocol_version(), TypeParam::Protocol().version() + 1);
  ASSERT_GT(opened.header().plan().steps_size(), 0);
  EXPECT_FALSE(opened.header().stage().empty());
  for (const v1::Step& step : opened.header().plan().steps()) {
    EXPECT_NE(step.status(), v1::STEP_STATUS_UNSPECIFIED) << step.key();
    EXPECT_FALSE(step.title().empty());
    EXPECT_GT(step.sources_size(), 0) << step.key();
  }
  const auto plans = this->template Told<scheduling::v1::Plan>("scheduling");
  ASSERT_GE(plans.size(), 1);
  EXPECT_EQ(static_cast<int64_t>(plans.size()), this->Count("case_record"));
  const auto events = this->Audited();
  ASSERT_EQ(events.size(), plans.size());
  bool found = false;
  for (const scheduling::v1::Plan& plan : plans) {
    if (plan.case_id() != opened.header().case_id()) continue;
    found = true;
    EXPECT_EQ(plan.case_version(), 1);
    EXPECT_EQ(plan.steps_size(), opened.header().plan().steps_size());
    EXPECT_FALSE(plan.steps(0).title().empty());
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(events[0].action(), audit::v1::ACTION_CHANGE);
  EXPECT_EQ(events[0].actor().user_id(), "user-1");
  EXPECT_EQ(events[0].object_version(), 1);
  EXPECT_EQ(events[0].payload_sha256().size(), 32);
}

TYPED_TEST_P(CaseLifecycle, ReadsBackWhatWasOpened) {
  auto opened = this->OpenOne();
  const auto read = this->Get(opened.header().case_id());
  ASSERT_THAT(read, ::waymark::testing::IsOk());
  EXPECT_EQ(read->DebugString(), opened.DebugString());
  EXPECT_EQ(this->Audited().back().action(), audit::v1::ACTION_READ);
}

TYPED_TEST_P(CaseLifecycle, OpensSeveralCasesOrNone) {
  const auto response = this->Open(this->CallOf(TypeParam::kOpenMethod), this->Opening(3));
  ASSERT_THAT(response, ::waymark::testing::IsOk());
  const int64_t before = this->Count("case_record");
  EXPECT_GE(before, 3);
  // One of several is the caller: none is opened.
  const std::string own = ids::NewUuid();
  auto request = TypeParam::Opening({ids::NewUuid(), own}, this->now_);
  EXPECT_THAT(
      this->Open(this->CallOf(TypeParam::kOpenMethod, {options::v1::ROLE_OH_NURSE}, "demo", own),
                 request),
      ::waymark::testing::StatusIs(absl::StatusCode::kPermissionDenied, "OWN_CASE_AS_STAFF"));
  EXPECT_EQ(this->Count("case_record"), before);
  EXPECT_EQ(this->Audited().back().action(), audit::v1::ACTION_REFUSED);
}

TYPED_TEST_P(CaseLifecycle, AnswersARepeatedRequestAlikeAndActsOnce) {
  const rpc::Call call = this->CallOf(TypeParam::kOpenMethod);
  const auto request = this->Opening();
  const auto first = this->Open(call, request);
  ASSERT_THAT(first, ::waymark::testing::IsOk());
  const int64_t cases = this->Count("case_record");
  const int64_t told = this->Count("outbox");
  // Later, and by another connection.
  this->now_ += absl::Hours(5);
  rpc::Call again = this->CallOf(TypeParam::kOpenMethod);
  again.request_id = call.request_id;
  const auto second = this->Open(again, request);
  ASSERT_THAT(second, ::waymark::testing::IsOk());
  EXPECT_EQ(second->DebugString(), first->DebugString());
  EXPECT_EQ(this->Count("case_record"), cases);
  EXPECT_EQ(this->Count("outbox"), told);
  EXPECT_THAT(
      this->Open(again, this->Opening()),
      ::waymark::testing::StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));

  const std::string case_id = first->cases(0).header().case_id();
  const rpc::Call change = this->CallOf(TypeParam::kChangeMethod);
  const auto changed = this->Change(change, case_id, 1);
  ASSERT_THAT(changed, ::waymark::testing::IsOk());
  EXPECT_EQ(changed->case_().header().version(), 2);
  const auto repeated = this->Change(change, case_id, 1);
  ASSERT_THAT(repeated, ::waymark::testing::IsOk());
  EXPECT_EQ(repeated->DebugString(), changed->DebugString());
  EXPECT_EQ(this->Get(case_id)->header().version(), 2);
}

TYPED_TEST_P(CaseLifecycle, ConcurrentTwinsActOnceAndAnswerAlike) {
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  const int64_t before = this->Count("case_record");
  const rpc::Call open = this->CallOf(TypeParam::kOpenMethod);
  const rpc::Call change = this->CallOf(TypeParam::kChangeMethod);
  const auto request = this->Opening();
  std::vector<std::string> opens(6);
  std::vector<std::string> changes(6);
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      const auto response = this->Open(open, request);
      opens[i] = response.ok() ? response->DebugString() : response.status().ToString();
      const auto changed = this->Change(change, case_id, 1);
      changes[i] = changed.ok() ? changed->DebugString() : changed.status().ToString();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 1; i < 6; ++i) {
    EXPECT_EQ(opens[i], opens[0]);
    EXPECT_EQ(changes[i], changes[0]);
  }
  EXPECT_EQ(this->Get(case_id)->header().version(), 2);
  EXPECT_EQ(this->Count(absl::StrCat("case_event WHERE case_id = '", case_id, "'")), 2);
  EXPECT_GT(this->Count("case_record"), before);
  EXPECT_EQ(this->Count("(SELECT DISTINCT case_id, object FROM (SELECT case_id, case_version AS "
                        "object FROM case_event) e) d"),
            this->Count("case_event"));
}

TYPED_TEST_P(CaseLifecycle, RivalsChangeOneAfterTheOther) {
  const std::string case_id = this->OpenOne().header().case_id();
  std::vector<std::thread> threads;
  std::atomic<int> changed = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      changed += this->Change(this->CallOf(TypeParam::kChangeMethod), case_id).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(changed, 6);
  EXPECT_EQ(this->Get(case_id)->header().version(), 7);
}

TYPED_TEST_P(CaseLifecycle, RefusesAStaleVersion) {
  const std::string case_id = this->OpenOne().header().case_id();
  ASSERT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id, 1),
              ::waymark::testing::IsOk());
  EXPECT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id, 1),
              ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "STALE_VERSION"));
  EXPECT_EQ(this->Get(case_id)->header().version(), 2);
}

TYPED_TEST_P(CaseLifecycle, HidesOnesOwnCaseFromStaffAndRecordsTheAttempt) {
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  const std::string own = opened.header().subject_id();
  const auto not_found =
      ::waymark::testing::StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND");
  EXPECT_THAT(
      this->Get(this->CallOf("GetCase", {options::v1::ROLE_OH_NURSE}, "demo", own), case_id),
      not_found);
  EXPECT_EQ(this->Audited().back().action(), audit::v1::ACTION_REFUSED);
  EXPECT_EQ(this->Audited().back().subject_id(), own);
  EXPECT_THAT(this->Change(
                  this->CallOf(TypeParam::kChangeMethod, {options::v1::ROLE_OH_NURSE}, "demo", own),
                  case_id),
              not_found);
  EXPECT_EQ(this->Audited().back().action(), audit::v1::ACTION_REFUSED);
  EXPECT_EQ(this->Get(case_id)->header().version(), 1);
  // As a patient one may read it, and nobody else's.
  EXPECT_THAT(this->Get(this->CallOf("GetCase", {options::v1::ROLE_OFFICER}, "demo", own), case_id),
              ::waymark::testing::IsOk());
  EXPECT_THAT(
      this->Get(this->CallOf("GetCase", {options::v1::ROLE_OFFICER}, "demo", ids::NewUuid()),
                case_id),
      not_found);
}

TYPED_TEST_P(CaseLifecycle, HidesTheCasesOfAnotherForce) {
  const std::string case_id = this->OpenOne().header().case_id();
  const auto not_found =
      ::waymark::testing::StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND");
  EXPECT_THAT(this->Get(this->CallOf("GetCase", {options::v1::ROLE_OH_NURSE}, "other"), case_id),
              not_found);
  EXPECT_THAT(
      this->Change(this->CallOf(TypeParam::kChangeMethod, {options::v1::ROLE_OH_NURSE}, "other"),
                   case_id),
      not_found);
  typename TypeParam::ListResponse list;
  ASSERT_THAT(
      this->cases_->RunListCases(this->CallOf("ListCases", {options::v1::ROLE_OH_NURSE}, "other"),
                                 typename TypeParam::ListRequest(), &list),
      ::waymark::testing::IsOk());
  EXPECT_EQ(list.cases_size(), 0);
}

TYPED_TEST_P(CaseLifecycle, GivesASupervisorAReceiptAndNoCase) {
  const options::v1::Rule* opening =
      access::RuleFor(absl::StrCat(TypeParam::kService, ".", TypeParam::kOpenMethod));
  ASSERT_NE(opening, nullptr);
  if (!access::Authorise(*opening,
                         {.user_id = "user-2",
                          .tenant = "demo",
                          .roles = {options::v1::ROLE_SUPERVISOR_REPORTER}},
                         "gateway")
           .ok()) {
    GTEST_SKIP() << "a supervisor opens none";
  }
  const auto response =
      this->Open(this->CallOf(TypeParam::kOpenMethod, {options::v1::ROLE_SUPERVISOR_REPORTER}),
                 this->Opening());
  ASSERT_THAT(response, ::waymark::testing::IsOk());
  EXPECT_EQ(response->cases_size(), 0);
  EXPECT_GT(response->receipts_size(), 0);
  access::Caller supervisor;
  supervisor.user_id = "user-2";
  supervisor.tenant = "demo";
  supervisor.roles = {options::v1::ROLE_SUPERVISOR_REPORTER};
  for (const char* method : {"GetCase", "ListCases", "ListCaseEvents"}) {
    const options::v1::Rule* rule = access::RuleFor(absl::StrCat(TypeParam::kService, ".", method));
    ASSERT_NE(rule, nullptr);
    EXPECT_THAT(access::Authorise(*rule, supervisor, "gateway"),
                ::waymark::testing::StatusIs(absl::StatusCode::kPermissionDenied));
  }
}

TYPED_TEST_P(CaseLifecycle, ClosesOnlyWhenNothingBlocks) {
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  ASSERT_FALSE(BlockingSteps(opened.header().plan()).empty());
  const auto refused = this->Close(case_id);
  EXPECT_THAT(refused, ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition,
                                                    "BLOCKING_STEP_OPEN"));
  EXPECT_FALSE(status::Metadata(refused.status(), "blocking_steps").empty());

  const auto closed = this->WaiveAndClose(opened);
  EXPECT_EQ(closed.header().state(), v1::CASE_STATE_CLOSED);
  EXPECT_TRUE(closed.header().has_closed_time());
  EXPECT_TRUE(this->template Told<scheduling::v1::Plan>("scheduling").back().closed());
  const audit::v1::AuditEvent last = this->Audited().back();
  ASSERT_TRUE(last.has_outcome());
  EXPECT_EQ(last.outcome().pathway(), TypeParam::kPathway);

  EXPECT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id),
              ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_CLOSED"));
  const auto reopened = this->Reopen(case_id);
  ASSERT_THAT(reopened, ::waymark::testing::IsOk());
  EXPECT_EQ(reopened->header().state(), v1::CASE_STATE_OPEN);
  EXPECT_THAT(this->Reopen(case_id),
              ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_OPEN"));
  EXPECT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id),
              ::waymark::testing::IsOk());
}

TYPED_TEST_P(CaseLifecycle, EndsAStepByDecisionOnce) {
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  const std::string key = BlockingSteps(opened.header().plan()).front();
  const auto waived = this->Waive(case_id, key);
  ASSERT_THAT(waived, ::waymark::testing::IsOk());
  const v1::Step* step = FindStep(waived->header().plan(), key);
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->status(), v1::STEP_STATUS_WAIVED);
  EXPECT_EQ(step->outcome().role(), options::v1::ROLE_OH_PHYSICIAN);
  EXPECT_EQ(step->outcome().user_id(), "user-1");
  EXPECT_THAT(
      this->Waive(case_id, key),
      ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "STEP_ALREADY_ENDED"));
  EXPECT_THAT(this->Waive(case_id, "no_such_step"),
              ::waymark::testing::StatusIs(absl::StatusCode::kNotFound, "STEP_NOT_FOUND"));
}

TYPED_TEST_P(CaseLifecycle, ShowsWhatAdoptingAProtocolMovesBeforeItDoes) {
  const std::string case_id = this->OpenOne().header().case_id();
  const rpc::Call call = this->CallOf(
      "AdoptProtocol", {options::v1::ROLE_CLINICAL_LEAD, options::v1::ROLE_OH_PHYSICIAN});
  typename TypeParam::AdoptRequest request;
  request.set_request_id(call.request_id);
  request.set_case_id(case_id);
  request.set_protocol_version(TypeParam::Protocol().version());
  request.set_validate_only(true);
  typename TypeParam::AdoptResponse response;
  ASSERT_THAT(this->cases_->RunAdoptProtocol(call, request, &response), ::waymark::testing::IsOk());
  const int moved = response.moves_size();
  EXPECT_EQ(this->Get(case_id)->header().version(), 1);

  rpc::Call real = call;
  real.request_id = ids::NewUuid();
  request.set_request_id(real.request_id);
  request.set_validate_only(false);
  EXPECT_THAT(this->cases_->RunAdoptProtocol(real, request, &response),
              ::waymark::testing::StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_reason("the newer one is wrong");
  ASSERT_THAT(this->cases_->RunAdoptProtocol(real, request, &response), ::waymark::testing::IsOk());
  EXPECT_EQ(response.moves_size(), moved);
  EXPECT_EQ(this->Get(case_id)->header().protocol_version(), TypeParam::Protocol().version());
  real.request_id = ids::NewUuid();
  request.set_request_id(real.request_id);
  request.set_protocol_version(9999);
  EXPECT_THAT(this->cases_->RunAdoptProtocol(real, request, &response),
              ::waymark::testing::StatusIs(absl::StatusCode::kNotFound, "PROTOCOL_NOT_FOUND"));
}

TYPED_TEST_P(CaseLifecycle, KeepsAHistoryThatNothingRewrites) {
  const std::string case_id = this->OpenOne().header().case_id();
  ASSERT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id),
              ::waymark::testing::IsOk());
  typename TypeParam::EventsRequest request;
  request.set_case_id(case_id);
  request.set_page_size(1);
  typename TypeParam::EventsResponse page;
  ASSERT_THAT(this->cases_->RunListCaseEvents(this->CallOf("ListCaseEvents"), request, &page),
              ::waymark::testing::IsOk());
  ASSERT_EQ(page.events_size(), 1);
  EXPECT_EQ(page.events(0).act(), TypeParam::kOpenMethod);
  EXPECT_EQ(page.events(0).actor(), "user-1");
  EXPECT_THAT(page.events(0).change().value(), ::testing::HasSubstr(TypeParam::kMarker));
  if (this->kHoldsApart) {
    EXPECT_THAT(page.events(0).change().value(),
                ::testing::Not(::testing::HasSubstr(TypeParam::kApartMarker)));
  }
  request.set_page_token(page.next_page_token());
  ASSERT_THAT(this->cases_->RunListCaseEvents(this->CallOf("ListCaseEvents"), request, &page),
              ::waymark::testing::IsOk());
  ASSERT_EQ(page.events_size(), 1);
  EXPECT_EQ(page.events(0).act(), TypeParam::kChangeMethod);
  EXPECT_EQ(page.next_page_token(), "");
  request.set_page_token("nonsense");
  EXPECT_THAT(
      this->cases_->RunListCaseEvents(this->CallOf("ListCaseEvents"), request, &page),
      ::waymark::testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
  for (const char* sql : {"UPDATE case_event SET body = body", "DELETE FROM case_event"}) {
    EXPECT_FALSE(this->pool_
                     ->Transact(absl::Now() + absl::Seconds(20), "demo",
                                [&](db::Transaction& txn) { return txn.Exec(sql).status(); })
                     .ok())
        << sql;
  }
}

TYPED_TEST_P(CaseLifecycle, ShowsThePartHeldApartOnlyToThoseWhoAskForIt) {
  if (!this->kHoldsApart) GTEST_SKIP() << "nothing is held apart";
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  EXPECT_THAT(opened.DebugString(), ::testing::Not(::testing::HasSubstr(TypeParam::kApartMarker)));
  EXPECT_THAT(this->Get(case_id)->DebugString(),
              ::testing::Not(::testing::HasSubstr(TypeParam::kApartMarker)));
  typename TypeParam::GetApartRequest request;
  request.set_case_id(case_id);
  typename TypeParam::GetApartResponse response;
  const int64_t audited = this->Count("outbox WHERE destination = 'audit'");
  ASSERT_THAT(
      this->cases_->RunGetHeldApart(this->CallOf(TypeParam::kGetApartMethod), request, &response),
      ::waymark::testing::IsOk());
  EXPECT_THAT(response.DebugString(), ::testing::HasSubstr(TypeParam::kApartMarker));
  EXPECT_EQ(this->Count("outbox WHERE destination = 'audit'"), audited + 1);
  // And it outlives changes of the rest.
  ASSERT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id),
              ::waymark::testing::IsOk());
  ASSERT_THAT(
      this->cases_->RunGetHeldApart(this->CallOf(TypeParam::kGetApartMethod), request, &response),
      ::waymark::testing::IsOk());
  EXPECT_THAT(response.DebugString(), ::testing::HasSubstr(TypeParam::kApartMarker));
}

TYPED_TEST_P(CaseLifecycle, ListsNewestFirstInPagesAndRecordsWhoWasShown) {
  std::vector<std::string> newest_first;
  for (int i = 0; i < 5; ++i) {
    this->now_ += absl::Minutes(1);
    newest_first.insert(newest_first.begin(), this->OpenOne().header().case_id());
  }
  typename TypeParam::ListRequest request;
  request.set_page_size(2);
  std::vector<std::string> listed;
  for (int page = 0; page < 10; ++page) {
    typename TypeParam::ListResponse response;
    ASSERT_THAT(this->cases_->RunListCases(this->CallOf("ListCases"), request, &response),
                ::waymark::testing::IsOk());
    for (const auto& record : response.cases()) {
      if (record.header().subject_kind() == v1::SUBJECT_KIND_WORKFORCE) {
        listed.push_back(record.header().case_id());
      }
      if (this->kHoldsApart) {
        EXPECT_THAT(record.DebugString(),
                    ::testing::Not(::testing::HasSubstr(TypeParam::kApartMarker)));
      }
    }
    request.set_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
  }
  EXPECT_EQ(listed, newest_first);
  const auto events = this->Audited();
  EXPECT_EQ(events.back().action(), audit::v1::ACTION_READ);
  request.set_page_token("nonsense");
  typename TypeParam::ListResponse response;
  EXPECT_THAT(
      this->cases_->RunListCases(this->CallOf("ListCases"), request, &response),
      ::waymark::testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

TYPED_TEST_P(CaseLifecycle, HandsOverEveryCaseOfOnePersonAndRecordsWhoWasShown) {
  this->OpenOne();
  this->now_ += absl::Minutes(1);
  const auto second = this->OpenOne();
  typename TypeParam::ListRequest request;
  typename TypeParam::ListResponse response;
  const auto count = [](const std::vector<typename TypeParam::Case>& cases,
                        const typename TypeParam::ListRequest&,
                        typename TypeParam::ListResponse& counted) {
    counted.set_next_page_token(
        absl::StrCat(cases.size(), " ", cases.empty() ? "" : cases.back().header().case_id()));
  };
  request.set_subject_id(second.header().subject_id());
  ASSERT_THAT(this->cases_->RunReadSubject(this->CallOf("ListCases"), request, &response, +count),
              ::waymark::testing::IsOk());
  const int of_subject = static_cast<int>(this->Count(
      absl::StrCat("case_record WHERE subject_id = '", second.header().subject_id(), "'")));
  EXPECT_EQ(response.next_page_token(), absl::StrCat(of_subject, " ", second.header().case_id()));
  EXPECT_EQ(this->Audited().back().subject_id(), second.header().subject_id());
  request.set_subject_id(ids::NewUuid());
  ASSERT_THAT(this->cases_->RunReadSubject(this->CallOf("ListCases"), request, &response, +count),
              ::waymark::testing::IsOk());
  EXPECT_EQ(response.next_page_token(), "0 ");
}

TYPED_TEST_P(CaseLifecycle, HoldsNoClinicalWordInTheDatabase) {
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  ASSERT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id),
              ::waymark::testing::IsOk());
  ASSERT_THAT(this->Get(case_id), ::waymark::testing::IsOk());
  for (const char* table :
       {"case_record", "case_event", "case_part", "outbox", "idempotency_key"}) {
    const std::string dump =
        this->Query(absl::StrCat("SELECT string_agg(t::text, E'\\n') FROM ", table, " t"));
    if (!this->kHoldsApart && table == absl::string_view("case_part")) continue;
    ASSERT_FALSE(dump.empty()) << table;
    for (const std::string& word :
         {std::string(TypeParam::kMarker), std::string(TypeParam::kApartMarker),
          opened.header().plan().steps(0).title(), opened.header().plan().steps(0).key()}) {
      if (word.empty()) continue;
      EXPECT_FALSE(absl::StrContains(dump, word)) << table << " " << word;
      EXPECT_FALSE(absl::StrContains(dump, crypto::Hex(word))) << table << " " << word;
    }
  }
}

TYPED_TEST_P(CaseLifecycle, BindsWhatIsSealedToItsCaseAndVersion) {
  const std::string a = this->OpenOne().header().case_id();
  const std::string b = this->OpenOne().header().case_id();
  this->Query(
      absl::StrCat("UPDATE case_record SET body = (SELECT body FROM case_record WHERE case_id = '",
                   a, "'), wrapped_key = (SELECT wrapped_key FROM case_record WHERE case_id = '", a,
                   "') WHERE case_id = '", b, "' RETURNING 1"));
  EXPECT_THAT(this->Get(b), ::waymark::testing::StatusIs(absl::StatusCode::kDataLoss));
}

TYPED_TEST_P(CaseLifecycle, RotatesKeysWithoutTouchingTheRecord) {
  const std::string case_id = this->OpenOne().header().case_id();
  ASSERT_THAT(crypto::CreateKeyFile(this->keys_folder_), ::waymark::testing::IsOk());
  ASSERT_THAT(this->keys_->Reload(), ::waymark::testing::IsOk());
  int wrapped = 0;
  const auto rewrap = [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(wrapped, this->cases_->untyped().store().Rewrap(txn, 100));
    return absl::OkStatus();
  };
  ASSERT_THAT(this->pool_->Transact(absl::Now() + absl::Seconds(20), "demo", rewrap),
              ::waymark::testing::IsOk());
  EXPECT_GE(wrapped, 1);
  ASSERT_THAT(this->pool_->Transact(absl::Now() + absl::Seconds(20), "demo", rewrap),
              ::waymark::testing::IsOk());
  EXPECT_EQ(wrapped, 0);
  EXPECT_EQ(this->Count("case_record WHERE key_version <> 2"), 0);
  EXPECT_EQ(this->Count("case_part WHERE key_version <> 2"), 0);
  EXPECT_EQ(this->Count("case_event WHERE apart_key_version = 2"),
            this->Count("case_event WHERE held_apart IS NOT NULL"));
  EXPECT_EQ(this->Count("case_event WHERE apart_key_version <> 2"), 0);
  EXPECT_THAT(this->Get(case_id), ::waymark::testing::IsOk());
}

TYPED_TEST_P(CaseLifecycle, ErasesACaseWithItsKeyWhenItsTimeIsOver) {
  const auto closed = this->WaiveAndClose(this->OpenOne());
  const std::string kept = this->OpenOne().header().case_id();
  const auto erase = [&](absl::Time before) {
    return this->cases_->untyped().EraseClosedBefore("demo", before, 100,
                                                     absl::Now() + absl::Seconds(20));
  };
  EXPECT_EQ(erase(this->now_).value(), 0);
  EXPECT_EQ(erase(this->now_ + absl::Seconds(1)).value(), 1);
  EXPECT_THAT(this->Get(closed.header().case_id()),
              ::waymark::testing::StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"));
  EXPECT_THAT(this->Get(kept), ::waymark::testing::IsOk());
  const std::string of_case = absl::StrCat(" WHERE case_id = '", closed.header().case_id(), "'");
  EXPECT_EQ(this->Count("case_event" + of_case), 0);
  EXPECT_EQ(this->Count("case_part" + of_case), 0);
  bool erased = false;
  for (const audit::v1::AuditEvent& event : this->Audited()) {
    erased |= event.action() == audit::v1::ACTION_ERASE;
  }
  EXPECT_TRUE(erased);
}

// Connections are killed at random while cases are opened and changed; each request is repeated
// until it is answered, as a client would. In the end every request has acted exactly once.
TYPED_TEST_P(CaseLifecycle, LosesAndDoublesNothingWhenConnectionsAreKilled) {
  std::atomic<bool> done = false;
  std::thread killer([&] {
    while (!done) {
      this->Query(
          "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE "
          "usename = 'waymark_runtime' AND datname = current_database() ORDER BY random() LIMIT 1)"
          " b");
    }
  });
  std::vector<std::string> opened(4);
  std::vector<std::thread> clients;
  for (std::string& case_id : opened) {
    clients.emplace_back([&] {
      const auto request = this->Opening();
      rpc::Call call = this->CallOf(TypeParam::kOpenMethod);
      for (int attempt = 0; attempt < 500 && case_id.empty(); ++attempt) {
        call.deadline = absl::Now() + absl::Seconds(20);
        const auto response = this->Open(call, request);
        if (response.ok()) case_id = response->cases(0).header().case_id();
      }
      for (int change = 0; change < 5; ++change) {
        rpc::Call act = this->CallOf(TypeParam::kChangeMethod);
        for (int attempt = 0; attempt < 500; ++attempt) {
          act.deadline = absl::Now() + absl::Seconds(20);
          if (this->Change(act, case_id).ok()) break;
        }
      }
    });
  }
  for (std::thread& client : clients) client.join();
  done = true;
  killer.join();
  for (const std::string& case_id : opened) {
    const std::string of_case = absl::StrCat(" WHERE case_id = '", case_id, "'");
    EXPECT_EQ(this->Query("SELECT version FROM case_record" + of_case), "6");
    EXPECT_EQ(this->Count("case_event" + of_case), 6);
  }
  EXPECT_EQ(this->Count("outbox WHERE destination = 'scheduling'"), this->Count("case_event"));
  EXPECT_EQ(this->Count("outbox WHERE destination = 'audit'"), this->Count("case_event"));
}

TYPED_TEST_P(CaseLifecycle, FollowsItsPersonToAnotherForceWithDatesHistoryAndWhatIsHeldApart) {
  if (!this->Follows()) GTEST_SKIP() << "stays with the force that opened it";
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  ASSERT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id),
              ::waymark::testing::IsOk());
  this->now_ += absl::Hours(24 * 20);
  const auto here = this->Get(case_id);
  ASSERT_THAT(here, ::waymark::testing::IsOk());
  typename TypeParam::EventsRequest events_request;
  events_request.set_case_id(case_id);
  typename TypeParam::EventsResponse events_here;
  ASSERT_THAT(
      this->cases_->RunListCaseEvents(this->CallOf("ListCaseEvents"), events_request, &events_here),
      ::waymark::testing::IsOk());

  const std::string request_id = ids::NewUuid();
  ASSERT_THAT(this->Transfer(opened, false, request_id), ::waymark::testing::IsOk());
  ASSERT_THAT(this->Transfer(opened, false, request_id), ::waymark::testing::IsOk());
  ASSERT_EQ(this->template Told<v1::CaseHandover>(TypeParam::kPathway).size(), 1);
  EXPECT_THAT(this->HandOver(),
              ::waymark::testing::StatusIs(absl::StatusCode::kUnavailable, "HANDOVER_WAITS"));
  this->Schedule("other");
  ASSERT_THAT(this->HandOver(), ::waymark::testing::IsOk());

  const std::string new_id = this->CaseThere(case_id);
  ASSERT_NE(new_id, "");
  EXPECT_NE(new_id, case_id);
  const auto there = this->Get(this->CallThere("GetCase"), new_id);
  ASSERT_THAT(there, ::waymark::testing::IsOk());
  const v1::CaseHeader& header = there->header();
  EXPECT_EQ(header.subject_id(), this->kNewSubject);
  EXPECT_EQ(header.state(), v1::CASE_STATE_OPEN);
  EXPECT_EQ(header.version(), here->header().version() + 1);
  EXPECT_EQ(header.protocol_version(), here->header().protocol_version());
  EXPECT_EQ(header.came_from().force(), "demo");
  EXPECT_EQ(header.came_from().case_id(), case_id);
  EXPECT_FALSE(header.arriving());
  EXPECT_EQ(header.assigned_to(), "");
  // Not an instant of its path has moved, and every status is what it was.
  EXPECT_EQ(header.plan().DebugString(), here->header().plan().DebugString());

  // Its history is there, as it was, and what led to the move.
  events_request.set_case_id(new_id);
  typename TypeParam::EventsResponse events_there;
  ASSERT_THAT(this->cases_->RunListCaseEvents(this->CallThere("ListCaseEvents"), events_request,
                                              &events_there),
              ::waymark::testing::IsOk());
  ASSERT_EQ(events_there.events_size(), events_here.events_size() + 1);
  for (int i = 0; i < events_here.events_size(); ++i) {
    v1::CaseEvent event = events_there.events(i);
    EXPECT_EQ(event.case_id(), new_id);
    event.set_case_id(case_id);
    event.set_event_id(events_here.events(i).event_id());
    EXPECT_EQ(event.DebugString(), events_here.events(i).DebugString());
  }
  const v1::CaseEvent& last = events_there.events(events_here.events_size());
  EXPECT_EQ(last.act(), "AcceptCase");
  EXPECT_EQ(last.on_behalf_of(), "lead-there");
  if (this->kHoldsApart) {
    const auto apart = [&](const rpc::Call& call, const std::string& of_case) {
      typename TypeParam::GetApartRequest request;
      request.set_case_id(of_case);
      typename TypeParam::GetApartResponse response;
      EXPECT_THAT(this->cases_->RunGetHeldApart(call, request, &response),
                  ::waymark::testing::IsOk());
      return response.DebugString();
    };
    EXPECT_EQ(apart(this->CallThere(TypeParam::kGetApartMethod), new_id),
              apart(this->CallOf(TypeParam::kGetApartMethod), case_id));
    EXPECT_GT(this->Count("case_part WHERE tenant = 'other'"), 0);
    EXPECT_EQ(this->Count("case_event WHERE tenant = 'other' AND held_apart IS NOT NULL"),
              this->Count(absl::StrCat("case_event WHERE held_apart IS NOT NULL AND case_id = '",
                                       case_id, "'")));
  }

  // The old one is closed for good and says where it went.
  const auto left = this->Get(case_id);
  ASSERT_THAT(left, ::waymark::testing::IsOk());
  EXPECT_EQ(left->header().state(), v1::CASE_STATE_CLOSED);
  EXPECT_EQ(left->header().went_to().force(), "other");
  EXPECT_EQ(left->header().went_to().case_id(), new_id);
  for (const v1::Step& step : left->header().plan().steps()) {
    EXPECT_TRUE(step.has_outcome()) << step.key();
  }
  EXPECT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id),
              ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_CLOSED"));
  EXPECT_THAT(
      this->Reopen(case_id),
      ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_TRANSFERRED"));

  // Each force's scheduling and trail have their own side of it.
  EXPECT_TRUE(this->template Told<scheduling::v1::Plan>("scheduling").back().closed());
  const auto told = this->template Told<scheduling::v1::Plan>("scheduling", "other");
  ASSERT_EQ(told.size(), 2);
  EXPECT_EQ(told[0].case_version(), here->header().version());
  EXPECT_EQ(told[1].case_version(), here->header().version() + 1);
  EXPECT_EQ(told[1].subject_id(), this->kNewSubject);
  EXPECT_EQ(told[0].steps_size(), here->header().plan().steps_size());
  EXPECT_EQ(told[0].steps(0).due_time().DebugString(), told[1].steps(0).due_time().DebugString());
  int exports = 0;
  for (const audit::v1::AuditEvent& event : this->Audited()) {
    if (event.action() != audit::v1::ACTION_EXPORT) continue;
    ++exports;
    EXPECT_EQ(event.actor().user_id(), "lead-here");
    EXPECT_TRUE(event.actor().on_behalf_of());
    EXPECT_FALSE(event.has_outcome());
  }
  EXPECT_EQ(exports, 2);
  const auto trail = this->template Told<audit::v1::AuditEvent>("audit", "other");
  EXPECT_EQ(trail.front().actor().user_id(), "lead-there");
  EXPECT_EQ(trail.front().actor().service(), "workforce");

  // Once more changes nothing, and the new force works on the case.
  const int64_t messages = this->Count("outbox");
  ASSERT_THAT(this->HandOver(), ::waymark::testing::IsOk());
  EXPECT_EQ(this->Count("outbox"), messages);
  EXPECT_THAT(this->Change(this->CallThere(TypeParam::kChangeMethod), new_id),
              ::waymark::testing::IsOk());
}

TYPED_TEST_P(CaseLifecycle, StaysWithTheOldForceUntilTheNewOneHasItsDeadlines) {
  if (!this->Follows()) GTEST_SKIP() << "stays with the force that opened it";
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  ASSERT_THAT(this->Transfer(opened), ::waymark::testing::IsOk());
  EXPECT_THAT(this->HandOver(), ::waymark::testing::StatusIs(absl::StatusCode::kUnavailable));
  const std::string new_id = this->CaseThere(case_id);
  ASSERT_NE(new_id, "");
  // It can be read there, and only that; here it goes on.
  EXPECT_TRUE(this->Get(this->CallThere("GetCase"), new_id)->header().arriving());
  EXPECT_THAT(this->Change(this->CallThere(TypeParam::kChangeMethod), new_id),
              ::waymark::testing::StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_ARRIVING"));
  ASSERT_THAT(this->Change(this->CallOf(TypeParam::kChangeMethod), case_id),
              ::waymark::testing::IsOk());
  // Scheduling has the copy as it was before that change: not enough.
  this->Schedule("other");
  EXPECT_THAT(this->HandOver(), ::waymark::testing::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(this->Get(case_id)->header().state(), v1::CASE_STATE_OPEN);
  this->Schedule("other");
  ASSERT_THAT(this->HandOver(), ::waymark::testing::IsOk());
  const auto there = this->Get(this->CallThere("GetCase"), new_id);
  EXPECT_EQ(there->header().version(), 3);
  EXPECT_FALSE(there->header().arriving());
  EXPECT_EQ(this->Count("case_event WHERE tenant = 'other'"), 3);
  EXPECT_EQ(this->Get(case_id)->header().state(), v1::CASE_STATE_CLOSED);
}

TYPED_TEST_P(CaseLifecycle, LeavesClosedCasesWhereTheyAre) {
  if (!this->Follows()) GTEST_SKIP() << "stays with the force that opened it";
  const auto closed = this->WaiveAndClose(this->OpenOne());
  ASSERT_THAT(this->Transfer(closed), ::waymark::testing::IsOk());
  EXPECT_THAT(this->template Told<v1::CaseHandover>(TypeParam::kPathway), ::testing::IsEmpty());

  // One that the old force closes on the way stays its own, and is not left open there either.
  const auto opened = this->OpenOne();
  ASSERT_THAT(this->Transfer(opened), ::waymark::testing::IsOk());
  EXPECT_THAT(this->HandOver(), ::waymark::testing::StatusIs(absl::StatusCode::kUnavailable));
  this->WaiveAndClose(opened);
  ASSERT_THAT(this->HandOver(), ::waymark::testing::IsOk());
  EXPECT_FALSE(this->Get(opened.header().case_id())->header().has_went_to());
  const auto there =
      this->Get(this->CallThere("GetCase"), this->CaseThere(opened.header().case_id()));
  EXPECT_EQ(there->header().state(), v1::CASE_STATE_CLOSED);
  EXPECT_FALSE(there->header().arriving());
}

TYPED_TEST_P(CaseLifecycle, TakesWhatManagersMayNotKnowOfAlongOnlyIfThePersonSaysSo) {
  if (!this->Follows()) GTEST_SKIP() << "stays with the force that opened it";
  const rpc::Call call = this->CallOf(TypeParam::kOpenMethod);
  auto request = this->Opening();
  request.set_request_id(call.request_id);
  typename TypeParam::OpenResponse response;
  ASSERT_THAT(
      this->cases_->RunOpen(call, request, &response, &TestFixture::OpenHidden, &TypeParam::Answer),
      ::waymark::testing::IsOk());
  const auto opened = response.cases(0);
  ASSERT_THAT(this->Transfer(opened), ::waymark::testing::IsOk());
  EXPECT_THAT(this->template Told<v1::CaseHandover>(TypeParam::kPathway), ::testing::IsEmpty());
  EXPECT_EQ(this->Get(opened.header().case_id())->header().state(), v1::CASE_STATE_OPEN);
  ASSERT_THAT(this->Transfer(opened, /*hidden_too=*/true), ::waymark::testing::IsOk());
  this->HandOver().IgnoreError();
  this->Schedule("other");
  ASSERT_THAT(this->HandOver(), ::waymark::testing::IsOk());
  EXPECT_TRUE(this->Get(this->CallThere("GetCase"), this->CaseThere(opened.header().case_id()))
                  ->header()
                  .hidden_from_managers());
}

// Connections are killed at random while a case is handed over, again and again until it is: whole
// or not at all, and never open in neither force.
TYPED_TEST_P(CaseLifecycle, IsNeverNobodysWhenAHandoverIsKilled) {
  if (!this->Follows()) GTEST_SKIP() << "stays with the force that opened it";
  const auto opened = this->OpenOne();
  const std::string case_id = opened.header().case_id();
  ASSERT_THAT(this->Transfer(opened), ::waymark::testing::IsOk());
  const auto handovers = this->template Told<v1::CaseHandover>(TypeParam::kPathway);
  ASSERT_EQ(handovers.size(), 1);
  std::atomic<bool> done = false;
  std::atomic<int> nobodys = 0;
  std::thread killer([&] {
    while (!done) {
      this->Query(
          "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE "
          "usename = 'waymark_runtime' AND datname = current_database() ORDER BY random() LIMIT 1)"
          " b");
      if (this->Query(absl::StrCat("SELECT count(*) FROM case_record WHERE state = 1 AND (case_id "
                                   "= '",
                                   case_id, "' OR tenant = 'other')")) == "0") {
        ++nobodys;
      }
    }
  });
  absl::Status handed_over = absl::UnavailableError("");
  for (int attempt = 0; attempt < 2000 && !handed_over.ok(); ++attempt) {
    handed_over =
        this->cases_->untyped().HandOver(handovers[0], this->now_, absl::Now() + absl::Seconds(20));
    this->Schedule("other");
  }
  done = true;
  killer.join();
  EXPECT_THAT(handed_over, ::waymark::testing::IsOk());
  EXPECT_EQ(nobodys, 0);
  EXPECT_EQ(this->Query("SELECT string_agg(concat_ws(' ', tenant, state, version), ', ' ORDER BY "
                        "tenant) FROM case_record WHERE subject_id IS NOT NULL"),
            "demo 2 2, other 1 2");
  EXPECT_EQ(this->Count("case_event WHERE tenant = 'other'"), 2);
  EXPECT_EQ(this->Count("outbox WHERE tenant = 'other' AND destination = 'scheduling'"), 2);
  EXPECT_EQ(this->Count("outbox WHERE tenant = 'other' AND destination = 'audit'"), 2);
}

REGISTER_TYPED_TEST_SUITE_P(
    CaseLifecycle, FollowsItsPersonToAnotherForceWithDatesHistoryAndWhatIsHeldApart,
    StaysWithTheOldForceUntilTheNewOneHasItsDeadlines, LeavesClosedCasesWhereTheyAre,
    TakesWhatManagersMayNotKnowOfAlongOnlyIfThePersonSaysSo, IsNeverNobodysWhenAHandoverIsKilled,
    OpensAPlannedCaseAndTellsSchedulingAndAudit, ReadsBackWhatWasOpened, OpensSeveralCasesOrNone,
    AnswersARepeatedRequestAlikeAndActsOnce, ConcurrentTwinsActOnceAndAnswerAlike,
    RivalsChangeOneAfterTheOther, RefusesAStaleVersion,
    HidesOnesOwnCaseFromStaffAndRecordsTheAttempt, HidesTheCasesOfAnotherForce,
    GivesASupervisorAReceiptAndNoCase, ClosesOnlyWhenNothingBlocks, EndsAStepByDecisionOnce,
    ShowsWhatAdoptingAProtocolMovesBeforeItDoes, KeepsAHistoryThatNothingRewrites,
    ShowsThePartHeldApartOnlyToThoseWhoAskForIt, ListsNewestFirstInPagesAndRecordsWhoWasShown,
    HandsOverEveryCaseOfOnePersonAndRecordsWhoWasShown, HoldsNoClinicalWordInTheDatabase,
    BindsWhatIsSealedToItsCaseAndVersion, RotatesKeysWithoutTouchingTheRecord,
    ErasesACaseWithItsKeyWhenItsTimeIsOver, LosesAndDoublesNothingWhenConnectionsAreKilled);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_CONFORMANCE_H_
