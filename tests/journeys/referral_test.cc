// A need from its case to a provider and back, each act once: PEP with 19 hours left whose clinic
// also sends the six-week results, physiotherapy, and talking therapies in Wales. Real processes,
// mTLS, PostgreSQL.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/civil/civil.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "services/casework/instants.h"
#include "services/casework/status.h"
#include "tests/chaos/load.h"
#include "tests/harness/suite.h"
#include "tools/waymark/remote.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/mental_health/v1/mental_health_service.grpc.pb.h"
#include "waymark/msk/v1/msk_service.grpc.pb.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark {
namespace {

using casework::FindStep;
using harness::Person;
using harness::Suite;
using testing::Eventually;
using testing::IsOk;

namespace people = workforce::v1;
namespace v1 = referral::v1;
using Bbv = bbv::v1::BbvService;
using Mind = mental_health::v1::MentalHealthService;
using Msk = msk::v1::MskService;
using Referrals = referral::v1::ReferralService;

constexpr char kProvider[] = "RX1";
// Planted wherever workforce keeps something of somebody's work.
constexpr char kEmployer[] = "anyshire";

class ReferralJourney : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        suite_, Suite::Start({.services = {"audit", "scheduling", "bbv", "mental_health", "msk",
                                           "dental", "workforce", "referral"}}));
    chaos::ActivateTenant(*suite_);
    people::RegisterPersonRequest request;
    request.set_workforce_type(people::WORKFORCE_TYPE_VOLUNTEER);
    request.mutable_name()->set_given("Sam");
    request.mutable_name()->set_family("Example");
    request.mutable_birth_date()->set_year(1988);
    request.mutable_birth_date()->set_month(4);
    request.mutable_birth_date()->set_day(2);
    request.mutable_nhs_number()->set_number("9434765919");
    request.mutable_nhs_number()->set_status(people::NHS_NUMBER_STATUS_TRACED);
    request.mutable_work()->set_email("sam@anyshire.example");
    request.mutable_work()->add_address_lines("Anyshire House");
    request.mutable_personal()->set_mobile("+447700900123");
    ASSERT_OK_AND_ASSIGN(
        const auto entered,
        Ask("workforce", nurse_, &people::WorkforceService::Stub::RegisterPerson, request));
    subject_ = entered.person().subject_id();
  }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Ask(const std::string& service, const Person& who,
                               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                               Request request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(ids::NewUuid());
    }
    Stub stub(suite_->Connect(service));
    Response response;
    const absl::Status done = rpc::Invoke(
        {.deadline = absl::Now() + absl::Seconds(10), .token = suite_->Token(who)},
        [&](grpc::ClientContext* context) { return (stub.*method)(context, request, &response); });
    if (!done.ok()) return done;
    return response;
  }
  // The request as JSON, as a person would type it for `waymark`.
  template <typename Request, typename Stub, typename Response>
  absl::StatusOr<Response> Do(const std::string& service, const Person& who,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const std::string& json) {
    Request request;
    const absl::Status read = cli::FillMessage(json, {}, Now(), request);
    if (!read.ok()) return read;
    return Ask(service, who, method, request);
  }
  absl::Time Now() const { return absl::Now() + moved_; }
  void Advance(absl::Duration by) {
    moved_ += by;
    ASSERT_THAT(suite_->AdvanceClock(by), IsOk());
  }

  std::string Draft(const std::string& pathway, const std::string& case_id, const std::string& step,
                    const std::string& service, const std::string& priority) {
    const std::string draft = absl::StrCat(
        R"({"need": {"pathway": ")", pathway, R"(", "case_id": ")", case_id, R"(", "step_key": ")",
        step, R"("}, "provider": {"organisation_code": "RX1",)",
        R"( "organisation_name": "City Hospital"}, "service": ")", service, R"(", "priority": ")",
        priority, R"(", "referrer": {"practitioner_name": "A. Nurse", "phone": "+441632960001"},)",
        R"( "consent": {"basis": "CONSENT_BASIS_EXPLICIT"}})");
    const auto preview =
        Do<v1::PreviewReferralRequest>("referral", nurse_, &Referrals::Stub::PreviewReferral,
                                       absl::StrCat(R"({"draft": )", draft, "}"));
    EXPECT_THAT(preview, IsOk()) << suite_->Log("referral");
    const auto drafted =
        Do<v1::DraftReferralRequest>("referral", nurse_, &Referrals::Stub::DraftReferral,
                                     absl::StrCat(R"({"drafts": [)", draft, "]}"));
    EXPECT_THAT(drafted, IsOk()) << suite_->Log("referral");
    return drafted.ok() ? drafted->receipts(0).case_id() : "";
  }

  // Drafts, sends, and waits until the provider has it.
  std::string Refer(const std::string& pathway, const std::string& case_id, const std::string& step,
                    const std::string& service, const std::string& priority) {
    const std::string id = Draft(pathway, case_id, step, service, priority);
    EXPECT_THAT(Act(nurse_, &Referrals::Stub::SendReferral, v1::SendReferralRequest(), id), IsOk());
    EXPECT_TRUE(Eventually([&] { return Case(clinician_, id).ok(); })) << suite_->Log("referral");
    EXPECT_TRUE(Eventually([&] { return StateOf(id) == v1::REFERRAL_STATE_RECEIVED; }))
        << suite_->Log("referral");
    const auto copy = Case(clinician_, id);
    if (copy.ok()) {
      const std::string shown = copy->DebugString();
      EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(shown), kEmployer));
      EXPECT_FALSE(absl::StrContains(shown, subject_));
      EXPECT_FALSE(absl::StrContains(shown, case_id));
      EXPECT_FALSE(absl::StrContains(shown, "demo"));
      EXPECT_EQ(copy->content().patient().family_name(), "Example");
    }
    return id;
  }

  template <typename Request, typename Response>
  absl::Status Act(const Person& who,
                   grpc::Status (Referrals::Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                   Request request, const std::string& id) {
    request.set_case_id(id);
    return Ask("referral", who, method, std::move(request)).status();
  }

  absl::StatusOr<v1::ReferralCase> Case(const Person& who, const std::string& id) {
    v1::GetCaseRequest request;
    request.set_case_id(id);
    auto read = Ask("referral", who, &Referrals::Stub::GetCase, request);
    if (!read.ok()) return read.status();
    return read->case_();
  }
  v1::ReferralState StateOf(const std::string& id) {
    const auto read = Case(nurse_, id);
    return read.ok() ? read->state() : v1::REFERRAL_STATE_UNSPECIFIED;
  }

  // Accepted, booked and seen: the clinician's first three acts.
  void AcceptBookAndSee(const std::string& id) {
    ASSERT_THAT(Act(clinician_, &Referrals::Stub::AcceptReferral, v1::AcceptReferralRequest(), id),
                IsOk());
    v1::BookReferralRequest book;
    *book.mutable_booking()->mutable_start_time() =
        casework::ToTimestamp(Now() + absl::Minutes(40));
    ASSERT_THAT(Act(clinician_, &Referrals::Stub::BookReferral, book, id), IsOk());
    Advance(absl::Hours(1));
    ASSERT_THAT(Act(clinician_, &Referrals::Stub::RecordSeen, v1::RecordSeenRequest(), id), IsOk());
  }

  v1::Treatment Done(v1::TreatmentKind kind) {
    v1::Treatment treatment;
    treatment.set_kind(kind);
    *treatment.mutable_given_time() = casework::ToTimestamp(Now() - absl::Minutes(1));
    return treatment;
  }

  std::unique_ptr<Suite> suite_;
  std::string subject_;
  absl::Duration moved_;
  const Person nurse_;
  const Person clinician_ = {
      .user_id = "doctor-1", .tenant = kProvider, .roles = {options::v1::ROLE_NHS_CLINICIAN}};
};

