#include "tests/chaos/referrals.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/testing/test_signal.h"
#include "services/casework/status.h"
#include "tests/chaos/load.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::chaos {
namespace {

namespace people = ::waymark::workforce::v1;
namespace v1 = ::waymark::referral::v1;
using casework::FindStep;

using Sentences = std::vector<std::string>;

void Expect(Sentences& faults, const std::string& what, const std::string& actual,
            const std::string& wanted) {
  if (actual != wanted) faults.push_back(absl::StrCat(what, ": ", actual, ", wanted ", wanted));
}

std::string StatesOf(const v1::ReferralCase& record) {
  std::vector<std::string> states;
  for (const v1::Milestone& milestone : record.milestones()) {
    states.push_back(v1::ReferralState_Name(milestone.state()).substr(sizeof("REFERRAL_STATE")));
  }
  return absl::StrJoin(states, " ");
}

// The acts of a case's history, in order.
std::string ActsOf(harness::Suite& suite, const harness::Person& who, const std::string& id) {
  v1::ListCaseEventsRequest request;
  request.set_case_id(id);
  request.set_page_size(200);
  const auto list =
      harness::Insist(suite, "referral", who, &ReferralStub::ListCaseEvents, std::move(request));
  std::map<int64_t, std::string> acts;
  if (list.ok()) {
    for (const casework::v1::CaseEvent& event : list->events()) {
      acts[event.case_version()] += event.act();
    }
  }
  return absl::StrJoin(acts, " ", absl::PairFormatter(" "));
}

// The instants that a step is held to.
std::string ClockOf(const casework::v1::Step* step) {
  if (step == nullptr) return "no step";
  return absl::StrCat(step->anchor_time().seconds(), "/", step->opens_time().seconds(), "/",
                      step->due_time().seconds(), "/", step->closes_time().seconds());
}

}  // namespace

harness::Person Nurse() { return {}; }

harness::Person Clinician(const std::string& provider) {
  return {.user_id = absl::StrCat("doctor-", provider),
          .tenant = provider,
          .roles = {options::v1::ROLE_NHS_CLINICIAN}};
}

std::string EnterPatient(harness::Suite& suite) {
  people::RegisterPersonRequest request;
  request.set_workforce_type(people::WORKFORCE_TYPE_OFFICER);
  request.mutable_name()->set_given("Sam");
  request.mutable_name()->set_family("Example");
  request.mutable_birth_date()->set_year(1988);
  request.mutable_birth_date()->set_month(4);
  request.mutable_birth_date()->set_day(2);
  request.mutable_nhs_number()->set_number("9434765919");
  request.mutable_nhs_number()->set_status(people::NHS_NUMBER_STATUS_TRACED);
  request.mutable_personal()->set_mobile("+447700900123");
  const auto entered = harness::Insist(suite, "workforce", Nurse(),
                                       &people::WorkforceService::Stub::RegisterPerson, request);
  EXPECT_TRUE(entered.ok()) << entered.status() << suite.Log("workforce");
  return entered.ok() ? entered->person().subject_id() : "";
}

absl::StatusOr<std::string> LogNeedlestick(harness::Suite& suite, const std::string& subject_id,
                                           const std::string& request_id) {
  absl::StatusOr<std::string> case_id;
  EXPECT_TRUE(testing::Eventually(
      [&] {
        case_id = LogOne(suite, suite.Token(), request_id, subject_id);
        return case_id.ok() || !harness::Unanswered(case_id.status());
      },
      absl::Minutes(1)));
  return case_id;
}

v1::DraftReferralRequest DraftOfPep(const std::string& case_id,
                                    const std::vector<std::string>& providers,
                                    v1::Carrier carrier) {
  v1::DraftReferralRequest request;
  request.set_request_id(ids::NewUuid());
  for (const std::string& provider : providers) {
    v1::Draft& draft = *request.add_drafts();
    draft.mutable_need()->set_pathway("bbv");
    draft.mutable_need()->set_case_id(case_id);
    draft.mutable_need()->set_step_key("pep_start");
    draft.mutable_provider()->set_organisation_code(provider);
    draft.mutable_provider()->set_organisation_name("City Hospital");
    draft.mutable_provider()->set_carrier(carrier);
    draft.set_service(v1::CARE_SERVICE_EMERGENCY_DEPARTMENT);
    draft.set_priority(v1::PRIORITY_STAT);
    draft.mutable_referrer()->set_practitioner_name("A. Nurse");
    draft.mutable_referrer()->set_phone("+441632960001");
    draft.mutable_consent()->set_basis(v1::CONSENT_BASIS_EXPLICIT);
  }
  return request;
}

absl::StatusOr<v1::ReferralCase> ReadReferral(harness::Suite& suite, const harness::Person& who,
                                              const std::string& referral_id) {
  v1::GetCaseRequest request;
  request.set_case_id(referral_id);
  auto read = harness::Insist(suite, "referral", who, &ReferralStub::GetCase, std::move(request));
  if (!read.ok()) return read.status();
  return read->case_();
}

