// A provider outside the suite: its system takes a referral by BaRS at the second attempt, accepts
// it, books, sees the patient and sends the result, all by FHIR at the gateway. Real processes,
// HTTPS, mTLS, PostgreSQL; the partner is tools/partner_simulator, then plain HTTP requests.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"
#include "services/gateway/testing/browser.h"
#include "services/referral/carriers/testing/simulator.h"
#include "tests/chaos/load.h"
#include "tests/harness/suite.h"
#include "tools/waymark/remote.h"
#include "waymark/referral/v1/partner_service.grpc.pb.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark {
namespace {

using gateway::Browser;
using gateway::Reply;
using harness::Person;
using harness::Suite;
using testing::Eventually;
using testing::IsOk;
namespace people = workforce::v1;
namespace v1 = referral::v1;

constexpr char kProvider[] = "RX1";

class PartnerJourney : public ::testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    port_ = harness::FreePort();
    const std::string list = absl::StrCat(::testing::TempDir(), "/partners-", ids::NewUuid());
    std::ofstream(list) << R"(partners { organisation_code: "RX1" bars { url: "http://127.0.0.1:)"
                        << port_ << R"(" target_system: "https://fhir.nhs.uk/Id/dos-service-id"
      target_value: "1" } } source_system: "https://fhir.nhs.uk/Id/product-id" source_value: "P.1"
      operator_code: "X26" loopback: true)";
    ASSERT_OK_AND_ASSIGN(
        suite_, Suite::Start(
                    {.services = {"audit", "scheduling", "bbv", "workforce", "referral", "gateway"},
                     .flags = {{"referral", {absl::StrCat("--partners=", list)}}}}));
    chaos::ActivateTenant(*suite_);
    token_file_ = list + ".token";
    std::ofstream(token_file_) << suite_->Token(clinician_);
  }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Ask(const std::string& service,
                               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                               Request request) {
    if constexpr (requires { request.set_request_id(""); }) request.set_request_id(ids::NewUuid());
    Stub stub(suite_->Connect(service));
    Response response;
    const absl::Status done = rpc::Invoke(
        {.deadline = absl::Now() + absl::Seconds(10), .token = suite_->Token(nurse_)},
        [&](grpc::ClientContext* context) { return (stub.*method)(context, request, &response); });
    if (!done.ok()) return done;
    return response;
  }

  v1::ReferralCase Case(const std::string& id) {
    v1::GetCaseRequest request;
    request.set_case_id(id);
    const auto read = Ask("referral", &v1::ReferralService::Stub::GetCase, request);
    return read.ok() ? read->case_() : v1::ReferralCase();
  }
  bool Reaches(const std::string& id, v1::ReferralState state) {
    return Eventually([&] { return Case(id).state() == state; });
  }

  std::string Origin() const {
    const std::string port = gateway::ReadFile(suite_->folder() + "/gateway.http");
    return absl::StrCat("https://localhost:", absl::StripAsciiWhitespace(port));
  }
  std::string Authority() const { return suite_->folder() + "/tls/gateway/ca.crt"; }

  Reply Send(const std::string& method, const std::string& path, const std::string& body,
             std::vector<std::string> headers = {}) {
    headers.push_back("authorization: Bearer " + suite_->Token(clinician_));
    if (!body.empty()) headers.emplace_back("content-type: application/fhir+json");
    return Browser(Origin(), Authority()).Send(method, "/fhir/R4" + path, body, headers);
  }
  std::string TaskSaying(const std::string& id, const std::string& said) {
    return absl::StrCat(R"({"resourceType": "Task", "intent": "order", "id": ")", id,
                        R"(", "lastModified": "2026-11-22T10:00:00Z",
                        "focus": {"reference": "ServiceRequest/)",
                        id, "\"}, ", said, "}");
  }

  int port_ = 0;
  std::string token_file_;
  std::unique_ptr<Suite> suite_;
  const Person nurse_;
  const Person clinician_ = {
      .user_id = "pas", .tenant = kProvider, .roles = {options::v1::ROLE_NHS_CLINICIAN}};
};

