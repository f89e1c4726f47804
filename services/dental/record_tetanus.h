#ifndef WAYMARK_SERVICES_DENTAL_RECORD_TETANUS_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_TETANUS_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records the tetanus check, beside what the rule says.
DentalChange RecordTetanus(const v1::DentalCase& before, const v1::RecordTetanusRequest& request,
                           const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_TETANUS_H_