TEST_F(ReferralJourney, PepWithNineteenHoursLeftAndTheResultsThatCloseTheSixWeekTest) {
  ASSERT_OK_AND_ASSIGN(
      const std::string case_id,
      chaos::LogOne(*suite_, suite_->Token(), ids::NewUuid(), subject_, absl::Seconds(10)));
  // Logged two hours after it happened: 51 more leave 19 of the 72.
  Advance(absl::Hours(51));
  const auto bbv_case = [&]() -> bbv::v1::BbvCase {
    bbv::v1::GetCaseRequest request;
    request.set_case_id(case_id);
    auto read = Ask("bbv", nurse_, &Bbv::Stub::GetCase, request);
    return read.ok() ? read->case_() : bbv::v1::BbvCase();
  };
  const std::string id =
      Refer("bbv", case_id, "pep_start", "CARE_SERVICE_EMERGENCY_DEPARTMENT", "PRIORITY_STAT");
  const auto copy = Case(clinician_, id);
  ASSERT_THAT(copy, IsOk());
  const absl::Duration left = casework::FromTimestamp(copy->content().need().closes_time()) - Now();
  EXPECT_GT(left, absl::Hours(18));
  EXPECT_LT(left, absl::Hours(20));
  AcceptBookAndSee(id);
  v1::RecordOutcomeRequest outcome;
  *outcome.mutable_outcome()->add_treatments() = Done(v1::TREATMENT_KIND_PEP_STARTED);
  outcome.mutable_outcome()->set_more_to_come(true);
  ASSERT_THAT(Act(clinician_, &Referrals::Stub::RecordOutcome, outcome, id), IsOk());
  EXPECT_TRUE(Eventually([&] {
    const bbv::v1::BbvCase now = bbv_case();
    const casework::v1::Step* step = FindStep(now.header().plan(), "pep_start");
    return step != nullptr && step->status() == casework::v1::STEP_STATUS_DONE;
  })) << suite_->Log("referral")
      << suite_->Log("bbv");

  // The clinic takes the blood at six weeks; its results close the step, told once.
  Advance(absl::Hours(24) * 40);
  v1::RecordOutcomeRequest results;
  for (const char* test : {"HBSAG", "HCV_AG_PCR", "HIV_AG_AB"}) {
    v1::TestResult& result = *results.mutable_outcome()->add_results();
    result.set_result_id(absl::StrCat("L-", test));
    result.set_test(test);
    result.set_status(v1::RESULT_STATUS_FINAL);
    result.set_outcome(v1::RESULT_OUTCOME_NEGATIVE);
    *result.mutable_sampled_time() = casework::ToTimestamp(Now() - absl::Hours(1));
  }
  results.mutable_outcome()->set_discharged(true);
  ASSERT_THAT(Act(clinician_, &Referrals::Stub::RecordOutcome, results, id), IsOk());
  EXPECT_TRUE(Eventually([&] {
    const bbv::v1::BbvCase now = bbv_case();
    const casework::v1::Step* step = FindStep(now.header().plan(), "test_6_weeks");
    return step != nullptr && step->status() == casework::v1::STEP_STATUS_DONE;
  })) << bbv_case().DebugString();
  EXPECT_EQ(bbv_case().results_size(), 3);

  // The patient is told; then the laboratory corrects one of them, and they are told again.
  bbv::v1::RecordResultToldRequest told;
  told.set_case_id(case_id);
  const bbv::v1::BbvCase recorded = bbv_case();
  for (const bbv::v1::TestResult& result : recorded.results()) {
    told.add_result_ids(result.result_id());
  }
  told.mutable_told_time()->set_civil(
      absl::FormatTime("%Y-%m-%dT%H:%M:%S", Now(), civil::London()));
  ASSERT_THAT(Ask("bbv", nurse_, &Bbv::Stub::RecordResultTold, told), IsOk());
  const auto telling = [&] {
    const bbv::v1::BbvCase now = bbv_case();
    const casework::v1::Step* step = FindStep(now.header().plan(), "tell_6_weeks");
    return step == nullptr ? casework::v1::STEP_STATUS_UNSPECIFIED : step->status();
  };
  EXPECT_EQ(telling(), casework::v1::STEP_STATUS_DONE);
  v1::RecordOutcomeRequest correction;
  *correction.mutable_outcome()->add_results() = results.outcome().results(0);
  correction.mutable_outcome()->mutable_results(0)->set_result_id("L-corrected");
  correction.mutable_outcome()->mutable_results(0)->set_replaces(
      results.outcome().results(0).result_id());
  correction.mutable_outcome()->mutable_results(0)->set_status(v1::RESULT_STATUS_CORRECTED);
  correction.mutable_outcome()->mutable_results(0)->set_outcome(v1::RESULT_OUTCOME_POSITIVE);
  ASSERT_THAT(Act(clinician_, &Referrals::Stub::RecordOutcome, correction, id), IsOk());
  EXPECT_TRUE(Eventually([&] { return telling() == casework::v1::STEP_STATUS_OPEN; }))
      << suite_->Log("bbv");
  const bbv::v1::BbvCase corrected = bbv_case();
  ASSERT_EQ(corrected.results_size(), 4);
  EXPECT_EQ(corrected.results(0).superseded_by(), corrected.results(3).result_id());
  ASSERT_THAT(Act(nurse_, &Referrals::Stub::CompleteReferral, v1::CompleteReferralRequest(), id),
              IsOk());
  EXPECT_TRUE(Eventually([&] {
    const auto there = Case(clinician_, id);
    return there.ok() && there->state() == v1::REFERRAL_STATE_COMPLETED;
  }));
  // Whatever was relayed twice was recorded once.
  EXPECT_EQ(suite_->database("referral").Query("SELECT count(*) FROM case_record"), "2");
}

