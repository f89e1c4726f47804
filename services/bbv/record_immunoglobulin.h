#ifndef WAYMARK_SERVICES_BBV_RECORD_IMMUNOGLOBULIN_H_
#define WAYMARK_SERVICES_BBV_RECORD_IMMUNOGLOBULIN_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records hepatitis B immunoglobulin. FAILED_PRECONDITION WINDOW_CLOSED for a first dose more than
// 7 days (168 hours) after the exposure, unless a physician overrides with a reason.
BbvChange RecordImmunoglobulin(const v1::BbvCase& before,
                               const v1::RecordImmunoglobulinRequest& request,
                               const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_IMMUNOGLOBULIN_H_
