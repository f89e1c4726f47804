// Finding one's way in a Bundle and in codes. Everything gives an empty value for what is not
// there.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_BUNDLE_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_BUNDLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/referral/fhir/json.h"

namespace waymark::referral::fhir {

// The resources of a type, in the order of the Bundle. They point into it.
std::vector<const Json*> ResourcesOf(const Json& bundle, absl::string_view type);
// The first of them, or an empty value.
const Json& FirstOf(const Json& bundle, absl::string_view type);
// What a Reference points to: by fullUrl, by "Type/id", or contained in `from`.
const Json& Resolve(const Json& bundle, const Json& reference, const Json& from = Json());

// The code of the first coding of `system` in a CodeableConcept or in any of an array of them.
std::string CodeOf(const Json& concept_or_list, absl::string_view system);
bool HasCode(const Json& concept_or_list, absl::string_view system, absl::string_view code);
// The value of the first identifier of `system`.
std::string IdentifierOf(const Json& resource, absl::string_view system);
const Json& ExtensionOf(const Json& element, absl::string_view url);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_BUNDLE_H_
