#ifndef WAYMARK_SERVICES_BBV_RECORD_PEP_H_
#define WAYMARK_SERVICES_BBV_RECORD_PEP_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records one act on HIV PEP. FAILED_PRECONDITION PEP_NOT_STARTED or PEP_ALREADY_STARTED when the
// act does not fit the course; WINDOW_CLOSED for a start more than 72 hours after the exposure,
// unless a physician overrides with a reason.
BbvChange RecordPep(const v1::BbvCase& before, const v1::RecordPepRequest& request,
                    const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_PEP_H_
