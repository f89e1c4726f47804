#include "services/referral/fhir/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/referral/fhir/primitives.h"

namespace waymark::referral::fhir {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

std::string Shown(const std::vector<Issue>& issues) {
  return absl::StrJoin(issues, "; ", [](std::string* out, const Issue& issue) {
    absl::StrAppend(out, issue.code, " ", issue.location, ": ", issue.diagnostics);
  });
}

auto IssueIs(const char* code, const char* location) {
  return AllOf(Field(&Issue::code, code), Field(&Issue::location, location));
}

struct Value {
  const char* type;
  // JSON.
  const char* value;
  bool right;
};

TEST(Primitives, AreTakenAndRefusedAsR4SaysIt) {
  const Value values[] = {
      {"boolean", "true", true},
      {"boolean", "\"true\"", false},
      {"id", "\"a-1.B\"", true},
      {"id", "\"a_1\"", false},
      {"id", "\"\"", false},
      {"code", "\"a b\"", true},
      {"code", "\"a  b\"", false},
      {"code", "\" a\"", false},
      {"code", "\"a \"", false},
      {"string", "\"\"", false},
      {"string", "\"tab\\tline\\n\"", true},
      {"string", "\"bell\\u0007\"", false},
      {"string", "1", false},
      {"uri", "\"http://a b\"", false},
      {"uri", "\" http://a\"", false},
      {"uuid", "\"urn:uuid:c5957fdd-097b-409d-a406-49c52ceef2cd\"", true},
      {"uuid", "\"c5957fdd-097b-409d-a406-49c52ceef2cd\"", false},
      {"oid", "\"urn:oid:1.2.3\"", true},
      {"oid", "\"1.2.3\"", false},
      {"date", "\"2026\"", true},
      {"date", "\"2026-11\"", true},
      {"date", "\"2026-02-29\"", false},
      {"date", "\"2024-02-29\"", true},
      {"date", "\"2026-1-1\"", false},
      {"date", "\"2026-11-22T10:00:00Z\"", false},
      {"dateTime", "\"2026-11-22\"", true},
      {"dateTime", "\"2026-11-22T10:00:00\"", false},
      {"dateTime", "\"2026-11-22T10:00Z\"", false},
      {"dateTime", "\"2026-11-22T10:00:00.123+01:00\"", true},
      {"dateTime", "\"2026-11-22T24:00:00Z\"", false},
      {"instant", "\"2026-11-22\"", false},
      {"instant", "\"2026-11-22T10:00:00Z\"", true},
      {"instant", "\"2026-11-22T10:00:00.Z\"", false},
      {"time", "\"10:00:00\"", true},
      {"time", "\"10:00\"", false},
      {"decimal", "6.30", true},
      {"decimal", "-0.0010E-2", true},
      {"decimal", "\"6.3\"", false},
      {"integer", "-2147483648", true},
      {"integer", "2147483648", false},
      {"integer", "1.0", false},
      {"positiveInt", "0", false},
      {"positiveInt", "1", true},
      {"unsignedInt", "0", true},
      {"unsignedInt", "-1", false},
      {"base64Binary", "\"AAAA\"", true},
      {"base64Binary", "\"AA=A\"", false},
      {"base64Binary", "\"AAA\"", false},
      {"xhtml", "\"<div>a</div>\"", true},
      {"xhtml", "\"a\"", false},
  };
  for (const Value& value : values) {
    const absl::StatusOr<Json> json = ParseJson(value.value);
    ASSERT_TRUE(json.ok()) << value.value;
    EXPECT_EQ(WrongPrimitive(value.type, *json) == nullptr, value.right)
        << value.type << " " << value.value;
  }
}

TEST(Json, KeepsEveryDigitOfADecimal) {
  const char* text = R"({"value":6.30,"small":1.0E-3,"whole":185,"list":[-0.10]})";
  EXPECT_EQ(WriteJson(*ParseJson(text)), text);
}

TEST(Json, IsRefusedWhenItIsDeepLongOrSaysAMemberTwice) {
  EXPECT_FALSE(ParseJson(std::string(200, '[')).ok());
  EXPECT_FALSE(ParseJson(R"({"a":1,"a":2})").ok());
  EXPECT_FALSE(ParseJson("{} {}").ok());
  EXPECT_FALSE(ParseJson("{\"a\": NaN}").ok());
  EXPECT_FALSE(ParseJson("\"\xff\"").ok());
  EXPECT_FALSE(ParseJson("").ok());
  EXPECT_FALSE(ParseJson(std::string(kLongestText + 1, ' ')).ok());
}

struct Refusal {
  const char* text;
  const char* code;
  const char* location;
};

TEST(Reader, SaysWhereAResourceIsWrong) {
  const Refusal refusals[] = {
      {R"({"resourceType": "ServiceRequest", "intent": "plan", "subject": {"display": "x"}})",
       "required", "ServiceRequest.status"},
      {R"({"resourceType": "ServiceRequest", "status": "actve", "intent": "plan",
           "subject": {"display": "x"}})",
       "code-invalid", "ServiceRequest.status"},
      {R"({"resourceType": "ServiceRequest", "status": "active", "intent": "plan",
           "subject": {"display": "x"}, "basedOn": {"reference": "a"}})",
       "structure", "ServiceRequest.basedOn"},
      {R"({"resourceType": "Slot", "Schedule": {"reference": "a"}, "schedule": {"reference": "a"},
           "status": "free", "start": "2026-11-22T10:00:00Z", "end": "2026-11-22T10:30:00Z"})",
       "structure", "Slot.Schedule"},
      {R"({"resourceType": "Appointment", "status": "booked",
           "participant": [{"actor": {"reference": "a"}}]})",
       "required", "Appointment.participant[0].status"},
      {R"({"resourceType": "Patient", "birthDate": null})", "structure", "Patient.birthDate"},
      {R"({"resourceType": "Patient", "name": []})", "structure", "Patient.name"},
      {R"({"resourceType": "Patient", "name": [{}]})", "structure", "Patient.name[0]"},
      {R"({"resourceType": "Patient", "birthDate": "22/11/2026"})", "value", "Patient.birthDate"},
      {R"({"resourceType": "Patient", "deceasedBoolean": true, "deceasedDateTime": "2026"})",
       "structure", "Patient.deceasedDateTime"},
      {R"({"resourceType": "Patient", "name": [{"given": ["A", null]}]})", "structure",
       "Patient.name[0].given[1]"},
      {R"({"resourceType": "Bundle", "type": "message", "entry": [{"resourceType": "Patient"}]})",
       "structure", "Bundle.entry[0].resourceType"},
      {R"({"resourceType": "Bundle", "type": "message",
           "entry": [{"resource": {"resourceType": "Flag", "status": "active",
                                   "code": {"text": "x"}}}]})",
       "required", "Bundle.entry[0].resource.subject"},
      {R"({"resourceType": "Medicine"})", "not-supported", ""},
      {R"({"name": "x"})", "structure", ""},
      {R"([])", "structure", ""},
      {R"({"resourceType": "Patient", "extension": [{"url": "http://a"}]})", "invariant",
       "Patient.extension[0]"},
      {R"({"resourceType": "Patient", "Smith, J.": 1})", "structure", "Patient.(unnamed)"},
  };
  for (const Refusal& refusal : refusals) {
    const Reading reading = ReadResource(refusal.text);
    EXPECT_THAT(reading.issues, ElementsAre(IssueIs(refusal.code, refusal.location)))
        << refusal.text << "\n"
        << Shown(reading.issues);
    EXPECT_TRUE(reading.resource.is_null());
  }
}

