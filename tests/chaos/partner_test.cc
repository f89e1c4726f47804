// Providers outside the suite that are slow, away, broken, double-tongued or late, while the
// service that sends to them is killed: each referral is delivered once or is somebody's task in
// time.
//
// Each provider is a process of tools/partner_simulator with a way of its own.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "services/casework/instants.h"
#include "services/casework/status.h"
#include "services/gateway/testing/browser.h"
#include "services/referral/carriers/testing/simulator.h"
#include "tests/chaos/kill_at_write.h"
#include "tests/chaos/load.h"
#include "tests/chaos/referrals.h"
#include "tests/harness/ask.h"
#include "tests/harness/suite.h"
#include "waymark/referral/v1/partner_service.grpc.pb.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"

namespace waymark::chaos {
namespace {

namespace v1 = ::waymark::referral::v1;
namespace scheduling = ::waymark::scheduling::v1;
using referral::testing::Simulator;
using testing::Eventually;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

// Fails twice, loses what it took, does not say to what it answers, refuses for good, is away for a
// while, is away for good, is killed with the message in its hands, answers when it is too late.
constexpr char kBusy[] = "RYA", kDrops[] = "RYB", kSilent[] = "RYC", kRefuses[] = "RYD",
               kReturns[] = "RYE", kAway[] = "RYF", kKilled[] = "RYG", kLate[] = "RYH";

class PartnerChaos : public ::testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    const std::string list = absl::StrCat(::testing::TempDir(), "/partners-", ids::NewUuid());
    std::ofstream partners(list);
    partners << R"(source_system: "https://fhir.nhs.uk/Id/product-id" source_value: "P.1"
      operator_code: "X26" loopback: true first_pause { seconds: 1 })";
    for (const char* code : {kBusy, kDrops, kSilent, kRefuses, kReturns, kAway, kKilled, kLate}) {
      ports_[code] = harness::FreePort();
      partners << " partners { organisation_code: \"" << code
               << "\" bars { url: \"http://127.0.0.1:" << ports_[code]
               << "\" target_system: \"https://fhir.nhs.uk/Id/dos-service-id\""
                  " target_value: \"1\" } }";
    }
    partners.close();
    ASSERT_OK_AND_ASSIGN(
        suite_, harness::Suite::Start(
                    {.services = {"audit", "scheduling", "bbv", "workforce", "referral", "gateway"},
                     .flags = {{"referral", {absl::StrCat("--partners=", list)}}}}));
    ActivateTenant(*suite_);
    for (const auto& [code, port] : ports_) {
      std::ofstream(TokenFile(code)) << suite_->Token(Clinician(code));
    }
  }

  std::string TokenFile(const std::string& code) {
    return absl::StrCat(suite_->folder(), "/", code, ".token");
  }
  // A provider's system comes up: how it takes messages, and what it answers once it is released.
  void Run(const std::string& code, const std::string& receive,
           const std::string& answer = "nothing") {
    systems_.erase(code);
    const std::string port = gateway::ReadFile(absl::StrCat(suite_->folder(), "/gateway.http"));
    systems_[code] = std::make_unique<Simulator>(std::vector<std::string>{
        "--port", absl::StrCat(ports_[code]), "--receive", receive, "--answer", answer,
        "--answer-to",
        absl::StrCat("https://localhost:", absl::StripAsciiWhitespace(port), "/fhir/R4"),
        "--token-file", TokenFile(code), "--ca", suite_->folder() + "/tls/gateway/ca.crt"});
    ASSERT_EQ(systems_[code]->port(), ports_[code]) << code;
  }
  gateway::Browser System(const std::string& code) {
    return {absl::StrCat("http://127.0.0.1:", ports_[code]), ""};
  }
  nlohmann::json StateOf(const std::string& code) { return System(code).Get("/state").json(); }
  void Release(const std::string& code) {
    EXPECT_EQ(System(code).Send("POST", "/release", "{}").status, 200);
  }

  void RestartReferral() {
    suite_->KillService("referral");
    ASSERT_THAT(suite_->StartService("referral"), IsOk());
  }
  v1::ReferralCase Sent(const std::string& code) {
    const auto read = ReadReferral(*suite_, Nurse(), ids_.at(code));
    return read.ok() ? *read : v1::ReferralCase();
  }
  bool Reaches(const std::string& code, v1::ReferralState state) {
    return Eventually([&] { return Sent(code).state() == state; }, absl::Minutes(1));
  }
  // Whether the service has done with its first message, and will not send it again.
  bool IsDoneWith(const std::string& code) {
    return Eventually(
        [&] {
          return suite_->database("referral")
                     .Query(absl::StrCat("select count(*) from outbox_counter where tenant = '",
                                         kTenant, "' and destination = 'partner_", code,
                                         "' and delivered_through = 1")) == "1";
        },
        absl::Minutes(1));
  }
  std::string Why(const std::string& code) {
    return absl::StrCat(code, " ", Sent(code).ShortDebugString(), "\n", suite_->Log("referral"),
                        suite_->Log("gateway"));
  }
  v1::CircuitState CircuitOf(const std::string& code) {
    const auto list =
        harness::Insist(*suite_, "referral", Nurse(), &v1::PartnerService::Stub::ListPartners,
                        v1::ListPartnersRequest());
    if (!list.ok()) return v1::CIRCUIT_STATE_UNSPECIFIED;
    for (const v1::PartnerView& partner : list->partners()) {
      if (partner.organisation_code() == code) return partner.circuit();
    }
    return v1::CIRCUIT_STATE_UNSPECIFIED;
  }
  // What somebody has to do for the referral, by step; `told` only what somebody was told of.
  std::map<std::string, scheduling::WorklistItem> TasksOf(const std::string& code,
                                                          bool told = false) {
    scheduling::ListWorklistRequest request;
    request.mutable_filter()->set_case_id(ids_.at(code));
    request.set_page_size(100);
    const auto list =
        harness::Insist(*suite_, "scheduling", Nurse(),
                        &scheduling::SchedulingService::Stub::ListWorklist, std::move(request));
    std::map<std::string, scheduling::WorklistItem> tasks;
    if (!list.ok()) return tasks;
    for (const scheduling::WorklistItem& item : list->items()) {
      if (!told || item.highest_rung() > 0) tasks[item.step_key()] = item;
    }
    return tasks;
  }
  template <typename Request, typename Response>
  void Act(const std::string& code, harness::Method<ReferralStub, Request, Response> method,
           Request request = {}) {
    request.set_case_id(ids_.at(code));
    EXPECT_THAT(harness::Insist(*suite_, "referral", Nurse(), method, request), IsOk());
  }
  std::string CopiesOf(const std::string& code) {
    return suite_->database("referral")
        .Query(absl::StrCat("select count(*) from case_record where tenant = '", code, "'"));
  }

  std::unique_ptr<harness::Suite> suite_;
  std::map<std::string, int> ports_;
  std::map<std::string, std::unique_ptr<Simulator>> systems_;
  std::map<std::string, std::string> ids_;
};

