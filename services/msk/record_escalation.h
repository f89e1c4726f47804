#ifndef WAYMARK_SERVICES_MSK_RECORD_ESCALATION_H_
#define WAYMARK_SERVICES_MSK_RECORD_ESCALATION_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Without an id the only red flag that is open is meant. INVALID_FIELDS, RED_FLAG_AMBIGUOUS;
// NOT_FOUND RED_FLAG_NOT_FOUND; FAILED_PRECONDITION RED_FLAG_SETTLED for one that was ruled out, or
// treated and handed back: what returns is a new check. Care that has ended does not keep an
// emergency from being followed.
MskChange RecordEscalation(const v1::MskCase& before, const v1::RecordEscalationRequest& request,
                           const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_ESCALATION_H_
