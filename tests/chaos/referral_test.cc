// kill -9 at every step of a referral, of the service that carries it and of the pathway that it is
// for: on both sides it is whole or not at all, each message is acted on once, and no clock moves.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "tests/chaos/kill_at_write.h"
#include "tests/chaos/load.h"
#include "tests/chaos/referrals.h"
#include "tests/harness/ask.h"
#include "tests/harness/suite.h"
#include "tests/harness/trail.h"

namespace waymark::chaos {
namespace {

namespace v1 = ::waymark::referral::v1;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

constexpr char kProvider[] = "RX1";

class ReferralChaos : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(suite_, harness::Suite::Start({.services = {"audit", "scheduling", "bbv",
                                                                     "workforce", "referral"}}));
    ActivateTenant(*suite_);
    subject_ = EnterPatient(*suite_);
    ASSERT_NE(subject_, "");
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Once(const harness::Person& who,
                                harness::Method<ReferralStub, Request, Response> method,
                                const Request& request) {
    return harness::Ask(*suite_, "referral", who, method, request);
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Insist(const harness::Person& who,
                                  harness::Method<ReferralStub, Request, Response> method,
                                  const Request& request) {
    return harness::Insist(*suite_, "referral", who, method, request);
  }
  template <typename Request>
  static Request About(const std::string& referral_id) {
    Request request;
    request.set_request_id(ids::NewUuid());
    request.set_case_id(referral_id);
    return request;
  }
  static v1::RecordOutcomeRequest FirstDose(const std::string& referral_id) {
    auto request = About<v1::RecordOutcomeRequest>(referral_id);
    v1::Treatment& dose = *request.mutable_outcome()->add_treatments();
    dose.set_kind(v1::TREATMENT_KIND_PEP_STARTED);
    dose.mutable_given_time()->set_seconds(absl::ToUnixSeconds(absl::Now()) - 1);
    request.mutable_outcome()->set_discharged(true);
    return request;
  }

  std::string Count(const std::string& service, const std::string& what) {
    return suite_->database(service).Query(absl::StrCat("select count(*) from ", what));
  }
  // Every case of the service with its version.
  std::string Held(const std::string& service = "referral") {
    return suite_->database(service).Query(
        "select coalesce(string_agg(tenant || ' ' || version, ', ' order by tenant), '')"
        " from case_record");
  }
  void Start(const std::string& service = "referral") {
    ASSERT_THAT(suite_->StartService(service), IsOk());
  }

  // Killed at each of its tables while it is asked; nothing is left of the act. Then killed once
  // more when it is done and answered, before anybody else has heard of it.
  template <typename Request, typename Response>
  void KillWhileAsked(const harness::Person& who,
                      harness::Method<ReferralStub, Request, Response> method,
                      const Request& request, const std::vector<WriteOf>& steps) {
    const std::string before = Held();
    for (const WriteOf& step : steps) {
      std::future<absl::Status> caller;
      KillAtWriteOf(*suite_, "referral", step, [&] {
        caller =
            std::async(std::launch::async, [&] { return Once(who, method, request).status(); });
      });
      EXPECT_FALSE(caller.get().ok());
      EXPECT_EQ(Held(), before) << "killed when about to write " << step.table;
      Start();
      ASSERT_FALSE(HasFailure());
    }
    KillAtWriteOf(*suite_, "referral", {"outbox_counter", ""},
                  [&] { EXPECT_THAT(Once(who, method, request), IsOk()); });
    EXPECT_NE(Held(), before);
  }

  // Killed at each of its tables while a message that is on its way is acted on, then at each that
  // is written beside the act, and once more when all is written and this is not noted yet.
  // `acted_on`: it has been.
  void KillWhileTold(const std::vector<WriteOf>& steps, const std::function<bool()>& acted_on,
                     const std::vector<WriteOf>& beside = {}) {
    for (const WriteOf& step : steps) {
      KillAtWriteOf(*suite_, "referral", step, [&] { Start(); });
      EXPECT_FALSE(acted_on()) << "killed when about to write " << step.table;
      ASSERT_FALSE(HasFailure());
    }
    for (const WriteOf& step : beside) {
      KillAtWriteOf(*suite_, "referral", step, [&] { Start(); });
      EXPECT_TRUE(acted_on()) << "killed when about to write " << step.table;
      ASSERT_FALSE(HasFailure());
    }
    KillAtWriteOf(
        *suite_, "referral", {"outbox_counter", ""}, [&] { Start(); },
        [&] { EXPECT_TRUE(Eventually(acted_on)) << suite_->Log("referral"); });
  }
  void AwaitQuiet() {
    for (const char* service : {"referral", "bbv"}) {
      ASSERT_TRUE(AwaitDelivered(*suite_, service))
          << suite_->Log("referral") << suite_->Log(service);
    }
  }

  using Trail = std::vector<audit::v1::AuditEvent>;
  // Both organisations' logs as they are now, verified.
  void ReadTrails() {
    const std::vector<std::string> services = {"referral", "bbv", "workforce"};
    ASSERT_OK_AND_ASSIGN(here_, harness::VerifiedTrail(*suite_, kTenant, services));
    ASSERT_OK_AND_ASSIGN(there_, harness::VerifiedTrail(*suite_, kProvider, services));
  }
  // Each act on the referral and on the case it was for has one entry, in each organisation what
  // was done there; what was told of the patient says to whom and on what basis, and the provider's
  // log does not know who the patient is.
  void ExpectTrailOf(const std::string& id, const std::string& case_id) {
    EXPECT_THAT(
        harness::ActsOn(here_, "referral_case", id),
        ElementsAre("1 DraftReferral", "2 SendReferral", "3 ReceiveAnswer", "4 ReceiveAnswer",
                    "5 ReceiveAnswer", "6 ReceiveAnswer", "7 CompleteReferral"));
    EXPECT_THAT(harness::ActsOn(there_, "referral_case", id),
                ElementsAre("1 ReceiveReferral", "2 AcceptReferral", "3 RecordSeen",
                            "4 RecordOutcome", "5 ReceiveUpdate"));
    EXPECT_THAT(harness::ActsOn(here_, "bbv_case", case_id),
                ElementsAre("1 LogExposure", "2 ReceiveReferralOutcome"));
    EXPECT_THAT(harness::ActsOn(there_, "bbv_case", case_id), IsEmpty());
    int told = 0;
    for (const audit::v1::AuditEvent& event : here_) {
      if (event.object_type() != "identity_for_provider") continue;
      ++told;
      EXPECT_EQ(event.subject_id(), subject_);
      EXPECT_EQ(event.object_id(), kProvider);
      EXPECT_EQ(event.reason(), "CONSENT_BASIS_EXPLICIT");
      EXPECT_EQ(event.actor().user_id(), Nurse().user_id);
    }
    EXPECT_GE(told, 2) << "once for the draft, once for what was sent";
    for (const audit::v1::AuditEvent& event : there_) EXPECT_EQ(event.subject_id(), "");
    ASSERT_OK_AND_ASSIGN(const v1::ReferralCase sent, ReadReferral(*suite_, Nurse(), id));
    ASSERT_THAT(sent.disclosures(), SizeIs(1));
    EXPECT_EQ(sent.disclosures(0).recipient(), kProvider);
    EXPECT_EQ(sent.disclosures(0).basis(), v1::CONSENT_BASIS_EXPLICIT);
    EXPECT_EQ(sent.disclosures(0).user_id(), Nurse().user_id);
    EXPECT_THAT(sent.disclosures(0).fields(), Contains("patient.nhs_number"));
  }

  std::unique_ptr<harness::Suite> suite_;
  std::string subject_;
  Trail here_;
  Trail there_;
};

TEST_F(ReferralChaos, IsWholeOrNotAtAllWhereverItIsKilledAndEachMessageIsActedOnOnce) {
  ASSERT_OK_AND_ASSIGN(const std::string case_id,
                       LogNeedlestick(*suite_, subject_, ids::NewUuid()));
  ASSERT_OK_AND_ASSIGN(const bbv::v1::BbvCase before, ReadBbv(*suite_, case_id));

  const v1::DraftReferralRequest draft = DraftOfPep(case_id, {kProvider});
  KillWhileAsked(Nurse(), &ReferralStub::DraftReferral, draft, {{"case_event"}, {"outbox"}});
  ASSERT_FALSE(HasFailure());
  EXPECT_EQ(Held(), "demo 1");
  Start();
  ASSERT_OK_AND_ASSIGN(const auto drafted, Insist(Nurse(), &ReferralStub::DraftReferral, draft));
  const std::string id = drafted.receipts(0).case_id();

  KillWhileAsked(Nurse(), &ReferralStub::SendReferral, About<v1::SendReferralRequest>(id),
                 {{"referral_match", ""}, {"case_event"}});
  ASSERT_FALSE(HasFailure());
  // The provider's copy opens.
  KillWhileTold({{"case_event"}, {"case_part"}, {"outbox"}},
                [&] { return Count("referral", "case_record where tenant = 'RX1'") == "1"; });
  ASSERT_FALSE(HasFailure());
  Start();
  AwaitQuiet();
  EXPECT_EQ(Held(), "RX1 1, demo 3");

  auto accept = About<v1::AcceptReferralRequest>(id);
  accept.mutable_accepted()->set_provider_reference("P-77");
  KillWhileAsked(Clinician(kProvider), &ReferralStub::AcceptReferral, accept,
                 {{"case_event"}, {"outbox"}});
  ASSERT_FALSE(HasFailure());
  // What the provider calls it is remembered after the act, whoever dies between the two.
  KillWhileTold({{"case_event"}, {"outbox"}}, [&] { return Held() == "RX1 2, demo 4"; },
                {{"referral_match", ""}});
  ASSERT_FALSE(HasFailure());
  Start();
  AwaitQuiet();

  ASSERT_THAT(
      Insist(Clinician(kProvider), &ReferralStub::RecordSeen, About<v1::RecordSeenRequest>(id)),
      IsOk());
  AwaitQuiet();
  // The pathway is away when the outcome comes, and is killed while it is told.
  suite_->KillService("bbv");
  KillWhileAsked(Clinician(kProvider), &ReferralStub::RecordOutcome, FirstDose(id),
                 {{"case_event"}, {"outbox"}});
  ASSERT_FALSE(HasFailure());
  KillWhileTold({{"case_event"}, {"outbox"}}, [&] { return Held() == "RX1 4, demo 6"; });
  ASSERT_FALSE(HasFailure());
  Start();
  for (const char* table : {"case_event", "outbox"}) {
    KillAtWriteOf(*suite_, "bbv", {table}, [&] { Start("bbv"); });
    EXPECT_EQ(Held("bbv"), "demo 1") << "killed when about to write " << table;
    ASSERT_FALSE(HasFailure());
  }
  suite_->KillService("referral");
  KillAtWriteOf(
      *suite_, "referral", {"outbox_counter", ""},
      [&] {
        Start("bbv");
        Start();
      },
      [&] { EXPECT_TRUE(Eventually([&] { return Held("bbv") == "demo 2"; })); });
  Start();
  AwaitQuiet();

  ASSERT_THAT(
      Insist(Nurse(), &ReferralStub::CompleteReferral, About<v1::CompleteReferralRequest>(id)),
      IsOk());
  AwaitQuiet();
  EXPECT_EQ(Held(), "RX1 5, demo 7");
  EXPECT_THAT(ReferralFaults(*suite_, id, kProvider, before), IsEmpty());
  EXPECT_THAT(PlanFaults(*suite_), IsEmpty());
  ReadTrails();
  ExpectTrailOf(id, case_id);

  // A late result says the provider's own number and nothing else.
  v1::ReceiveAnswerRequest late;
  late.set_request_id(ids::NewUuid());
  late.set_tenant(kTenant);
  late.mutable_keys()->set_organisation_code(kProvider);
  late.mutable_keys()->set_provider_reference("P-77");
  late.mutable_answer()->mutable_outcome()->set_summary("Tolerated well.");
  ReferralStub gateway(suite_->Connect("referral", "gateway"));
  v1::ReceiveAnswerResponse matched;
  ASSERT_THAT(rpc::Invoke({.deadline = absl::Now() + absl::Seconds(10)},
                          [&](grpc::ClientContext* context) {
                            return gateway.ReceiveAnswer(context, late, &matched);
                          }),
              IsOk());
  EXPECT_EQ(matched.case_id(), id);
}

// WAYMARK_CHAOS_SEED and WAYMARK_CHAOS_KILLS make other and longer runs by hand.
int FromEnvironment(const char* name, int standard) {
  const char* text = std::getenv(name);
  int value = standard;
  if (text != nullptr && !absl::SimpleAtoi(text, &value)) return standard;
  return value;
}

TEST_F(ReferralChaos, ComesToItsEndOnceWhateverIsKilledWhen) {
  const int seed = FromEnvironment("WAYMARK_CHAOS_SEED", 1);
  const int kills = FromEnvironment("WAYMARK_CHAOS_KILLS", 6);
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::atomic<bool> stopping{false};
  std::atomic<int> acts{0};
  std::mutex mutex;
  std::vector<std::pair<std::string, bbv::v1::BbvCase>> ended;

  // One referral after the other, by people who try again until they get an answer.
  const auto refer = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::string case_id, LogNeedlestick(*suite_, subject_, ids::NewUuid()));
    ASSIGN_OR_RETURN(bbv::v1::BbvCase before, ReadBbv(*suite_, case_id));
    ASSIGN_OR_RETURN(const auto drafted, Insist(Nurse(), &ReferralStub::DraftReferral,
                                                DraftOfPep(case_id, {kProvider})));
    const std::string id = drafted.receipts(0).case_id();
    ++acts;
    const auto act = [&](auto done) {
      ++acts;
      return done.status();
    };
    const auto await = [&](const harness::Person& who, v1::ReferralState state) {
      EXPECT_TRUE(Eventually(
          [&] {
            const auto read = ReadReferral(*suite_, who, id);
            return read.ok() && read->state() == state;
          },
          absl::Minutes(1)))
          << v1::ReferralState_Name(state) << suite_->Log("referral");
    };
    RETURN_IF_ERROR(
        act(Insist(Nurse(), &ReferralStub::SendReferral, About<v1::SendReferralRequest>(id))));
    const harness::Person clinician = Clinician(kProvider);
    await(clinician, v1::REFERRAL_STATE_RECEIVED);
    RETURN_IF_ERROR(act(
        Insist(clinician, &ReferralStub::AcceptReferral, About<v1::AcceptReferralRequest>(id))));
    RETURN_IF_ERROR(
        act(Insist(clinician, &ReferralStub::RecordSeen, About<v1::RecordSeenRequest>(id))));
    RETURN_IF_ERROR(act(Insist(clinician, &ReferralStub::RecordOutcome, FirstDose(id))));
    await(Nurse(), v1::REFERRAL_STATE_OUTCOME_RECEIVED);
    RETURN_IF_ERROR(act(
        Insist(Nurse(), &ReferralStub::CompleteReferral, About<v1::CompleteReferralRequest>(id))));
    std::lock_guard<std::mutex> lock(mutex);
    ended.emplace_back(id, std::move(before));
    return absl::OkStatus();
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] {
      absl::Status done;
      while (!stopping && done.ok()) done = refer();
      EXPECT_THAT(done, IsOk());
      if (!done.ok()) stopping = true;
    });
  }
  std::mt19937 random(seed);
  const std::vector<std::string> victims = {"referral",  "bbv",        "referral",
                                            "workforce", "scheduling", "audit"};
  for (int i = 0; i < kills && !stopping; ++i) {
    const int wanted = acts + std::uniform_int_distribution<int>(1, 4)(random);
    EXPECT_TRUE(Eventually([&] { return acts >= wanted || stopping; }, absl::Minutes(1)))
        << suite_->Log("referral");
    const size_t each = static_cast<size_t>(i);
    const std::string& victim = victims[each < victims.size() ? each : random() % victims.size()];
    suite_->KillService(victim);
    EXPECT_THAT(suite_->StartService(victim), IsOk());
  }
  stopping = true;
  for (std::thread& caller : callers) caller.join();

  AwaitQuiet();
  EXPECT_FALSE(ended.empty());
  ReadTrails();
  for (const auto& [id, before] : ended) {
    EXPECT_THAT(ReferralFaults(*suite_, id, kProvider, before), IsEmpty());
    ExpectTrailOf(id, before.header().case_id());
  }
  // No other case was opened by a message that came twice or went astray.
  EXPECT_EQ(Count("referral", "case_record"), absl::StrCat(2 * ended.size()));
  EXPECT_EQ(Count("bbv", "case_record"), absl::StrCat(ended.size()));
  EXPECT_THAT(PlanFaults(*suite_), IsEmpty());
}

}  // namespace
}  // namespace waymark::chaos
