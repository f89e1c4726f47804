#include "services/bbv/record_symptoms.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange RecordSymptoms(const v1::BbvCase& before, const v1::RecordSymptomsRequest& request,
                         const casework::Call& call) {
  casework::Fields fields(call.now);
  casework::v1::LocalTime noticed = request.noticed_time();
  if (fields.PastSince("noticed_time", IncidentOf(before), noticed) &&
      !before.seroconversion_symptoms().empty() &&
      casework::InstantOf(noticed) <
          casework::InstantOf(*before.seroconversion_symptoms().rbegin())) {
    fields.Wrong("noticed_time", "OUT_OF_SEQUENCE", "Later symptoms are already recorded.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  *after.add_seroconversion_symptoms() = std::move(noticed);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