absl::StatusOr<bbv::v1::BbvCase> ReadBbv(harness::Suite& suite, const std::string& case_id) {
  bbv::v1::GetCaseRequest request;
  request.set_case_id(case_id);
  auto read = harness::Insist(suite, "bbv", Nurse(), &bbv::v1::BbvService::Stub::GetCase,
                              std::move(request));
  if (!read.ok()) return read.status();
  return read->case_();
}

Sentences ReferralFaults(harness::Suite& suite, const std::string& referral_id,
                         const std::string& provider, const bbv::v1::BbvCase& before) {
  Sentences faults;
  const auto sent = ReadReferral(suite, Nurse(), referral_id);
  const auto received = ReadReferral(suite, Clinician(provider), referral_id);
  const auto after = ReadBbv(suite, before.header().case_id());
  if (!sent.ok()) return {absl::StrCat("the referral: ", sent.status().ToString())};
  if (!received.ok()) return {absl::StrCat("the provider's copy: ", received.status().ToString())};
  if (!after.ok()) return {absl::StrCat("the case it was for: ", after.status().ToString())};

  Expect(faults, "states", StatesOf(*sent),
         "DRAFT SENT RECEIVED ACCEPTED SEEN OUTCOME_RECEIVED COMPLETED");
  Expect(faults, "the provider's states", StatesOf(*received),
         "RECEIVED ACCEPTED SEEN OUTCOME_RECEIVED COMPLETED");
  Expect(faults, "acts", ActsOf(suite, Nurse(), referral_id),
         "1 DraftReferral 2 SendReferral 3 ReceiveAnswer 4 ReceiveAnswer 5 ReceiveAnswer"
         " 6 ReceiveAnswer 7 CompleteReferral");
  Expect(faults, "the provider's acts", ActsOf(suite, Clinician(provider), referral_id),
         "1 ReceiveReferral 2 AcceptReferral 3 RecordSeen 4 RecordOutcome 5 ReceiveUpdate");
  for (const v1::ReferralCase& side : {*sent, *received}) {
    Expect(faults, "outcomes", absl::StrCat(side.outcomes_size()), "1");
    Expect(faults, "seen", absl::StrCat(side.seen_size()), "1");
    Expect(faults, "messages that fit nowhere", absl::StrCat(side.unfitting_size()), "0");
    Expect(faults, "messages that wait", absl::StrCat(side.waiting_size()), "0");
  }
  Expect(faults, "the provider's messages", absl::StrCat(sent->last_number_received()),
         absl::StrCat(received->last_number_sent()));
  Expect(faults, "the referrer's messages", absl::StrCat(received->last_number_received()),
         absl::StrCat(sent->last_number_sent()));
  Expect(faults, "disclosures", absl::StrCat(sent->disclosures_size()), "1");

  // The clock is the need's, on every side, as it was.
  const std::string clock = ClockOf(FindStep(before.header().plan(), "pep_start"));
  const casework::v1::Step* given = FindStep(after->header().plan(), "pep_start");
  Expect(faults, "the need's clock", ClockOf(given), clock);
  Expect(faults, "its step is done", absl::StrCat(given != nullptr ? given->status() : 0),
         absl::StrCat(casework::v1::STEP_STATUS_DONE));
  for (const v1::ReferralCase& side : {*sent, *received}) {
    const v1::Need& need = side.content().need();
    Expect(faults, "the clock carried",
           absl::StrCat(need.anchor_time().seconds(), "/", need.opens_time().seconds(), "/",
                        need.due_time().seconds(), "/", need.closes_time().seconds()),
           clock);
    const bool ours = side.side() == v1::SIDE_SENT;
    const casework::v1::Step* stop =
        FindStep(side.header().plan(), ours ? "hard_stop" : "window_shuts");
    Expect(faults, "the hard stop", absl::StrCat(stop ? stop->closes_time().seconds() : 0),
           absl::StrCat(need.closes_time().seconds()));
  }
  // Told once, whoever was killed while telling.
  Expect(faults, "times that the pathway recorded the outcome",
         absl::StrCat(after->header().version() - before.header().version()), "1");
  return faults;
}

Sentences PlanFaults(harness::Suite& suite) {
  Sentences faults;
  for (const std::string service : {"referral", "bbv"}) {
    Expect(faults, absl::StrCat("versions that scheduling has of ", service),
           suite.database("scheduling")
               .Query(absl::StrCat("select coalesce(string_agg(tenant || ' ' || case_version, ', '"
                                   " order by tenant, case_version), '') from plan_case where"
                                   " source = '",
                                   service, "'")),
           suite.database(service).Query("select coalesce(string_agg(tenant || ' ' || version, ', '"
                                         " order by tenant, version), '') from case_record"));
    Expect(faults, absl::StrCat("events for each version in ", service),
           suite.database(service).Query("select count(*) from case_event"),
           suite.database(service).Query("select sum(version) from case_record"));
  }
  Expect(faults, "gaps seen by scheduling",
         suite.database("scheduling")
             .Query("select count(*) from inbox where contiguous <>"
                    " highest"),
         "0");
  return faults;
}

}  // namespace waymark::chaos