// The officer moves to another force while the hospital has them: the referral stays where it was
// sent from, and what comes of it reaches the case where it is now.
TEST_F(ReferralJourney, AnOutcomeFollowsTheOfficerToAnotherForce) {
  const Person lead = {.user_id = "lead-1", .tenant = "demo", .roles = {options::v1::ROLE_OH_LEAD}};
  const Person lead_there = {
      .user_id = "lead-2", .tenant = "north", .roles = {options::v1::ROLE_OH_LEAD}};
  const Person nurse_there = {
      .user_id = "nurse-2", .tenant = "north", .roles = {options::v1::ROLE_OH_NURSE}};
  const Person officer = {
      .user_id = "officer-1", .roles = {options::v1::ROLE_OFFICER}, .subject_id = subject_};
  using People = people::WorkforceService;
  ASSERT_THAT(
      Ask("workforce", lead_there, &People::Stub::ListTransfers, people::ListTransfersRequest()),
      IsOk());
  ASSERT_OK_AND_ASSIGN(
      const std::string case_id,
      chaos::LogOne(*suite_, suite_->Token(), ids::NewUuid(), subject_, absl::Seconds(10)));
  const auto bbv_case = [&](const Person& who, const std::string& id) -> bbv::v1::BbvCase {
    bbv::v1::GetCaseRequest request;
    request.set_case_id(id);
    auto read = Ask("bbv", who, &Bbv::Stub::GetCase, request);
    return read.ok() ? read->case_() : bbv::v1::BbvCase();
  };
  const std::string id =
      Refer("bbv", case_id, "pep_start", "CARE_SERVICE_EMERGENCY_DEPARTMENT", "PRIORITY_STAT");
  AcceptBookAndSee(id);

  people::GiveConsentRequest give;
  give.set_kind(people::DISCLOSURE_KIND_RECORD_TO_FORCE);
  give.set_recipient("north");
  ASSERT_OK_AND_ASSIGN(const auto given,
                       Ask("workforce", officer, &People::Stub::GiveConsent, give));
  people::OfferTransferRequest offer;
  offer.set_subject_id(subject_);
  offer.set_to_force("north");
  offer.set_consent_id(given.consent().consent_id());
  ASSERT_OK_AND_ASSIGN(const auto offered,
                       Ask("workforce", lead, &People::Stub::OfferTransfer, offer));
  people::AnswerTransferRequest take;
  take.set_transfer_id(offered.transfer().transfer_id());
  take.set_accept(true);
  take.set_request_id(ids::NewUuid());
  ASSERT_TRUE(Eventually(
      [&] { return Ask("workforce", lead_there, &People::Stub::AnswerTransfer, take).ok(); }));
  ASSERT_TRUE(Eventually([&] { return bbv_case(nurse_, case_id).header().has_went_to(); }))
      << suite_->Log("bbv");

  v1::RecordOutcomeRequest outcome;
  *outcome.mutable_outcome()->add_treatments() = Done(v1::TREATMENT_KIND_PEP_STARTED);
  *outcome.mutable_outcome()->add_treatments() = Done(v1::TREATMENT_KIND_SURGERY);
  ASSERT_THAT(Act(clinician_, &Referrals::Stub::RecordOutcome, outcome, id), IsOk());
  const std::string new_id = bbv_case(nurse_, case_id).header().went_to().case_id();
  EXPECT_TRUE(Eventually([&] {
    const bbv::v1::BbvCase now = bbv_case(nurse_there, new_id);
    const casework::v1::Step* step = FindStep(now.header().plan(), "pep_start");
    return step != nullptr && step->status() == casework::v1::STEP_STATUS_DONE;
  })) << suite_->Log("referral")
      << suite_->Log("bbv");
  // What the pathway has no act for is a step for whoever answers now, and it says why.
  const bbv::v1::BbvCase there = bbv_case(nurse_there, new_id);
  EXPECT_NE(FindStep(there.header().plan(), "look_at_outcome#1"), nullptr);
  bbv::v1::ListCaseEventsRequest events;
  events.set_case_id(new_id);
  ASSERT_OK_AND_ASSIGN(const auto history,
                       Ask("bbv", nurse_there, &Bbv::Stub::ListCaseEvents, events));
  bbv::v1::ReceiveReferralOutcomeRequest came;
  ASSERT_TRUE(history.events().rbegin()->change().UnpackTo(&came));
  EXPECT_EQ(came.forwarded_from().force(), "demo");
  EXPECT_EQ(came.forwarded_from().case_id(), case_id);
  // The old force's case is not touched but for its history; its referral says where this went.
  EXPECT_EQ(bbv_case(nurse_, case_id).header().state(), casework::v1::CASE_STATE_CLOSED);
  EXPECT_TRUE(Eventually([&] {
    const auto sent = Case(nurse_, id);
    return sent.ok() && !sent->receipts().empty() &&
           sent->receipts().rbegin()->forwarded_to().force() == "north";
  })) << suite_->Log("referral");
}

