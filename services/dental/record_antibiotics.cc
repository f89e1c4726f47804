#include "services/dental/record_antibiotics.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::dental {
namespace {

constexpr double kLongestCourseDays = 28;

}  // namespace

DentalChange RecordAntibiotics(const v1::DentalCase& before,
                               const v1::RecordAntibioticsRequest& request,
                               const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::AntibioticRecord antibiotics = request.antibiotics();
  fields.PastSince("antibiotics.decided_time", IncidentOf(before),
                   *antibiotics.mutable_decided_time());
  fields.Choice("antibiotics.given", antibiotics.given(), v1::Answer_IsValid);
  fields.Range("antibiotics.course_days", antibiotics.course_days(), 0, kLongestCourseDays);
  fields.Text("antibiotics.drug", antibiotics.drug(), casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  *after.mutable_antibiotics() = std::move(antibiotics);
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
