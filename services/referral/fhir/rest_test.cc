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
constexpr char kService[] = "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7ca0";
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
    RETURN_IF_ERROR(refuses);
    if (wants_acceptance && answer.has_outcome() &&
        referral.state() != v1::REFERRAL_STATE_ACCEPTED) {
      return status::FailedPrecondition("ILLEGAL_MOVE", "Accept it first.");
    }
    acts.push_back(answer);
    referral.mutable_header()->set_version(referral.header().version() + 1);
    if (answer.has_accepted()) referral.set_state(v1::REFERRAL_STATE_ACCEPTED);
    if (answer.has_booked()) *referral.add_bookings() = answer.booked();
    if (answer.has_booking_cancelled()) referral.mutable_bookings()->rbegin()->set_called_off(true);
    cases_[id] = referral;
    done_[request_id] = referral;
    return referral;
  }

  absl::StatusOr<bool> TakeIn(const std::string& /*request_id*/, const v1::MatchKeys& keys,
                              const v1::Answer& answer) override {
    taken_in.emplace_back(keys, answer);
    return taken_in_matches;
  }
  absl::StatusOr<Times> Slots(const std::string& service_id, absl::Time from,
                              absl::Time to) override {
    if (service_id != kService) return status::NotFound("SERVICE_NOT_FOUND", "There is none.");
    Times times;
    times.organisation_code = "RYE";
    times.service.set_service_id(kService);
    times.service.set_service(v1::CARE_SERVICE_PHYSIOTHERAPY);
    times.service.set_name("Physiotherapy");
    times.service.set_phone("+441632960000");
    for (int i = 0; i < 4; ++i) {
      const absl::Time start = absl::FromUnixSeconds(1'790'000'000) + i * absl::Hours(1);
      if (start < from || start > to) continue;
      v1::Slot& slot = times.slots.emplace_back();
      slot.set_slot_id(absl::StrCat("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b700", i));
      slot.set_service_id(kService);
      *slot.mutable_start_time() = ToTimestamp(start);
      *slot.mutable_end_time() = ToTimestamp(start + absl::Minutes(30));
      slot.set_state(i % 2 == 0 ? v1::SLOT_STATE_FREE
                     : i == 1   ? v1::SLOT_STATE_HELD
                                : v1::SLOT_STATE_BOOKED);
    }
    return times;
  }

  std::vector<v1::Answer> acts;
  std::vector<std::pair<v1::MatchKeys, v1::Answer>> taken_in;
  bool taken_in_matches = false;
  absl::Status refuses;
  bool wants_acceptance = false;

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

std::string SlotQuery(const std::string& name = "", const std::string& changed = "");

FhirRequest SearchOf(const std::string& type) {
  FhirRequest request = Asking("GET", type);
  if (type == "/Slot") request.query = SlotQuery();
  return request;
}

// What the standard has a search for slots say; `changed` is put in place of the parameter of its
// name, or leaves it out when it is empty.
std::string SlotQuery(const std::string& name, const std::string& changed) {
  std::string query;
  for (const auto& [parameter, text] : std::vector<std::pair<std::string, std::string>>{
           {"service", absl::StrCat("Schedule.actor:HealthcareService=", kService)},
           {"from", "start=ge2026-09-21T14:00:00Z"},
           {"to", "start=le2026-09-21T18:30:00%2B00:00"},
           {"status", "status=free"},
           {"schedule", "_include=Slot:schedule"},
           {"healthcare", "_include=Schedule:actor:HealthcareService"},
           {"practitioner", "_include=Schedule:actor:Practitioner"}}) {
    const std::string& part = parameter == name ? changed : text;
    if (!part.empty()) absl::StrAppend(&query, query.empty() ? "" : "&", part);
  }
  return query;
}

FhirAnswer AskSlots(Cases& cases, const std::string& query) {
  FhirRequest request = Asking("GET", "/Slot");
  request.query = query;
  return HandleFhir(request, cases);
}

TEST(Slots, AreFoundWithTheirScheduleAndService) {
  Cases cases;
  const FhirAnswer answer = AskSlots(cases, SlotQuery());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json bundle = BodyOf(answer);
  EXPECT_EQ(Member(bundle, "total"), 2);
  EXPECT_EQ(ResourcesOf(bundle, "Slot").size(), 2);
  EXPECT_EQ(ResourcesOf(bundle, "Schedule").size(), 1);
  EXPECT_EQ(ResourcesOf(bundle, "HealthcareService").size(), 1);
  EXPECT_EQ(Text(FirstOf(bundle, "Slot"), "start"), "2026-09-21T14:13:20+00:00");
  EXPECT_EQ(Text(Resolve(bundle, Member(FirstOf(bundle, "Slot"), "schedule")), "resourceType"),
            "Schedule");
  EXPECT_EQ(Member(BodyOf(AskSlots(cases, SlotQuery("status", "status=free,busy"))), "total"), 4);
  EXPECT_EQ(Member(BodyOf(AskSlots(cases, SlotQuery("status", "status=busy"))), "total"), 2);
  EXPECT_EQ(
      Member(BodyOf(AskSlots(cases, SlotQuery("to", "start=lt2026-09-21T14:13:20Z"))), "total"), 0);
}

TEST(Slots, AreRefusedAsTheStandardsScenariosSay) {
  Cases cases;
  struct Row {
    const char* name;
    const char* changed;
    int status;
    const char* issue;
  };
  for (const Row& row : std::vector<Row>{
           {"service", "", 400, "required"},
           {"service", "Schedule.actor:HealthcareService=x", 400, "value"},
           {"service", "Schedule.actor:HealthcareService=0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7caf", 404,
            "not-found"},
           {"from", "", 400, "required"},
           {"to", "", 400, "required"},
           {"from", "start=2026-09-21", 400, "value"},
           {"from", "start=ge2026-09-21T14:00:00", 400, "value"},
           {"from", "start=ge2026-01-21T14:00:00Z", 422, "too-costly"},
           {"from", "start=ge2026-10-21T14:00:00Z", 400, "value"},
           {"status", "", 400, "required"},
           {"status", "status=free,gone", 400, "value"},
           {"schedule", "", 400, "required"},
           {"healthcare", "", 400, "required"},
           {"practitioner", "", 400, "required"}}) {
    SCOPED_TRACE(absl::StrCat(row.name, ": ", row.changed));
    ExpectRefused(AskSlots(cases, SlotQuery(row.name, row.changed)), row.status, row.issue);
  }
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
        {"search-type", SearchOf(type)},
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
      if (type == "/Slot") search.body = SlotQuery();
      search.headers["prefer"] = "handling=strict";
      EXPECT_EQ(HandleFhir(search, cases).status, 200) << Text(parameter, "name");
    }
  }
  EXPECT_EQ(walked, 13);
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

