#include "services/dental/record_teeth.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/dental/injury_check.h"
#include "services/dental/thresholds.h"

namespace waymark::dental {

DentalChange RecordTeeth(const v1::DentalCase& before, const v1::RecordTeethRequest& request,
                         const casework::Call& call) {
  casework::Fields fields(call.now);
  casework::v1::LocalTime examined = request.examined_time();
  fields.PastSince("examined_time", IncidentOf(before), examined);
  if (request.teeth().empty()) fields.Wrong("teeth", "MISSING", "Name the teeth.");
  CheckTeeth("teeth", fields, request.teeth());
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  v1::DentalInjury& injury = *after.mutable_injury();
  for (const v1::ToothInjury& found : request.teeth()) {
    v1::ToothInjury* known = nullptr;
    for (v1::ToothInjury& tooth : *injury.mutable_teeth()) {
      if (tooth.tooth() == found.tooth()) known = &tooth;
    }
    *(known != nullptr ? known : injury.add_teeth()) = found;
  }
  if (injury.teeth_size() > kMostTeeth) {
    fields.Wrong("teeth", "TOO_MANY_TEETH",
                 absl::StrCat("A case follows at most ", kMostTeeth,
                              " teeth. Log the others as another case of the same person."));
  }
  RETURN_IF_ERROR(fields.ToStatus());
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
