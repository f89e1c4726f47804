#ifndef WAYMARK_SERVICES_BBV_RECORD_TETANUS_H_
#define WAYMARK_SERVICES_BBV_RECORD_TETANUS_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records the tetanus check of a wound, beside what the rule says.
BbvChange RecordTetanus(const v1::BbvCase& before, const v1::RecordTetanusRequest& request,
                        const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_TETANUS_H_