TEST_F(ReferralJourney, PhysiotherapyAndBack) {
  ASSERT_OK_AND_ASSIGN(const std::string report,
                       cli::ReadFile("tests/data/msk/knee_in_an_arrest.json"));
  msk::v1::LogInjuryRequest log;
  ASSERT_THAT(cli::FillMessage(report, {}, Now(), log), IsOk());
  log.mutable_people(0)->set_subject_id(subject_);
  ASSERT_OK_AND_ASSIGN(const auto logged, Ask("msk", nurse_, &Msk::Stub::LogInjury, log));
  const std::string case_id = logged.receipts(0).case_id();
  ASSERT_THAT(Do<msk::v1::RequestCareRequest>(
                  "msk", nurse_, &Msk::Stub::RequestCare,
                  absl::StrCat(R"({"case_id": ")", case_id,
                               R"(", "care": {"kind": "CARE_KIND_PHYSIOTHERAPY", "provider":)",
                               R"( "PROVIDER_NHS", "requested_time": {"civil": "now"}}})")),
              IsOk());
  const std::string step = "physiotherapy_england#physiotherapy 1";
  const std::string id =
      Refer("msk", case_id, step, "CARE_SERVICE_PHYSIOTHERAPY", "PRIORITY_ROUTINE");
  AcceptBookAndSee(id);
  v1::RecordOutcomeRequest outcome;
  *outcome.mutable_outcome()->add_treatments() = Done(v1::TREATMENT_KIND_SESSION);
  ASSERT_THAT(Act(clinician_, &Referrals::Stub::RecordOutcome, outcome, id), IsOk());
  EXPECT_TRUE(Eventually([&] {
    msk::v1::GetCaseRequest request;
    request.set_case_id(case_id);
    const auto read = Ask("msk", nurse_, &Msk::Stub::GetCase, request);
    if (!read.ok()) return false;
    const casework::v1::Step* waited = FindStep(read->case_().header().plan(), step);
    return waited != nullptr && waited->status() == casework::v1::STEP_STATUS_DONE;
  })) << suite_->Log("msk");
}

