#ifndef WAYMARK_SERVICES_BBV_RECORD_ANTIBIOTICS_H_
#define WAYMARK_SERVICES_BBV_RECORD_ANTIBIOTICS_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records whether antibiotics were given for a bite, beside what the rule says.
BbvChange RecordAntibiotics(const v1::BbvCase& before, const v1::RecordAntibioticsRequest& request,
                            const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_ANTIBIOTICS_H_
