#include "services/dental/record_fragment_check.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::dental {

DentalChange RecordFragmentCheck(const v1::DentalCase& before,
                                 const v1::RecordFragmentCheckRequest& request,
                                 const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::FragmentCheck check = request.check();
  fields.PastSince("check.checked_time", IncidentOf(before), *check.mutable_checked_time());
  fields.Choice("check.lips_and_soft_tissue_examined", check.lips_and_soft_tissue_examined(),
                v1::Answer_IsValid);
  fields.Choice("check.chest_film_taken", check.chest_film_taken(), v1::Answer_IsValid);
  fields.MayChoose("check.aspirated", check.aspirated(), v1::Answer_IsValid);
  fields.Text("check.note", check.note(), casework::kLongestReason);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  *after.mutable_fragment_check() = std::move(check);
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