TEST_F(PartnerJourney, TakesAcceptsBooksSeesAndSendsTheResult) {
  people::RegisterPersonRequest person;
  person.mutable_name()->set_given("Sam");
  person.mutable_name()->set_family("Example");
  person.mutable_birth_date()->set_year(1988);
  person.mutable_birth_date()->set_month(4);
  person.mutable_birth_date()->set_day(2);
  person.mutable_nhs_number()->set_number("9434765919");
  person.mutable_nhs_number()->set_status(people::NHS_NUMBER_STATUS_TRACED);
  person.set_workforce_type(people::WORKFORCE_TYPE_OFFICER);
  person.mutable_work()->set_email("sam@anyshire.example");
  person.mutable_personal()->set_mobile("+447700900123");
  ASSERT_OK_AND_ASSIGN(const auto entered,
                       Ask("workforce", &people::WorkforceService::Stub::RegisterPerson, person));
  ASSERT_OK_AND_ASSIGN(const std::string case_id,
                       chaos::LogOne(*suite_, suite_->Token(), ids::NewUuid(),
                                     entered.person().subject_id(), absl::Seconds(10)));
  const referral::testing::Simulator partner(std::vector<std::string>{
      "--port", absl::StrCat(port_), "--receive", "busy,take", "--answer", "twice:accept",
      "--answer-to", Origin() + "/fhir/R4", "--token-file", token_file_, "--ca", Authority()});
  ASSERT_EQ(partner.port(), port_);

  v1::DraftReferralRequest draft;
  ASSERT_THAT(cli::FillMessage(absl::StrCat(R"({"drafts": [{"need": {"pathway": "bbv",
      "case_id": ")",
                                            case_id, R"(", "step_key": "pep_start"},
      "provider": {"organisation_code": "RX1", "organisation_name": "City Hospital",
                   "carrier": "CARRIER_BARS"},
      "service": "CARE_SERVICE_EMERGENCY_DEPARTMENT", "priority": "PRIORITY_STAT",
      "referrer": {"practitioner_name": "A. Nurse", "phone": "+441632960001"},
      "consent": {"basis": "CONSENT_BASIS_EXPLICIT"}}]})"),
                               {}, absl::Now(), draft),
              IsOk());
  ASSERT_OK_AND_ASSIGN(const auto drafted,
                       Ask("referral", &v1::ReferralService::Stub::DraftReferral, draft));
  const std::string id = drafted.receipts(0).case_id();
  v1::SendReferralRequest send;
  send.set_case_id(id);
  ASSERT_THAT(Ask("referral", &v1::ReferralService::Stub::SendReferral, send), IsOk());
  ASSERT_TRUE(Reaches(id, v1::REFERRAL_STATE_ACCEPTED))
      << suite_->Log("referral") << suite_->Log("gateway");
  EXPECT_EQ(Case(id).care_holder(), v1::CARE_HOLDER_PROVIDER);
  ASSERT_EQ(Case(id).receipts_size(), 1);
  EXPECT_EQ(Case(id).receipts(0).handover(), v1::HANDOVER_ACKNOWLEDGED);
  EXPECT_EQ(Case(id).receipts(0).carrier(), v1::CARRIER_BARS);

  // Its system reads what it was sent, and nothing of the force is in it.
  const Reply request = Send("GET", "/ServiceRequest/" + id, "");
  ASSERT_EQ(request.status, 200) << request.body;
  for (const Reply& reply : {request, Send("GET", "/ServiceRequest?_id=" + id, "")}) {
    EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(reply.body), "anyshire"));
    EXPECT_FALSE(absl::StrContains(reply.body, "demo"));
    EXPECT_FALSE(absl::StrContains(reply.body, case_id));
  }
  const Reply task = Send("GET", "/Task/" + id, "");
  EXPECT_EQ(task.json()["status"], "accepted");

  const std::string start =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now() + absl::Minutes(40), absl::UTCTimeZone());
  EXPECT_EQ(
      Send("PUT", "/Task/" + id, TaskSaying(id, R"("status": "accepted")"), {"if-match: W/\"1\""})
          .status,
      412);
  const Reply booked =
      Send("PUT", "/Task/" + id,
           TaskSaying(id, absl::StrCat(R"("status": "in-progress", "contained": [{
               "resourceType": "Appointment", "id": "a", "status": "booked", "start": ")",
                                       start, R"(", "participant": [{"status": "accepted"}]}],
               "output": [{"type": {"text": "appointment"},
                           "valueReference": {"reference": "#a"}}])")),
           {"if-match: " + task.Header("etag")});
  ASSERT_EQ(booked.status, 200) << booked.body;
  ASSERT_TRUE(Reaches(id, v1::REFERRAL_STATE_BOOKED)) << suite_->Log("referral");

  ASSERT_THAT(suite_->AdvanceClock(absl::Hours(1)), IsOk());
  const Reply seen =
      Send("PUT", "/Task/" + id,
           TaskSaying(id, absl::StrCat(R"("status": "in-progress", "executionPeriod": {"start": ")",
                                       start, R"("}, "businessStatus": {"coding": [{
                                  "system": "urn:waymark:code:milestone", "code": "seen"}]})")));
  ASSERT_EQ(seen.status, 200) << seen.body;
  ASSERT_TRUE(Reaches(id, v1::REFERRAL_STATE_SEEN)) << suite_->Log("referral");

  // The laboratory's report names the patient alone.
  const std::string report = absl::StrCat(R"({"resourceType": "Bundle", "id": "b1",
    "type": "message", "timestamp": ")",
                                          start, R"(", "entry": [
    {"resource": {"resourceType": "MessageHeader", "source": {"endpoint": "https://lab.example"},
      "eventCoding": {"system": "http://snomed.info/sct", "code": "371528001"}}},
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "DiagnosticReport", "status": "final",
      "code": {"text": "Virology"}, "issued": ")",
                                          start, R"(", "subject": {"reference": "urn:uuid:2"},
      "result": [{"reference": "urn:uuid:3"}]}},
    {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Patient", "birthDate": "1988-04-02",
      "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}]}},
    {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "Observation", "status": "final",
      "id": "o1", "effectiveDateTime": ")",
                                          start, R"(",
      "code": {"coding": [{"system": "http://loinc.org", "code": "56888-1"}]},
      "valueCodeableConcept": {"coding": [
        {"system": "http://snomed.info/sct", "code": "260415000"}]}}}]})");
  const auto encoded = [](const char* json) { return absl::Base64Escape(json); };
  const std::vector<std::string> headers = {
      "x-request-id: " + ids::NewUuid(), "x-correlation-id: " + ids::NewUuid(),
      "nhsd-target-identifier: " + encoded(R"({"system": "s", "value": "v"})"),
      "nhsd-requesting-software: " + encoded("{}"), "nhsd-end-user-organisation: " + encoded("{}")};
  const Reply result = Send("POST", "/$process-message", report, headers);
  ASSERT_EQ(result.status, 200) << result.body;
  ASSERT_TRUE(Reaches(id, v1::REFERRAL_STATE_OUTCOME_RECEIVED)) << suite_->Log("referral");
  const v1::ReferralCase ended = Case(id);
  ASSERT_EQ(ended.outcomes_size(), 1);
  EXPECT_EQ(ended.outcomes(0).results(0).test(), "HIV_AG_AB");
  EXPECT_EQ(ended.outcomes(0).results(0).outcome(), v1::RESULT_OUTCOME_NEGATIVE);
  EXPECT_EQ(Send("POST", "/$process-message", report, headers).status, 409);
  EXPECT_EQ(ended.unfitting_size(), 0);
}

}  // namespace
}  // namespace waymark