// A laboratory's report on somebody of this NHS number.
std::string Report(absl::string_view nhs_number) {
  return absl::StrCat(R"({"resourceType": "Bundle", "id": "b",
    "type": "message", "timestamp": "2026-11-22T10:00:00Z", "entry": [
    {"resource": {"resourceType": "MessageHeader", "source": {"endpoint": "https://a.example"},
      "eventCoding": {"system": "http://snomed.info/sct", "code": "371528001"}}},
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "DiagnosticReport", "status": "final",
      "code": {"text": "Virology"}, "issued": "2026-11-22T09:00:00Z",
      "performer": [{"identifier": {
        "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RQL"}}],
      "subject": {"reference": "urn:uuid:2"}, "result": [{"reference": "urn:uuid:3"}]}},
    {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Patient", "birthDate": "1990-02-01",
      "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": ")",
                      nhs_number, R"("},
        {"system": "https://lab.example/patient", "value": "L-77"}]}},
    {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "Observation", "status": "final",
      "id": "o1", "effectiveDateTime": "2026-11-20T09:00:00Z",
      "code": {"coding": [{"system": "http://snomed.info/sct", "code": "31676001"}]},
      "valueCodeableConcept": {"coding": [
        {"system": "http://snomed.info/sct", "code": "260415000"}]}}}]})");
}