TEST_F(ReferralJourney, TalkingTherapiesInWalesAndBack) {
  mental_health::v1::SelfReferRequest asks;
  ASSERT_OK_AND_ASSIGN(const std::string report,
                       cli::ReadFile("tests/data/mental_health/self_referral.json"));
  ASSERT_THAT(cli::FillMessage(report, {}, Now(), asks), IsOk());
  asks.set_subject_id(subject_);
  asks.set_jurisdiction(casework::v1::JURISDICTION_WALES);
  const Person officer = {
      .user_id = "officer-1", .roles = {options::v1::ROLE_OFFICER}, .subject_id = subject_};
  ASSERT_OK_AND_ASSIGN(const auto opened,
                       Ask("mental_health", officer, &Mind::Stub::SelfRefer, asks));
  const std::string case_id = opened.receipts(0).case_id();
  ASSERT_THAT(Do<mental_health::v1::ReferOnwardRequest>(
                  "mental_health", nurse_, &Mind::Stub::ReferOnward,
                  absl::StrCat(R"({"case_id": ")", case_id,
                               R"(", "referral": {"service": "ONWARD_SERVICE_PRIMARY",)",
                               R"( "referred_time": {"civil": "now"}}})")),
              IsOk());
  const std::string step = "wales_assessment_28_days#1";
  const std::string id =
      Refer("mental_health", case_id, step, "CARE_SERVICE_TALKING_THERAPIES", "PRIORITY_ROUTINE");
  AcceptBookAndSee(id);
  v1::RecordOutcomeRequest outcome;
  *outcome.mutable_outcome()->add_treatments() = Done(v1::TREATMENT_KIND_SESSION);
  ASSERT_THAT(Act(clinician_, &Referrals::Stub::RecordOutcome, outcome, id), IsOk());
  EXPECT_TRUE(Eventually([&] {
    mental_health::v1::GetCaseRequest request;
    request.set_case_id(case_id);
    const auto read = Ask("mental_health", nurse_, &Mind::Stub::GetCase, request);
    if (!read.ok()) return false;
    const casework::v1::Step* waited = FindStep(read->case_().header().plan(), step);
    return waited != nullptr && waited->status() == casework::v1::STEP_STATUS_DONE;
  })) << suite_->Log("mental_health");
}

}  // namespace
}  // namespace waymark
