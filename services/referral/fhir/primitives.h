// The primitive types of FHIR R4 and their rules (FHIR 4.0.1, datatypes).
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_PRIMITIVES_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_PRIMITIVES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/referral/fhir/json.h"

namespace waymark::referral::fhir {

bool IsPrimitive(absl::string_view type);

// Null when `value` is a right value of the primitive `type`; otherwise what would be right.
const char* WrongPrimitive(absl::string_view type, const Json& value);

// The instant of an instant, or of a dateTime that has a time; nothing for anything else.
std::optional<absl::Time> ReadInstant(absl::string_view text);
// A whole date, also as the first part of a dateTime.
std::optional<absl::CivilDay> ReadDay(absl::string_view text);
// In UTC, to the second unless there is a fraction: "2026-11-22T10:40:00+00:00".
std::string WriteInstant(absl::Time time);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_PRIMITIVES_H_
