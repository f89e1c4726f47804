#include "services/referral/fhir/codes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "services/referral/fhir/bundle.h"
#include "services/referral/fhir/primitives.h"
#include "services/referral/fhir/systems.h"

namespace waymark::referral::fhir {
namespace {

constexpr char kLoinc[] = "http://loinc.org";
constexpr char kOwnSystems[] = "urn:waymark:";

// Tests by the codes of laboratories. Codes seen in NHS examples, official value sets or several
// independent repositories; each is to be checked against the current UK edition before live use.
struct TestRow {
  const char* system;
  const char* code;
  const char* test;
};
constexpr TestRow kTests[] = {
    {kSnomed, "47758006", "HBSAG"},          // Hepatitis B surface antigen measurement
    {kSnomed, "1014211000000100", "HBSAG"},  // HBsAg level
    {kSnomed, "51061000237103", "HBSAG"},    // HBsAg in serum, qualitative
    {kSnomed, "171122006", "HBSAG"},         // Hepatitis B screening
    {kSnomed, "64411004", "HCV_AB"},         // Hepatitis C antibody measurement
    {kSnomed, "413107006", "HCV_AB"},        // Hepatitis C screening
    {kSnomed, "31676001", "HIV_AG_AB"},      // HIV antigen test
    {kLoinc, "56888-1", "HIV_AG_AB"},        // HIV 1+2 antigen and antibody
    {kLoinc, "75622-1", "HIV_AG_AB"},        // HIV 1 and 2 tests
};

struct OutcomeRow {
  const char* system;
  const char* code;
  v1::ResultOutcome outcome;
};
// The first row of an outcome in each system is the one that is written.
constexpr OutcomeRow kOutcomes[] = {
    {kSnomed, "260415000", v1::RESULT_OUTCOME_NEGATIVE},       // Not detected
    {kSnomed, "260373001", v1::RESULT_OUTCOME_POSITIVE},       // Detected
    {kSnomed, "419984006", v1::RESULT_OUTCOME_INDETERMINATE},  // Inconclusive
    {kSnomed, "260385009", v1::RESULT_OUTCOME_NEGATIVE},       // Negative
    {kSnomed, "406010001", v1::RESULT_OUTCOME_NEGATIVE},       // HBsAg negative
    {kSnomed, "165806002", v1::RESULT_OUTCOME_POSITIVE},       // HBsAg positive
    {kSnomed, "165815009", v1::RESULT_OUTCOME_NEGATIVE},       // HIV negative
    {kSnomed, "165816005", v1::RESULT_OUTCOME_POSITIVE},       // HIV positive
    {kInterpretation, "N", v1::RESULT_OUTCOME_NEGATIVE},
    {kInterpretation, "POS", v1::RESULT_OUTCOME_POSITIVE},
    {kInterpretation, "IND", v1::RESULT_OUTCOME_INDETERMINATE},
    {kInterpretation, "NEG", v1::RESULT_OUTCOME_NEGATIVE},
    {kInterpretation, "ND", v1::RESULT_OUTCOME_NEGATIVE},
    {kInterpretation, "DET", v1::RESULT_OUTCOME_POSITIVE},
};

const char* DisplayOf(absl::string_view code) {
  if (code == "260415000") return "Not detected";
  if (code == "260373001") return "Detected";
  if (code == "419984006") return "Inconclusive";
  return "";
}

v1::ResultOutcome OutcomeOf(const Json& concept_json) {
  for (const OutcomeRow& row : kOutcomes) {
    if (HasCode(concept_json, row.system, row.code)) return row.outcome;
  }
  return v1::RESULT_OUTCOME_UNSPECIFIED;
}

Json OutcomeConcept(const char* system, v1::ResultOutcome outcome) {
  for (const OutcomeRow& row : kOutcomes) {
    if (row.outcome == outcome && absl::string_view(row.system) == system) {
      return ConceptOf(system, row.code, DisplayOf(row.code));
    }
  }
  return Json();
}

struct StatusRow {
  const char* code;
  v1::ResultStatus status;
};
// The first row of a status is the one that is written.
constexpr StatusRow kStatuses[] = {
    {"preliminary", v1::RESULT_STATUS_PRELIMINARY},
    {"final", v1::RESULT_STATUS_FINAL},
    {"corrected", v1::RESULT_STATUS_CORRECTED},
    {"entered-in-error", v1::RESULT_STATUS_ENTERED_IN_ERROR},
    {"amended", v1::RESULT_STATUS_CORRECTED},
    {"registered", v1::RESULT_STATUS_PRELIMINARY},
    {"unknown", v1::RESULT_STATUS_PRELIMINARY},
    // The measurement was not made: final, and nothing was found.
    {"cancelled", v1::RESULT_STATUS_FINAL},
};

std::string Prefix(const google::protobuf::EnumDescriptor* type) {
  return std::string(absl::StripSuffix(type->value(0)->name(), "UNSPECIFIED"));
}

Json Identified(absl::string_view system, const std::string& value) {
  return {{"system", std::string(system)}, {"value", value}};
}

}  // namespace

std::string EnumCode(const google::protobuf::EnumDescriptor* type, int value) {
  const google::protobuf::EnumValueDescriptor* found = type->FindValueByNumber(value);
  if (found == nullptr || value == 0) return "";
  const std::string prefix = Prefix(type);
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(found->name(), prefix)),
                             {{"_", "-"}});
}

