#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_DECOMPRESSION_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_DECOMPRESSION_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records protected time after an event, given or declined. INCIDENT_NOT_FOUND.
MentalHealthChange RecordDecompression(const v1::MentalHealthCase& before,
                                       const v1::RecordDecompressionRequest& request,
                                       const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_DECOMPRESSION_H_
