// How the nouns of waymark.referral.v1 are spelled in FHIR, both ways. Enumerations of the suite's
// own become codes in lower case with hyphens ("sexual-health"); those of a published vocabulary
// are tables.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_CODES_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_CODES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/referral/fhir/json.h"
#include "waymark/casework/v1/local_time.pb.h"
#include "waymark/referral/v1/referral_case.pb.h"
#include "waymark/referral/v1/referral_content.pb.h"

namespace waymark::referral::fhir {

// Empty for the value that says nothing. The second gives 0 for what it does not know.
std::string EnumCode(const google::protobuf::EnumDescriptor* type, int value);
int EnumValue(const google::protobuf::EnumDescriptor* type, absl::string_view code);

template <typename Enum>
std::string CodeOfEnum(Enum value) {
  return EnumCode(google::protobuf::GetEnumDescriptor<Enum>(), value);
}
template <typename Enum>
Enum EnumOfCode(absl::string_view code) {
  return static_cast<Enum>(EnumValue(google::protobuf::GetEnumDescriptor<Enum>(), code));
}

// Ten digits that pass modulus 11 and are not one digit ten times.
bool IsNhsNumber(absl::string_view text);

absl::Time ToTime(const google::protobuf::Timestamp& time);
google::protobuf::Timestamp ToTimestamp(absl::Time time);
// Instants and dates as FHIR writes them; unset when the text says none.
std::string WriteTime(const google::protobuf::Timestamp& time);
std::optional<google::protobuf::Timestamp> ReadTime(absl::string_view text);
std::string WriteDate(const casework::v1::CivilDate& date);
std::optional<casework::v1::CivilDate> ReadDate(absl::string_view text);

// A CodeableConcept out of a coding, and `text` beside; an empty value when both say nothing.
Json ConceptOf(const v1::Coding& coding, absl::string_view text = "");
Json ConceptOf(absl::string_view system, absl::string_view code, absl::string_view display = "");
// The first coding that is not of the suite's own, else the text alone.
v1::Coding ReadConcept(const Json& concept_json);

Json QuantityOf(const v1::Quantity& quantity);
v1::Quantity ReadQuantity(const Json& quantity);

// An Observation out of a laboratory result, without subject and meta; and back. A result that
// comes corrected under its own id replaces that id.
Json ObservationOf(const v1::TestResult& result);
v1::TestResult ReadTestResult(const Json& observation);
// The suite's own test for the codes of a result ("HIV_AG_AB"); empty when none is known.
std::string KnownTest(const Json& concept_json);

// R4's gender.
const char* GenderOf(v1::Sex sex);
v1::Sex SexOf(absl::string_view gender);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_CODES_H_
