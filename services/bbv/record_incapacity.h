#ifndef WAYMARK_SERVICES_BBV_RECORD_INCAPACITY_H_
#define WAYMARK_SERVICES_BBV_RECORD_INCAPACITY_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records days on which the person could not do their normal work. The day of the incident does not
// count, rest days do; from the eighth day on the injury is reportable.
BbvChange RecordIncapacity(const v1::BbvCase& before, const v1::RecordIncapacityRequest& request,
                           const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_INCAPACITY_H_
