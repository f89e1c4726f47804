#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_TREATMENT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_TREATMENT_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records one act on a treatment. TREATMENT_NOT_FOUND, TREATMENT_ENDED, TREATMENT_NOT_STARTED.
MentalHealthChange RecordTreatment(const v1::MentalHealthCase& before,
                                   const v1::RecordTreatmentRequest& request,
                                   const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_TREATMENT_H_