TEST(Messages, WithAReportAreMatchedByThePatientWhenNothingElseSays) {
  Cases cases;
  const FhirAnswer answer = HandleFhir(Message(Report("9000000009")), cases);
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_EQ(cases.acts.size(), 1);
  EXPECT_EQ(cases.acts[0].outcome().results(0).test(), "HIV_AG_AB");
}

TEST(Messages, WithAReportThatNoReferralHereTakesAreTakenInWithAllTheirKeys) {
  Cases cases;
  cases.taken_in_matches = true;
  EXPECT_EQ(HandleFhir(Message(Report("9434765919")), cases).status, 200);
  ASSERT_EQ(cases.taken_in.size(), 1);
  const v1::MatchKeys& keys = cases.taken_in[0].first;
  EXPECT_EQ(keys.nhs_number(), "9434765919");
  EXPECT_EQ(keys.birth_date().year(), 1990);
  EXPECT_EQ(keys.provider_reference(), "L-77");
  EXPECT_EQ(keys.organisation_code(), "RQL");
  EXPECT_EQ(cases.taken_in[0].second.outcome().results(0).test(), "HIV_AG_AB");
}

TEST(Messages, WithAReportThatNothingMatchesAreAcceptedForAPersonToFindOut) {
  Cases cases;
  // A wrong check digit is a warning, not a reason to send the result back.
  const FhirAnswer answer = HandleFhir(Message(Report("9434765918")), cases);
  EXPECT_EQ(answer.status, 202) << answer.body;
  ASSERT_EQ(cases.taken_in.size(), 1);
  EXPECT_EQ(cases.taken_in[0].first.nhs_number(), "");
  const Json outcome = BodyOf(answer);
  EXPECT_EQ(Text(Item(Member(outcome, "issue"), 0), "severity"), "warning");
}

TEST(Messages, WithAReportAcceptTheReferralThatNobodyAcceptedBefore) {
  Cases cases;
  cases.wants_acceptance = true;
  EXPECT_EQ(HandleFhir(Message(Report("9000000009")), cases).status, 200);
  ASSERT_EQ(cases.acts.size(), 2);
  EXPECT_TRUE(cases.acts[0].has_accepted());
  EXPECT_TRUE(cases.acts[1].has_outcome());
  EXPECT_TRUE(cases.taken_in.empty());
}

TEST(Messages, WithAReportThatTheReferralsStateDoesNotAllowAreNotSentBack) {
  Cases cases;
  cases.refuses = status::FailedPrecondition("ILLEGAL_MOVE", "Not now.");
  EXPECT_EQ(HandleFhir(Message(Report("9000000009")), cases).status, 202);
  EXPECT_EQ(cases.taken_in.size(), 1);
  cases.refuses = status::Unavailable("AWAY", "Later.");
  EXPECT_EQ(HandleFhir(Message(Report("9000000009")), cases).status, 503);
}

// A booking-request of the standard about kReferral, last changed at `updated`.
std::string BookingMessage(const char* reason, const char* status, const char* updated) {
  return absl::StrCat(R"({"resourceType": "Bundle", "id": "b", "type": "message",
    "timestamp": "2026-11-22T10:00:00Z", "meta": {"versionId": "1.4.0"}, "entry": [
    {"resource": {"resourceType": "MessageHeader", "source": {"endpoint": "https://a.example"},
      "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-events-bars",
        "code": "booking-request"},
      "reason": {"coding": [{"system": "https://fhir.nhs.uk/CodeSystem/message-reason-bars",
        "code": ")",
                      reason, R"("}]}, "focus": [{"reference": "urn:uuid:1"}]}},
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Appointment", "status": ")",
                      status, R"(", "meta": {"lastUpdated": ")", updated, R"("},
      "start": "2026-11-24T09:00:00Z", "end": "2026-11-24T09:30:00Z",
      "cancelationReason": {"text": "Clinic closed"},
      "basedOn": [{"reference": "ServiceRequest/)",
                      kReferral, R"("}],
      "participant": [{"status": "accepted", "actor": {"display": "x"}}]}}]})");
}

