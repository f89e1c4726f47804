#ifndef WAYMARK_SERVICES_BBV_RECORD_COUNSELLING_H_
#define WAYMARK_SERVICES_BBV_RECORD_COUNSELLING_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records personal counselling, held or declined.
BbvChange RecordCounselling(const v1::BbvCase& before, const v1::RecordCounsellingRequest& request,
                            const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_COUNSELLING_H_
