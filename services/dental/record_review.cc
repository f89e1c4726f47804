#include "services/dental/record_review.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/dental/injury_check.h"

namespace waymark::dental {

DentalChange RecordReview(const v1::DentalCase& before, const v1::RecordReviewRequest& request,
                          const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::Review review = request.review();
  fields.PastSince("review.held_time", IncidentOf(before), *review.mutable_held_time());
  google::protobuf::RepeatedPtrField<std::string> teeth;
  for (const v1::ToothFinding& finding : review.findings()) *teeth.Add() = finding.tooth();
  CheckNames("review.findings", fields, before, teeth);
  for (int i = 0; i < review.findings_size(); ++i) {
    const v1::ToothFinding& finding = review.findings(i);
    const std::string path = absl::StrCat("review.findings[", i, "]");
    fields.MayChoose(path + ".pulp_necrosis", finding.pulp_necrosis(), v1::Answer_IsValid);
    fields.MayChoose(path + ".revascularisation_failed", finding.revascularisation_failed(),
                     v1::Answer_IsValid);
    fields.MayChoose(path + ".resorption", finding.resorption(), v1::Answer_IsValid);
    fields.MayChoose(path + ".erupting", finding.erupting(), v1::Answer_IsValid);
    fields.Text(path + ".note", finding.note(), casework::kLongestReason);
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  *after.add_reviews() = std::move(review);
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