FhirRequest MessageUnder(const char* request_id, const std::string& body) {
  FhirRequest request = Message(body);
  request.headers["x-request-id"] = request_id;
  return request;
}

TEST(Messages, CallABookingOff) {
  Cases cases;
  ASSERT_EQ(
      HandleFhir(Message(BookingMessage("new", "booked", "2026-11-22T10:00:00Z")), cases).status,
      200);
  for (const char* status : {"cancelled", "entered-in-error"}) {
    const std::string request_id = status[0] == 'c' ? "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c91"
                                                    : "0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c92";
    const FhirAnswer answer = HandleFhir(
        MessageUnder(request_id.c_str(), BookingMessage("update", status, "2026-11-23T10:00:00Z")),
        cases);
    EXPECT_EQ(answer.status, 200) << answer.body;
    ASSERT_TRUE(cases.acts.back().has_booking_cancelled());
    EXPECT_EQ(cases.acts.back().booking_cancelled().note(), "Clinic closed");
  }
  // Older than what is known here.
  ExpectRefused(
      HandleFhir(MessageUnder("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c93",
                              BookingMessage("update", "cancelled", "2026-11-21T10:00:00Z")),
                 cases),
      409, "conflict");
  cases.refuses = status::FailedPrecondition("ILLEGAL_MOVE", "There is none.");
  ExpectRefused(
      HandleFhir(MessageUnder("0198d0e2-5c1b-7c3a-9d55-3d1f2a6b7c94",
                              BookingMessage("update", "cancelled", "2026-11-23T10:00:00Z")),
                 cases),
      409, "conflict");
}

// A validation by event, reason and states, as the table of the standard names them.
std::string Validation(const char* event, const char* reason, const char* request,
                       const char* care_plan, const char* encounter) {
  return absl::StrCat(R"({"resourceType": "Bundle", "id": "b", "type": "message",
    "timestamp": "2026-11-22T10:00:00Z", "meta": {"versionId": "1.4.0"}, "entry": [
    {"resource": {"resourceType": "MessageHeader", "source": {"endpoint": "https://a.example"},
      "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-events-bars",
        "code": ")",
                      event, R"("},
      "response": {"identifier": ")",
                      kMessage, R"(", "code": "ok"},
      "reason": {"coding": [{"system": "https://fhir.nhs.uk/CodeSystem/message-reason-bars",
        "code": ")",
                      reason, R"("}]}, "focus": [{"reference": "urn:uuid:1"}]}},
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "ServiceRequest", "intent": "plan",
      "status": ")",
                      request, R"(", "subject": {"display": "x"},
      "encounter": {"reference": "urn:uuid:2"},
      "category": [{"coding": [{
        "system": "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest",
        "code": "validation"}]}]}},
    {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Encounter", "status": ")",
                      encounter,
                      R"(", "class": {"code": "EMER"}}},
    {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "CarePlan", "status": ")",
                      care_plan, R"(", "intent": "plan", "subject": {"display": "x"}}}]})");
}

TEST(Messages, OfValidationsAreRefusedAsWhoTakesAndSendsNone) {
  Cases cases;
  ExpectRefused(HandleFhir(Message(Validation("servicerequest-request", "new", "active", "active",
                                              "triaged")),
                           cases),
                422, "not-supported");
  for (const char* request : {"revoked", "entered-in-error", "active", "on-hold"}) {
    ExpectRefused(HandleFhir(Message(Validation("servicerequest-request", "update", request,
                                                "active", "triaged")),
                             cases),
                  404, "not-found");
  }
  for (const char* request : {"completed", "revoked"}) {
    ExpectRefused(HandleFhir(Message(Validation("servicerequest-response", "new", request, "active",
                                                "triaged")),
                             cases),
                  404, "not-found");
  }
  ExpectRefused(HandleFhir(Message(Validation("servicerequest-request", "new", "active",
                                              "completed", "triaged")),
                           cases),
                400, "invariant");
  EXPECT_TRUE(cases.acts.empty());
}

}  // namespace
}  // namespace waymark::referral::fhir
