#ifndef WAYMARK_SERVICES_MSK_RECORD_RED_FLAGS_H_
#define WAYMARK_SERVICES_MSK_RECORD_RED_FLAGS_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Keeps the check and opens a red flag for every suspicion that none stands for yet.
// INVALID_FIELDS.
MskChange RecordRedFlags(const v1::MskCase& before, const v1::RecordRedFlagsRequest& request,
                         const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_RED_FLAGS_H_
