// What is wrong with something that was sent, and how FHIR and BaRS say so (OperationOutcome).
// Nothing here repeats a value that was sent: an outcome is logged on both sides.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_OUTCOME_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_OUTCOME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/referral/fhir/json.h"

namespace waymark::referral::fhir {

enum class Severity { kError, kWarning, kInformation };

struct Issue {
  Severity severity = Severity::kError;
  // Of the value set issue-type: "structure", "required", "value", "invariant", "not-supported" ...
  std::string code;
  // FHIRPath: "Bundle.entry[0].resource.status". Empty when the whole is meant.
  std::string location;
  std::string diagnostics;
};

bool HasError(const std::vector<Issue>& issues);

// A refusal as the Booking and Referral Standard codes it (http-error-codes).
struct BarsError {
  int status = 400;
  std::string code;        // "REC_BAD_REQUEST"; empty: none of theirs applies
  std::string issue_code;  // "invariant"
  std::string diagnostics;
  std::string location;
};

Json OperationOutcome(const std::vector<Issue>& issues);
Json OperationOutcome(const BarsError& error);

// What an answer's OperationOutcome said, for whoever sent the request: the codes of
// http-error-codes it holds ("REC_CONFLICT"), in either spelling of that system, and the issue
// codes.
struct OutcomeCodes {
  std::vector<std::string> http_errors;
  std::vector<std::string> issues;
};
OutcomeCodes ReadOutcome(const Json& outcome);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_OUTCOME_H_
