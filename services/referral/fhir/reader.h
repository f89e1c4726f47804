// Reads a FHIR R4 resource strictly: everything in it is an element that R4 knows, of the right
// type and number, and what R4 requires is there. Refusals say where (FHIRPath) and why.
//
// Not checked here: profiles, terminologies beyond the closed lists of r4_elements, references.
// What UK profiles ask is checked where it is used (bars_receiver.h, read_back.h).
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_READER_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_READER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/referral/fhir/json.h"
#include "services/referral/fhir/outcome.h"

namespace waymark::referral::fhir {

// More are not reported.
inline constexpr size_t kMostIssues = 50;

// True for a resource type that is read in full. Others are refused alone; inside a Bundle or
// another resource they are only checked for what holds for all JSON in FHIR, and are otherwise
// passed over.
bool IsKnownResource(absl::string_view type);

// Empty when the resource is right.
std::vector<Issue> CheckResource(const Json& resource);

struct Reading {
  // Null when `issues` holds an error.
  Json resource;
  std::vector<Issue> issues;
};
Reading ReadResource(absl::string_view text);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_READER_H_
