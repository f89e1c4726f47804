// FHIR as JSON: read without losing a digit, within limits, and written again. nlohmann's value
// keeps a decimal as a double, which turns 6.30 into 6.3; in FHIR that is another measurement. Here
// a number with a point or an exponent is kept as its text, in a binary value.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_JSON_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_JSON_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace waymark::referral::fhir {

using Json = nlohmann::ordered_json;

inline constexpr size_t kLongestText = 5 << 20;  // bytes
inline constexpr int kDeepest = 48;
inline constexpr int kMostValues = 200'000;

// INVALID_ARGUMENT FHIR_NOT_JSON (with the byte in metadata "offset"), FHIR_DUPLICATE_NAME,
// FHIR_TOO_DEEP or FHIR_TOO_LARGE. Messages repeat nothing of the text.
absl::StatusOr<Json> ParseJson(absl::string_view text);

// Compact, in the order in which members stand, decimals as they were read or made.
std::string WriteJson(const Json& value);

// A decimal to be written exactly as `text`, which must be a JSON number.
Json Decimal(absl::string_view text);
bool IsDecimalText(absl::string_view text);
// The text of a number; empty when `value` is none.
std::string NumberText(const Json& value);

// Looking into what may not be there. Each gives an empty value for a member that is missing or of
// another type, so that a chain of them never fails.
const Json& Member(const Json& object, absl::string_view name);
const Json& Item(const Json& array, size_t index);
std::string Text(const Json& object, absl::string_view name);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_JSON_H_
