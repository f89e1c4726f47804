#include "services/mental_health/open_surveillance.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange OpenSurveillance(const v1::OpenSurveillanceRequest& request,
                                    const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  CheckSubject("subject_id", fields, request.subject_id());
  v1::Surveillance surveillance = request.surveillance();
  fields.Past("surveillance.from_time", *surveillance.mutable_from_time());
  fields.Choice("surveillance.frequency", surveillance.frequency(),
                v1::SurveillanceFrequency_IsValid);
  fields.MayChoose("surveillance.new_entrant", surveillance.new_entrant(), v1::Answer_IsValid);
  if (surveillance.roles().empty()) {
    fields.Wrong("surveillance.roles", "MISSING", "Name the role.");
  }
  std::set<int> named;
  for (int i = 0; i < surveillance.roles_size(); ++i) {
    const std::string field = absl::StrCat("surveillance.roles[", i, "]");
    fields.Choice(field, surveillance.roles(i), v1::HighRiskRole_IsValid);
    if (!named.insert(surveillance.roles(i)).second) {
      fields.Wrong(field, "DUPLICATE", "Name each role once.");
    }
  }
  RETURN_IF_ERROR(fields.ToStatus());
  surveillance.clear_rounds();
  surveillance.clear_left_role_time();
  v1::MentalHealthCase opened = OpenFor(call.NewId("case/0"), request.jurisdiction(),
                                        request.subject_id(), v1::ORIGIN_SURVEILLANCE, call);
  *opened.mutable_surveillance() = std::move(surveillance);
  return Changed(std::move(opened), call);
}

}  // namespace waymark::mental_health
