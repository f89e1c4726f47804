#ifndef WAYMARK_SERVICES_MSK_RECORD_OTTAWA_H_
#define WAYMARK_SERVICES_MSK_RECORD_OTTAWA_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// The answers as they were given; the advice is worked out here. INVALID_FIELDS,
// CARE_ALREADY_ENDED.
MskChange RecordOttawa(const v1::MskCase& before, const v1::RecordOttawaRequest& request,
                       const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_OTTAWA_H_
