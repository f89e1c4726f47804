#include "services/referral/outcome_check.h"

#include "absl/strings/str_cat.h"
#include "services/casework/instants.h"

namespace waymark::referral {
namespace {

constexpr int kMost = 60;

void CheckTime(const std::string& field, const google::protobuf::Timestamp& time,
               casework::Fields& fields) {
  if (time.seconds() == 0) {
    fields.Wrong(field, "MISSING", "Say when.");
  } else if (casework::FromTimestamp(time) > fields.now()) {
    fields.Wrong(field, "IN_FUTURE", "Give a time that has passed.");
  }
}

}  // namespace

void CheckOutcome(const std::string& path, casework::Fields& fields, const v1::Outcome& outcome) {
  if (outcome.results_size() > kMost || outcome.treatments_size() > kMost) {
    fields.Wrong(path + "results", "TOO_MANY", "An outcome takes at most 60 of each.");
    return;
  }
  if (outcome.results().empty() && outcome.treatments().empty() && outcome.summary().empty() &&
      !outcome.discharged()) {
    fields.Wrong(path + "summary", "MISSING", "Say what came of it.");
  }
  fields.Text(path + "summary", outcome.summary(), casework::kLongestText);
  for (int i = 0; i < outcome.results_size(); ++i) {
    const v1::TestResult& result = outcome.results(i);
    const std::string at = absl::StrCat(path, "results[", i, "].");
    if (result.test().empty() && result.code().code().empty()) {
      fields.Wrong(at + "test", "MISSING", "Say which test it is.");
    }
    fields.Text(at + "result_id", result.result_id(), 100);
    fields.Text(at + "laboratory_reference", result.laboratory_reference(), casework::kLongestName);
    fields.Text(at + "code.display", result.code().display(), casework::kLongestName);
    if (result.status() != v1::RESULT_STATUS_ENTERED_IN_ERROR) {
      fields.Choice(at + "outcome", result.outcome(), v1::ResultOutcome_IsValid);
    }
    CheckTime(at + "sampled_time", result.sampled_time(), fields);
  }
  for (int i = 0; i < outcome.treatments_size(); ++i) {
    const v1::Treatment& treatment = outcome.treatments(i);
    const std::string at = absl::StrCat(path, "treatments[", i, "].");
    fields.Choice(at + "kind", treatment.kind(), v1::TreatmentKind_IsValid);
    fields.Text(at + "detail", treatment.detail(), casework::kLongestName);
    fields.Text(at + "course", treatment.course(), 40);
    CheckTime(at + "given_time", treatment.given_time(), fields);
  }
}

}  // namespace waymark::referral
