#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_TRIM_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_TRIM_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records one act on the TRiM path of an event. INCIDENT_NOT_FOUND, TRIM_NOT_OFFERED,
// TRIM_DECLINED.
MentalHealthChange RecordTrim(const v1::MentalHealthCase& before,
                              const v1::RecordTrimRequest& request, const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_TRIM_H_
