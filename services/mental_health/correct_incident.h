#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_CORRECT_INCIDENT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_CORRECT_INCIDENT_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Replaces what was reported of an event; what was done on its TRiM path stays. A wrong time
// re-anchors its steps. INCIDENT_NOT_FOUND.
MentalHealthChange CorrectIncident(const v1::MentalHealthCase& before,
                                   const v1::CorrectIncidentRequest& request,
                                   const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_CORRECT_INCIDENT_H_
