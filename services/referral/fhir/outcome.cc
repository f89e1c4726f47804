#include "services/referral/fhir/outcome.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace waymark::referral::fhir {
namespace {

constexpr char kHttpErrors[] = "https://fhir.nhs.uk/CodeSystem/http-error-codes";

const char* NameOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kInformation:
      return "information";
  }
  return "error";
}

Json IssueOf(const Issue& issue) {
  Json json = {{"severity", NameOf(issue.severity)}, {"code", issue.code}};
  if (!issue.diagnostics.empty()) json["diagnostics"] = issue.diagnostics;
  if (!issue.location.empty()) json["expression"] = Json::array({issue.location});
  return json;
}

Json OutcomeOf(Json issues) {
  return {{"resourceType", "OperationOutcome"}, {"issue", std::move(issues)}};
}

}  // namespace

bool HasError(const std::vector<Issue>& issues) {
  return std::any_of(issues.begin(), issues.end(),
                     [](const Issue& issue) { return issue.severity == Severity::kError; });
}

Json OperationOutcome(const std::vector<Issue>& issues) {
  Json list = Json::array();
  for (const Issue& issue : issues) list.push_back(IssueOf(issue));
  if (list.empty()) {
    list.push_back(IssueOf({Severity::kInformation, "informational", "", "All is well."}));
  }
  return OutcomeOf(std::move(list));
}

Json OperationOutcome(const BarsError& error) {
  Json issue = IssueOf({Severity::kError, error.issue_code, error.location, error.diagnostics});
  if (!error.code.empty()) {
    issue["details"] = {{"coding", Json::array({{{"system", kHttpErrors}, {"code", error.code}}})}};
  }
  return OutcomeOf(Json::array({std::move(issue)}));
}

OutcomeCodes ReadOutcome(const Json& outcome) {
  OutcomeCodes codes;
  if (Text(outcome, "resourceType") != "OperationOutcome") return codes;
  for (const Json& issue : Member(outcome, "issue")) {
    if (const std::string code = Text(issue, "code"); !code.empty()) codes.issues.push_back(code);
    for (const Json& coding : Member(Member(issue, "details"), "coding")) {
      if (absl::EqualsIgnoreCase(Text(coding, "system"), kHttpErrors)) {
        codes.http_errors.push_back(Text(coding, "code"));
      }
    }
  }
  return codes;
}

}  // namespace waymark::referral::fhir