int EnumValue(const google::protobuf::EnumDescriptor* type, absl::string_view code) {
  const std::string name =
      absl::StrCat(Prefix(type), absl::StrReplaceAll(absl::AsciiStrToUpper(code), {{"-", "_"}}));
  const google::protobuf::EnumValueDescriptor* found = type->FindValueByName(name);
  return found == nullptr ? 0 : found->number();
}

bool IsNhsNumber(absl::string_view text) {
  if (text.size() != 10 || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    return false;
  }
  if (std::all_of(text.begin(), text.end(), [&text](char c) { return c == text[0]; })) return false;
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (text[i] - '0') * (10 - i);
  const int check = (11 - sum % 11) % 11;
  return check != 10 && check == text[9] - '0';
}

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

std::string WriteTime(const google::protobuf::Timestamp& time) {
  return WriteInstant(ToTime(time));
}

std::optional<google::protobuf::Timestamp> ReadTime(absl::string_view text) {
  const std::optional<absl::Time> time = ReadInstant(text);
  if (!time) return std::nullopt;
  return ToTimestamp(*time);
}

std::string WriteDate(const casework::v1::CivilDate& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::optional<casework::v1::CivilDate> ReadDate(absl::string_view text) {
  const std::optional<absl::CivilDay> day = ReadDay(text);
  if (!day) return std::nullopt;
  casework::v1::CivilDate date;
  date.set_year(static_cast<int32_t>(day->year()));
  date.set_month(day->month());
  date.set_day(day->day());
  return date;
}

Json ConceptOf(const v1::Coding& coding, absl::string_view text) {
  Json json = Json::object();
  if (!coding.code().empty()) {
    Json one = Json::object();
    if (!coding.system().empty()) one["system"] = coding.system();
    one["code"] = coding.code();
    if (!coding.display().empty()) one["display"] = coding.display();
    json["coding"] = Json::array({std::move(one)});
  }
  const std::string said = text.empty() ? coding.display() : std::string(text);
  if (!said.empty()) json["text"] = said;
  return json.empty() ? Json() : json;
}

Json ConceptOf(absl::string_view system, absl::string_view code, absl::string_view display) {
  v1::Coding coding;
  coding.set_system(std::string(system));
  coding.set_code(std::string(code));
  Json json = ConceptOf(coding);
  if (!display.empty()) json["coding"][0]["display"] = std::string(display);
  return json;
}

v1::Coding ReadConcept(const Json& concept_json) {
  v1::Coding coding;
  for (const Json& one : Member(concept_json, "coding")) {
    if (absl::StartsWith(Text(one, "system"), kOwnSystems)) continue;
    coding.set_system(Text(one, "system"));
    coding.set_code(Text(one, "code"));
    coding.set_display(Text(one, "display"));
    break;
  }
  if (coding.display().empty()) coding.set_display(Text(concept_json, "text"));
  return coding;
}

Json QuantityOf(const v1::Quantity& quantity) {
  std::string text = quantity.exact();
  if (!IsDecimalText(text)) text = absl::StrFormat("%.15g", quantity.value());
  if (!IsDecimalText(text)) return Json();
  Json json = {{"value", Decimal(text)}};
  if (!quantity.unit().empty()) json["unit"] = quantity.unit();
  if (!quantity.ucum().empty()) {
    json["system"] = kUcum;
    json["code"] = quantity.ucum();
  }
  return json;
}

v1::Quantity ReadQuantity(const Json& quantity) {
  v1::Quantity read;
  const std::string text = NumberText(Member(quantity, "value"));
  double value = 0;
  if (absl::SimpleAtod(text, &value)) {
    read.set_value(value);
    read.set_exact(text);
  }
  read.set_unit(Text(quantity, "unit"));
  if (SameSystem(Text(quantity, "system"), kUcum)) read.set_ucum(Text(quantity, "code"));
  return read;
}

Json ObservationOf(const v1::TestResult& result) {
  Json json = {{"resourceType", "Observation"}};
  Json identifiers = Json::array();
  if (!result.result_id().empty()) identifiers.push_back(Identified(kResultId, result.result_id()));
  if (!result.laboratory_reference().empty()) {
    identifiers.push_back(Identified(kLaboratoryId, result.laboratory_reference()));
  }
  if (!result.replaces().empty()) {
    json["extension"] =
        Json::array({{{"url", kReplacesExtension},
                      {"valueIdentifier", Identified(kResultId, result.replaces())}}});
  }
  if (!identifiers.empty()) json["identifier"] = std::move(identifiers);
  json["status"] = "unknown";
  for (const StatusRow& row : kStatuses) {
    if (row.status == result.status()) {
      json["status"] = row.code;
      break;
    }
  }
  json["category"] = Json::array({ConceptOf(kObservationCategory, "laboratory", "Laboratory")});
  Json code = ConceptOf(result.code());
  if (!result.test().empty()) {
    code["coding"].push_back({{"system", kTestCode}, {"code", result.test()}});
  }
  if (code.is_null()) code = {{"text", "Laboratory test"}};
  json["code"] = std::move(code);
  if (result.has_sampled_time()) json["effectiveDateTime"] = WriteTime(result.sampled_time());
  if (result.has_quantity()) {
    if (Json quantity = QuantityOf(result.quantity()); !quantity.is_null()) {
      json["valueQuantity"] = std::move(quantity);
    }
  } else if (Json value = OutcomeConcept(kSnomed, result.outcome()); !value.is_null()) {
    json["valueCodeableConcept"] = std::move(value);
  }
  if (result.outcome() == v1::RESULT_OUTCOME_NOT_TESTED) {
    json["dataAbsentReason"] = ConceptOf(kDataAbsent, "not-performed");
  } else if (Json meaning = OutcomeConcept(kInterpretation, result.outcome()); !meaning.is_null()) {
    json["interpretation"] = Json::array({std::move(meaning)});
  }
  return json;
}

std::string KnownTest(const Json& concept_json) {
  if (std::string own = CodeOf(concept_json, kTestCode); !own.empty()) return own;
  for (const TestRow& row : kTests) {
    if (HasCode(concept_json, row.system, row.code)) return row.test;
  }
  return "";
}

v1::TestResult ReadTestResult(const Json& observation) {
  v1::TestResult result;
  std::string id = IdentifierOf(observation, kResultId);
  if (id.empty()) id = Text(Item(Member(observation, "identifier"), 0), "value");
  if (id.empty()) id = Text(observation, "id");
  result.set_result_id(id);
  result.set_laboratory_reference(IdentifierOf(observation, kLaboratoryId));
  const Json& code = Member(observation, "code");
  *result.mutable_code() = ReadConcept(code);
  result.set_test(KnownTest(code));
  const std::string status = Text(observation, "status");
  for (const StatusRow& row : kStatuses) {
    if (status == row.code) result.set_status(row.status);
  }
  std::string replaces =
      Text(Member(ExtensionOf(observation, kReplacesExtension), "valueIdentifier"), "value");
  if (replaces.empty() && (result.status() == v1::RESULT_STATUS_CORRECTED ||
                           result.status() == v1::RESULT_STATUS_ENTERED_IN_ERROR)) {
    replaces = id;
  }
  result.set_replaces(replaces);
  std::string sampled = Text(observation, "effectiveDateTime");
  if (sampled.empty()) sampled = Text(observation, "effectiveInstant");
  if (sampled.empty()) sampled = Text(Member(observation, "effectivePeriod"), "start");
  if (const auto time = ReadTime(sampled)) *result.mutable_sampled_time() = *time;

  // "Less than 10" is not 10: a value with a comparator is left to the person who reads the report.
  if (const Json& quantity = Member(observation, "valueQuantity");
      quantity.is_object() && !quantity.contains("comparator")) {
    *result.mutable_quantity() = ReadQuantity(quantity);
  }
  const v1::ResultOutcome value = OutcomeOf(Member(observation, "valueCodeableConcept"));
  const v1::ResultOutcome meaning = OutcomeOf(Member(observation, "interpretation"));
  if (status == "cancelled" || observation.contains("dataAbsentReason")) {
    result.set_outcome(v1::RESULT_OUTCOME_NOT_TESTED);
  } else if (value == v1::RESULT_OUTCOME_UNSPECIFIED) {
    result.set_outcome(meaning);
  } else if (meaning == v1::RESULT_OUTCOME_UNSPECIFIED || meaning == value) {
    result.set_outcome(value);
  }
  // A value and an interpretation that disagree say nothing: a person reads the report.
  return result;
}

const char* GenderOf(v1::Sex sex) {
  switch (sex) {
    case v1::SEX_FEMALE:
      return "female";
    case v1::SEX_MALE:
      return "male";
    case v1::SEX_INDETERMINATE:
      return "other";
    case v1::SEX_NOT_KNOWN:
      return "unknown";
    default:
      return "";
  }
}

v1::Sex SexOf(absl::string_view gender) {
  for (const v1::Sex sex :
       {v1::SEX_FEMALE, v1::SEX_MALE, v1::SEX_INDETERMINATE, v1::SEX_NOT_KNOWN}) {
    if (gender == GenderOf(sex)) return sex;
  }
  return v1::SEX_UNSPECIFIED;
}

}  // namespace waymark::referral::fhir
