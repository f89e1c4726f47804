#ifndef WAYMARK_SERVICES_DENTAL_RECORD_INCAPACITY_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_INCAPACITY_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Adds a spell, or replaces the one that began on the same day.
DentalChange RecordIncapacity(const v1::DentalCase& before,
                              const v1::RecordIncapacityRequest& request,
                              const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_INCAPACITY_H_
