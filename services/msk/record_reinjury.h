#ifndef WAYMARK_SERVICES_MSK_RECORD_REINJURY_H_
#define WAYMARK_SERVICES_MSK_RECORD_REINJURY_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// The same part again: from now on scores, triage and return count anew; absences, fit notes, what
// was asked for and red flags that are open go on. FAILED_PRECONDITION DIFFERENT_REGION for another
// part, which is a case of its own; INVALID_FIELDS, CARE_ALREADY_ENDED.
MskChange RecordReinjury(const v1::MskCase& before, const v1::RecordReinjuryRequest& request,
                         const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_REINJURY_H_
