#ifndef WAYMARK_SERVICES_BBV_RECORD_FAMILY_IMPACT_H_
#define WAYMARK_SERVICES_BBV_RECORD_FAMILY_IMPACT_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records the conversation about the family, held or declined.
BbvChange RecordFamilyImpact(const v1::BbvCase& before,
                             const v1::RecordFamilyImpactRequest& request,
                             const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_FAMILY_IMPACT_H_
