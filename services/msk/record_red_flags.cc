#include "services/msk/record_red_flags.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/injury_check.h"
#include "services/msk/red_flags.h"

namespace waymark::msk {

MskChange RecordRedFlags(const v1::MskCase& before, const v1::RecordRedFlagsRequest& request,
                         const casework::Call& call) {
  RETURN_IF_ERROR(CheckInCare(before));
  casework::Fields fields(call.now);
  v1::RedFlagCheck check = request.check();
  CheckRedFlags("check", fields, IncidentOf(before), casework::LondonLocalTime(call.now), check);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  ApplyCheck(LatestInjury(before).region(), check, call.NewId("red_flags"), after);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