TEST(Reader, TakesPrimitivesThatOnlyExtensionsSpeakOf) {
  EXPECT_THAT(ReadResource(R"({"resourceType": "Patient",
      "_birthDate": {"extension": [{"url": "http://a", "valueCode": "unknown"}]},
      "deceasedBoolean": false, "_deceasedBoolean": {"id": "a"},
      "name": [{"given": ["A", null], "_given": [null, {"id": "b"}]}]})")
                  .issues,
              IsEmpty());
}

TEST(Reader, RepeatsNothingThatWasSent) {
  const Reading reading =
      ReadResource(R"({"resourceType": "Patient", "birthDate": "Jane Roe 9000000009",
                       "gender": "Jane Roe", "id": "Jane Roe", "Jane Roe": "Jane Roe"})");
  EXPECT_EQ(reading.issues.size(), 4);
  EXPECT_FALSE(absl::StrContains(WriteJson(OperationOutcome(reading.issues)), "Roe"));
}

// Official examples ------------------------------------------------------------------------------

// Where they are: WAYMARK_FHIR_EXAMPLES, else beside the checkout. Empty when they are not there.
std::filesystem::path Examples() {
  const char* given = std::getenv("WAYMARK_FHIR_EXAMPLES");
  const std::filesystem::path folder = given != nullptr ? given : "../shared/data/fhir";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// By the end of the path, with the first thing that is wrong.
struct ExpectedRefusal {
  const char* path;
  const char* code;
  const char* location;
};

// Checks each .json file below `folder`; those in `refusals` must be refused so.
int CheckAll(const std::filesystem::path& folder, const std::vector<ExpectedRefusal>& refusals) {
  int read = 0;
  size_t refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    ++read;
    const Reading reading = ReadResource(ReadFile(entry.path()));
    const std::string path = std::filesystem::relative(entry.path(), folder).string();
    const ExpectedRefusal* expected = nullptr;
    for (const ExpectedRefusal& refusal : refusals) {
      if (path == refusal.path) expected = &refusal;
    }
    if (expected == nullptr) {
      EXPECT_FALSE(HasError(reading.issues)) << path << ": " << Shown(reading.issues);
      continue;
    }
    ++refused;
    EXPECT_THAT(reading.issues, ::testing::Contains(IssueIs(expected->code, expected->location)))
        << path << ": " << Shown(reading.issues);
  }
  EXPECT_EQ(refused, refusals.size()) << "an example that is to be refused is missing";
  return read;
}