TEST_F(PartnerChaos, DeliversEachReferralOnceOrMakesItSomebodysTaskBeforeTheHardStop) {
  Run(kBusy, "busy,busy,take", "held:accept");
  Run(kDrops, "drop,take", "held:twice:decline:22");
  Run(kSilent, "silent,take", "held:twice:accept");
  Run(kRefuses, "refuse");
  Run(kKilled, "delay:60");
  Run(kLate, "take,busy", "held:accept");
  ASSERT_FALSE(HasFailure());

  ASSERT_OK_AND_ASSIGN(const std::string case_id,
                       LogNeedlestick(*suite_, EnterPatient(*suite_), ids::NewUuid()));
  for (const auto& [code, port] : ports_) {
    ASSERT_OK_AND_ASSIGN(const auto drafted,
                         harness::Insist(*suite_, "referral", Nurse(), &ReferralStub::DraftReferral,
                                         DraftOfPep(case_id, {code}, v1::CARRIER_BARS)));
    ids_[code] = drafted.receipts(0).case_id();
    Act(code, &ReferralStub::SendReferral);
  }

  // It takes one message only, and would be busy when that came again.
  ASSERT_TRUE(IsDoneWith(kLate)) << Why(kLate);

  // Both ends die with a message between them; one of the two forgets that it ever came.
  ASSERT_TRUE(Eventually([&] { return StateOf(kKilled)["kept"].size() == 1; })) << Why(kKilled);
  const std::string first_id = StateOf(kKilled)["attempts"][0]["request_id"];
  suite_->KillService("referral");
  Run(kKilled, "take", "held:accept");
  ASSERT_THAT(suite_->StartService("referral"), IsOk());

  for (const char* code : {kBusy, kDrops, kSilent, kKilled, kLate}) {
    EXPECT_TRUE(Reaches(code, v1::REFERRAL_STATE_RECEIVED)) << Why(code);
  }
  EXPECT_EQ(StateOf(kKilled)["attempts"][0]["request_id"], first_id);

  // Whoever is away is left alone for a while, where a person sees it, and then tried again.
  EXPECT_TRUE(Eventually([&] { return CircuitOf(kReturns) == v1::CIRCUIT_STATE_OPEN; }))
      << Why(kReturns);
  EXPECT_GT(suite_->Metric("referral", "waymark_referral_partner_circuit"), 0);
  EXPECT_EQ(CircuitOf(kBusy), v1::CIRCUIT_STATE_CLOSED);
  EXPECT_EQ(Sent(kReturns).state(), v1::REFERRAL_STATE_SENT);
  Run(kReturns, "take", "held:accept");
  EXPECT_TRUE(Reaches(kReturns, v1::REFERRAL_STATE_RECEIVED)) << Why(kReturns);
  EXPECT_EQ(CircuitOf(kReturns), v1::CIRCUIT_STATE_CLOSED);

  // Their answers come while the service is killed again; those that come twice count once.
  for (const char* code : {kBusy, kDrops, kSilent, kReturns, kKilled}) Release(code);
  RestartReferral();
  for (const char* code : {kBusy, kSilent, kReturns, kKilled}) {
    EXPECT_TRUE(Reaches(code, v1::REFERRAL_STATE_ACCEPTED)) << Why(code);
  }
  EXPECT_TRUE(Reaches(kDrops, v1::REFERRAL_STATE_DECLINED)) << Why(kDrops);
  for (const char* code : {kDrops, kSilent}) {
    EXPECT_TRUE(Eventually([&] { return StateOf(code)["answers"].size() == 2; })) << Why(code);
    for (const auto& answer : StateOf(code)["answers"]) EXPECT_EQ(answer["status"], 200) << code;
  }
  EXPECT_TRUE(Eventually([&] { return TasksOf(kDrops).contains("find_another_now"); }))
      << Why(kDrops);

  // One answers what was called off before the call reached it: an event, and a task with a time.
  v1::CancelReferralRequest cancel;
  cancel.mutable_cancelled()->set_reason(v1::CANCEL_REASON_NO_LONGER_NEEDED);
  Act(kLate, &ReferralStub::CancelReferral, cancel);
  Release(kLate);
  EXPECT_TRUE(Eventually([&] { return Sent(kLate).unfitting_size() == 1; })) << Why(kLate);
  const v1::ReferralCase late = Sent(kLate);
  EXPECT_EQ(late.state(), v1::REFERRAL_STATE_CANCELLED);
  EXPECT_EQ(late.care_holder(), v1::CARE_HOLDER_REFERRER);
  ASSERT_THAT(late.unfitting(), SizeIs(1));
  EXPECT_TRUE(late.unfitting(0).answer().has_accepted());
  const casework::v1::Step* settle = casework::FindStep(late.header().plan(), "settle_message#1");
  ASSERT_NE(settle, nullptr) << late.header().plan().DebugString();
  EXPECT_EQ(casework::FromTimestamp(settle->due_time()),
            casework::FromTimestamp(late.unfitting(0).received_time()) + absl::Hours(4));

  // Nobody hears of the two that were not delivered for a quarter of an hour; then a person does,
  // long before the window shuts.
  ASSERT_THAT(suite_->AdvanceClock(absl::Minutes(20)), IsOk());
  for (const char* code : {kRefuses, kAway}) {
    EXPECT_EQ(Sent(code).state(), v1::REFERRAL_STATE_SENT);
    EXPECT_TRUE(Eventually([&] { return TasksOf(code, /*told=*/true).contains("receipt_now"); }))
        << Why(code) << suite_->Log("scheduling");
    const auto tasks = TasksOf(code);
    EXPECT_EQ(tasks.at("receipt_now").status(), casework::v1::STEP_STATUS_OVERDUE);
    EXPECT_LT(tasks.at("receipt_now").due_time().seconds(),
              Sent(code).content().need().closes_time().seconds());
  }
  // The nurse rings the one that refuses. What they say is recorded though the service dies after
  // the act: a result that comes under their own number finds its referral.
  v1::RecordPartnerAnswerRequest said;
  said.set_request_id(ids::NewUuid());
  said.set_case_id(ids_[kRefuses]);
  said.set_route(v1::ANSWER_ROUTE_TELEPHONE);
  said.mutable_answer()->mutable_accepted()->set_provider_reference("T-5");
  std::future<absl::Status> caller;
  KillAtWriteOf(*suite_, "referral", {"referral_match", ""}, [&] {
    caller = std::async(std::launch::async, [&] {
      return harness::Ask(*suite_, "referral", Nurse(), &ReferralStub::RecordPartnerAnswer, said)
          .status();
    });
  });
  EXPECT_FALSE(caller.get().ok());
  ASSERT_THAT(suite_->StartService("referral"), IsOk());
  ASSERT_THAT(
      harness::Insist(*suite_, "referral", Nurse(), &ReferralStub::RecordPartnerAnswer, said),
      IsOk());
  EXPECT_EQ(Sent(kRefuses).state(), v1::REFERRAL_STATE_ACCEPTED);
  v1::ReceiveAnswerRequest result;
  result.set_request_id(ids::NewUuid());
  result.set_tenant(kTenant);
  result.mutable_keys()->set_organisation_code(kRefuses);
  result.mutable_keys()->set_provider_reference("T-5");
  result.mutable_answer()->mutable_outcome()->set_summary("First dose given.");
  v1::ReceiveAnswerResponse matched;
  ReferralStub gateway(suite_->Connect("referral", "gateway"));
  ASSERT_THAT(rpc::Invoke({.deadline = absl::Now() + absl::Seconds(10)},
                          [&](grpc::ClientContext* context) {
                            return gateway.ReceiveAnswer(context, result, &matched);
                          }),
              IsOk());
  EXPECT_EQ(matched.case_id(), ids_[kRefuses]);

  // After the hard stop nothing is sent any more: whoever calls knows that it did not go.
  ASSERT_THAT(suite_->AdvanceClock(absl::Hours(72)), IsOk());
  RestartReferral();
  EXPECT_TRUE(IsDoneWith(kAway)) << Why(kAway);
  Run(kAway, "take");
  EXPECT_THAT(StateOf(kAway)["attempts"], IsEmpty());

  for (const auto& [code, id] : ids_) {
    SCOPED_TRACE(code);
    // The same message under the same id, however often it went.
    std::map<std::string, std::set<std::string>> bodies;
    const nlohmann::json state = StateOf(code);
    for (const auto& attempt : state["attempts"]) {
      bodies[attempt["request_id"]].insert(attempt["sha256"].get<std::string>());
    }
    EXPECT_EQ(bodies.size(), code == kAway ? 0U : code == kLate ? 2U : 1U) << state;
    for (const auto& [request_id, different] : bodies) EXPECT_THAT(different, SizeIs(1)) << state;
    const bool delivered = code != kRefuses && code != kAway;
    EXPECT_EQ(CopiesOf(code), delivered ? "1" : "0");
    // Each thing that was said is there once.
    std::set<int> states;
    const v1::ReferralCase sent = Sent(code);
    for (const v1::Milestone& milestone : sent.milestones()) {
      EXPECT_TRUE(states.insert(milestone.state()).second) << sent.ShortDebugString();
    }
    EXPECT_THAT(sent.waiting(), IsEmpty());
    EXPECT_EQ(sent.unfitting_size(), code == kLate ? 1 : 0) << sent.ShortDebugString();
  }
}

}  // namespace
}  // namespace waymark::chaos
