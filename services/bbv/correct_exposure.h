#ifndef WAYMARK_SERVICES_BBV_CORRECT_EXPOSURE_H_
#define WAYMARK_SERVICES_BBV_CORRECT_EXPOSURE_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Replaces what was reported about the incident. A wrong time moves every step with it. Refused
// when something already recorded would then have happened before the incident
// (AFTER_RECORDED_ACT).
BbvChange CorrectExposure(const v1::BbvCase& before, const v1::CorrectExposureRequest& request,
                          const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_CORRECT_EXPOSURE_H_
