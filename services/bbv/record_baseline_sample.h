#ifndef WAYMARK_SERVICES_BBV_RECORD_BASELINE_SAMPLE_H_
#define WAYMARK_SERVICES_BBV_RECORD_BASELINE_SAMPLE_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records the blood stored at once (HSE), kept at least two years (NHS Lothian, PHLS 1999).
BbvChange RecordBaselineSample(const v1::BbvCase& before,
                               const v1::RecordBaselineSampleRequest& request,
                               const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_BASELINE_SAMPLE_H_
