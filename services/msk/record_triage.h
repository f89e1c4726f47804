#ifndef WAYMARK_SERVICES_MSK_RECORD_TRIAGE_H_
#define WAYMARK_SERVICES_MSK_RECORD_TRIAGE_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// EMERGENCY_FIRST, RED_FLAGS_UNCHECKED, CARE_ALREADY_ENDED, INVALID_FIELDS.
MskChange RecordTriage(const v1::MskCase& before, const v1::RecordTriageRequest& request,
                       const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_TRIAGE_H_
