#include "services/referral/fhir/rest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/referral/fhir/bundle.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/reader.h"

namespace waymark::referral::fhir {
namespace {

constexpr char kReferral[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80";
constexpr char kMessage[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c81";
constexpr char kRequest[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c90";

// One provider's cases in memory, with the promises of FhirBackend.
class Cases final : public FhirBackend {
 public:
  Cases() {
    v1::ReferralCase& referral = cases_[kReferral];
    referral.mutable_header()->set_case_id(kReferral);
    referral.mutable_header()->set_version(1);
    referral.mutable_header()->set_state(casework::v1::CASE_STATE_OPEN);
    referral.mutable_header()->mutable_opened_time()->set_seconds(1'790'000'000);
    referral.set_state(v1::REFERRAL_STATE_RECEIVED);
    referral.mutable_provider()->set_organisation_code("RYE");
    referral.mutable_sending()->set_message_id(kMessage);
    v1::Patient& patient = *referral.mutable_content()->mutable_patient();
    patient.set_family_name("Roe");
    patient.set_nhs_number("9000000009");
    patient.mutable_birth_date()->set_year(1990);
    patient.mutable_birth_date()->set_month(2);
    patient.mutable_birth_date()->set_day(1);
    referral.mutable_content()->mutable_referrer()->set_phone("+441632960000");
  }

  absl::StatusOr<v1::ReferralCase> Get(const std::string& id) override {
    const auto found = cases_.find(id);
    if (found == cases_.end()) return status::NotFound("CASE_NOT_FOUND", "There is none.");
    return found->second;
  }
  absl::StatusOr<Page> List(int /*size*/, const std::string& /*token*/) override {
    Page page;
    for (const auto& [id, referral] : cases_) page.cases.push_back(referral);
    return page;
  }
  absl::StatusOr<std::vector<casework::v1::CaseEvent>> Events(const std::string& id) override {
    std::vector<casework::v1::CaseEvent> events;
    for (int64_t version = 1; version <= cases_[id].header().version(); ++version) {
      events.emplace_back().set_case_version(version);
      events.back().mutable_recorded_time()->set_seconds(1'790'000'000 + version);
    }
    return events;
  }
  absl::StatusOr<v1::ReferralCase> Act(const std::string& id, int64_t version,
                                       const std::string& request_id,
                                       const v1::Answer& answer) override {
    ASSIGN_OR_RETURN(v1::ReferralCase referral, Get(id));
    if (const auto done = done_.find(request_id); done != done_.end()) return done->second;
    if (version != 0 && version != referral.header().version()) {
      return status::FailedPrecondition("STALE_VERSION", "Read it again.");
    }
    acts.push_back(answer);
    referral.mutable_header()->set_version(referral.header().version() + 1);
    if (answer.has_accepted()) referral.set_state(v1::REFERRAL_STATE_ACCEPTED);
    if (answer.has_booked()) *referral.add_bookings() = answer.booked();
    cases_[id] = referral;
    done_[request_id] = referral;
    return referral;
  }

  std::vector<v1::Answer> acts;

 private:
  std::map<std::string, v1::ReferralCase> cases_;
  std::map<std::string, v1::ReferralCase> done_;
};

FhirRequest Asking(const std::string& method, const std::string& path,
                   const std::string& body = "") {
  FhirRequest request;
  request.method = method;
  request.path = path;
  request.body = body;
  request.base_url = "https://waymark.example/fhir/R4";
  request.request_id = kRequest;
  return request;
}

FhirRequest Message(const std::string& body) {
  FhirRequest request = Asking("POST", "/$process-message", body);
  request.headers = {
      {"x-request-id", kRequest},
      {"x-correlation-id", kRequest},
      {"nhsd-target-identifier", absl::Base64Escape(R"({"system": "s", "value": "v"})")},
      {"nhsd-requesting-software", absl::Base64Escape("{}")},
      {"nhsd-end-user-organisation", absl::Base64Escape("{}")}};
  return request;
}

Json BodyOf(const FhirAnswer& answer) {
  const Reading reading = ReadResource(answer.body);
  EXPECT_FALSE(HasError(reading.issues)) << reading.issues[0].location << answer.body;
  return reading.resource;
}

void ExpectRefused(const FhirAnswer& answer, int status, absl::string_view issue) {
  EXPECT_EQ(answer.status, status) << answer.body;
  const Json outcome = BodyOf(answer);
  EXPECT_EQ(Text(outcome, "resourceType"), "OperationOutcome");
  EXPECT_EQ(Text(Item(Member(outcome, "issue"), 0), "code"), issue);
  EXPECT_FALSE(absl::StrContains(answer.body, "Roe"));
  EXPECT_FALSE(absl::StrContains(answer.body, "9000000009"));
}

std::string AcceptTask(absl::string_view id) {
  return absl::StrCat(R"({"resourceType": "Task", "id": ")", id, R"(", "status": "accepted",
      "intent": "order", "lastModified": "2026-11-22T10:00:00Z",
      "focus": {"reference": "ServiceRequest/)",
                      id, R"("}})");
}

TEST(Capabilities, MatchWhatIsServed) {
  Cases cases;
  v1::Answer booked;
  booked.mutable_booked()->mutable_start_time()->set_seconds(1'790'000'000);
  ASSERT_TRUE(cases.Act(kReferral, 0, kMessage, booked).ok());
  const Json statement = BodyOf(HandleFhir(Asking("GET", "/metadata"), cases));
  EXPECT_EQ(Text(statement, "resourceType"), "CapabilityStatement");
  const Json& rest = Item(Member(statement, "rest"), 0);
  int walked = 0;
  for (const Json& resource : Member(rest, "resource")) {
    const std::string type = absl::StrCat("/", Text(resource, "type"));
    const std::string one = absl::StrCat(type, "/", kReferral);
    std::set<std::string> said;
    for (const Json& interaction : Member(resource, "interaction")) {
      said.insert(Text(interaction, "code"));
    }
    const std::vector<std::pair<std::string, FhirRequest>> all = {
        {"read", Asking("GET", one)},
        {"vread",
         Asking("GET", absl::StrCat(one, "/_history/", cases.Get(kReferral)->header().version()))},
        {"history-instance", Asking("GET", absl::StrCat(one, "/_history"))},
        {"search-type", Asking("GET", type)},
        {"update", Asking("PUT", one, AcceptTask(kReferral))},
        {"delete", Asking("DELETE", one)},
        {"patch", Asking("PATCH", one)},
        {"create", Asking("POST", type)},
    };
    for (const auto& [code, request] : all) {
      const FhirAnswer answer = HandleFhir(request, cases);
      if (said.count(code) > 0) {
        EXPECT_EQ(answer.status, 200) << type << " " << code << answer.body;
        BodyOf(answer);
        ++walked;
      } else {
        ExpectRefused(answer, 405, "not-supported");
      }
    }
    for (const Json& parameter : Member(resource, "searchParam")) {
      FhirRequest search = Asking("POST", absl::StrCat(type, "/_search"),
                                  absl::StrCat(Text(parameter, "name"), "=x"));
      search.headers["prefer"] = "handling=strict";
      EXPECT_EQ(HandleFhir(search, cases).status, 200) << Text(parameter, "name");
    }
  }
  EXPECT_EQ(walked, 12);
  ExpectRefused(HandleFhir(Asking("GET", "/Patient"), cases), 404, "not-supported");
  ExpectRefused(HandleFhir(Asking("GET", "/$process-message"), cases), 405, "not-supported");
}

TEST(Reads, HaveAnETagAndAreNotSentTwice) {
  Cases cases;
  FhirRequest request = Asking("GET", absl::StrCat("/Task/", kReferral));
  request.headers["x-correlation-id"] = kRequest;
  const FhirAnswer answer = HandleFhir(request, cases);
  EXPECT_EQ(answer.headers.at("etag"), "W/\"1\"");
  EXPECT_EQ(answer.headers.at("x-correlation-id"), kRequest);
  EXPECT_EQ(answer.headers.at("content-type"), "application/fhir+json");
  request.headers["if-none-match"] = "W/\"1\"";
  EXPECT_EQ(HandleFhir(request, cases).status, 304);
}

TEST(Reads, OfNothingAreNotFound) {
  Cases cases;
  ExpectRefused(HandleFhir(Asking("GET", absl::StrCat("/Task/", kMessage)), cases), 404,
                "not-found");
  ExpectRefused(HandleFhir(Asking("GET", "/Task/1"), cases), 404, "not-found");
  ExpectRefused(HandleFhir(Asking("GET", absl::StrCat("/Appointment/", kReferral)), cases), 404,
                "not-found");
}

TEST(Searches, FindByIdentifierAndByStatus) {
  Cases cases;
  const auto found = [&cases](const char* body) {
    const Json bundle = BodyOf(HandleFhir(Asking("POST", "/Task/_search", body), cases));
    return Member(bundle, "entry").size();
  };
  EXPECT_EQ(found("identifier=urn:ietf:rfc:3986%7Curn:uuid:0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80"),
            1);
  EXPECT_EQ(found("identifier=other%7C0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c80"), 0);
  EXPECT_EQ(found("patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9000000009"), 1);
  EXPECT_EQ(found("patient:identifier=9000000025"), 0);
  EXPECT_EQ(found("status=received"), 1);
  EXPECT_EQ(found("status=accepted"), 0);
}

TEST(Searches, KeepPatientsOutOfAddresses) {
  Cases cases;
  FhirRequest request = Asking("GET", "/Task");
  request.query = "patient:identifier=9000000009";
  ExpectRefused(HandleFhir(request, cases), 400, "security");
}

TEST(Updates, OfATaskAreAnswers) {
  Cases cases;
  FhirRequest request = Asking("PUT", absl::StrCat("/Task/", kReferral), AcceptTask(kReferral));
  request.headers["if-match"] = "W/\"7\"";
  ExpectRefused(HandleFhir(request, cases), 412, "conflict");
  request.headers["if-match"] = "W/\"1\"";
  const FhirAnswer answer = HandleFhir(request, cases);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("etag"), "W/\"2\"");
  EXPECT_EQ(Text(BodyOf(answer), "status"), "accepted");
  ASSERT_EQ(cases.acts.size(), 1);
  EXPECT_TRUE(cases.acts[0].has_accepted());
}

TEST(Updates, ThatAreNotR4OrOfAnotherCaseAreRefused) {
  Cases cases;
  const std::string path = absl::StrCat("/Task/", kReferral);
  ExpectRefused(HandleFhir(Asking("PUT", path, "{"), cases), 400, "structure");
  ExpectRefused(HandleFhir(Asking("PUT", path, AcceptTask(kMessage)), cases), 400, "invariant");
  ExpectRefused(HandleFhir(Asking("PUT", path, R"({"resourceType": "Patient"})"), cases), 400,
                "invariant");
  EXPECT_TRUE(cases.acts.empty());
}

std::string NoShow(const char* response_to) {
  return absl::StrCat(R"({"resourceType": "Bundle", "type": "message", "id": "m1",
    "timestamp": "2026-11-22T10:00:00Z", "meta": {"versionId": "1.4.0"}, "entry": [
    {"fullUrl": "urn:uuid:0", "resource": {"resourceType": "MessageHeader",
      "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-events-bars",
                      "code": "servicerequest-response"},
      "source": {"endpoint": "https://a.example"},
      "reason": {"coding": [{"system": "https://fhir.nhs.uk/CodeSystem/message-reason-bars",
                             "code": "new"}]},
      "response": {"identifier": ")",
                      response_to, R"(", "code": "ok"},
      "focus": [{"reference": "urn:uuid:1"}]}},
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "ServiceRequest", "status": "revoked",
      "intent": "plan", "subject": {"display": "x"}, "category": [{"coding": [
        {"system": "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest",
         "code": "referral"}]}]}}]})");
}

TEST(Messages, BecomeActsOnceAndAreDuplicatesAfterThat) {
  Cases cases;
  const FhirAnswer first = HandleFhir(Message(NoShow(kMessage)), cases);
  EXPECT_EQ(first.status, 200) << first.body;
  ASSERT_EQ(cases.acts.size(), 1);
  EXPECT_TRUE(cases.acts[0].has_not_attended());
  ExpectRefused(HandleFhir(Message(NoShow(kMessage)), cases), 409, "duplicate");
  EXPECT_EQ(cases.acts.size(), 1);
}

TEST(Messages, ThatAnswerNothingSentAreNotFound) {
  Cases cases;
  ExpectRefused(HandleFhir(Message(NoShow(kReferral)), cases), 404, "not-found");
}

TEST(Messages, AreRefusedByTheirHeadersFirst) {
  Cases cases;
  FhirRequest request = Message("{");
  request.headers.erase("x-request-id");
  ExpectRefused(HandleFhir(request, cases), 400, "required");
  ExpectRefused(HandleFhir(Message("{"), cases), 400, "structure");
}

TEST(Messages, WithAReportAreMatchedByThePatientWhenNothingElseSays) {
  Cases cases;
  const FhirAnswer answer = HandleFhir(Message(R"({"resourceType": "Bundle", "id": "b",
    "type": "message", "timestamp": "2026-11-22T10:00:00Z", "entry": [
    {"resource": {"resourceType": "MessageHeader", "source": {"endpoint": "https://a.example"},
      "eventCoding": {"system": "http://snomed.info/sct", "code": "371528001"}}},
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "DiagnosticReport", "status": "final",
      "code": {"text": "Virology"}, "issued": "2026-11-22T09:00:00Z",
      "subject": {"reference": "urn:uuid:2"}, "result": [{"reference": "urn:uuid:3"}]}},
    {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Patient", "birthDate": "1990-02-01",
      "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"}]}},
    {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "Observation", "status": "final",
      "id": "o1", "effectiveDateTime": "2026-11-20T09:00:00Z",
      "code": {"coding": [{"system": "http://snomed.info/sct", "code": "31676001"}]},
      "valueCodeableConcept": {"coding": [
        {"system": "http://snomed.info/sct", "code": "260415000"}]}}}]})"),
                                       cases);
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_EQ(cases.acts.size(), 1);
  EXPECT_EQ(cases.acts[0].outcome().results(0).test(), "HIV_AG_AB");
}

}  // namespace
}  // namespace waymark::referral::fhir
