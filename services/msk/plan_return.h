#ifndef WAYMARK_SERVICES_MSK_PLAN_RETURN_H_
#define WAYMARK_SERVICES_MSK_PLAN_RETURN_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Phases follow each other without a gap from the first shift on. INVALID_FIELDS,
// CARE_ALREADY_ENDED.
MskChange PlanReturn(const v1::MskCase& before, const v1::PlanReturnRequest& request,
                     const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_PLAN_RETURN_H_