TEST(Examples, OfHl7AreReadWholeOrAreOfATypeThatIsNotReadHere) {
  if (Examples().empty()) GTEST_SKIP() << "Set WAYMARK_FHIR_EXAMPLES to the examples' folder.";
  std::map<std::string, int> passed_over;
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Examples() / "hl7-r4-examples")) {
    const Reading reading = ReadResource(ReadFile(entry.path()));
    const std::string name = entry.path().filename().string();
    const std::string type = name.substr(0, name.find('-'));
    if (!IsKnownResource(type)) {
      EXPECT_THAT(reading.issues, ElementsAre(IssueIs("not-supported", ""))) << name;
      ++passed_over[type];
      continue;
    }
    ++read;
    EXPECT_THAT(reading.issues, IsEmpty()) << name << ": " << Shown(reading.issues);
    EXPECT_EQ(*ParseJson(WriteJson(reading.resource)), reading.resource) << name;
  }
  EXPECT_GT(read, 180);
  EXPECT_THAT(passed_over, ::testing::ElementsAre(::testing::Pair("PlanDefinition", 15)));
}

TEST(Examples, OfTheBookingAndReferralStandardAreReadOrRefusedWithTheReason) {
  if (Examples().empty()) GTEST_SKIP() << "Set WAYMARK_FHIR_EXAMPLES to the examples' folder.";
  // What is wrong with each is in the example itself: none of these is R4.
  const std::vector<ExpectedRefusal> refusals = {
      {"Endpoint/post_Endpoint_Atomic.json", "structure", "Endpoint.identifier[0].display"},
      {"Endpoint/post_Endpoint_template.json", "structure", "Endpoint.connectionType.coding"},
      {"Endpoint/success_Endpoint_Atomic.json", "structure", "Endpoint.identifier[0].display"},
      {"Endpoint/success_Endpoint_template.json", "structure", "Endpoint.connectionType.coding"},
      {"Endpoint/success_bundle.json", "structure",
       "Bundle.entry[0].resource.identifier[0].display"},
      {"Endpoint/success_bundle_template.json", "structure",
       "Bundle.entry[0].resource.connectionType.coding"},
      {"HealthcareService/post_HealthcareService_Atomic.json", "structure",
       "HealthcareService.providedBy"},
      {"HealthcareService/success_HealthcareService_Atomic.json", "structure",
       "HealthcareService.providedBy"},
      {"HealthcareService/success_bundle.json", "structure", "Bundle.entry[0].resource.providedBy"},
      {"_status.json", "structure", ""},
      {"appointment/PATCH-body.json", "required", "Appointment.participant"},
      {"document_reference/GET-success.json", "structure", ""},
      {"document_reference/POST-body.json", "required", "DocumentReference.status"},
      {"document_reference/POST-success.json", "required", "DocumentReference.status"},
      {"document_reference/id/GET-success.json", "value", "DocumentReference.id"},
      {"document_reference/id/PUT-body.json", "value", "DocumentReference.id"},
      {"metadata/BaRS_API_Capability_Statement.json", "structure",
       "CapabilityStatement.rest[0].security"},
      {"process_message/POST-success.json", "required",
       "Bundle.entry[1].resource.participant[0].status"},
      {"process_message/response/Booking (HTTP Response) .json", "required",
       "Bundle.entry[1].resource.participant[0].status"},
      {"service_request/GET-success.json", "structure", "Bundle.entry[0].resourceType"},
      {"service_request/PATCH-body.json", "code-invalid", "ServiceRequest.status"},
      {"service_request/PUT-body.json", "structure", "ServiceRequest.basedOn"},
      {"service_request/id/GET-success.json", "structure", "ServiceRequest.basedOn"},
  };
  EXPECT_GT(CheckAll(Examples() / "bars-1.4.0", refusals), 80);
}

}  // namespace
}  // namespace waymark::referral::fhir
