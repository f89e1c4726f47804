#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_ADD_INCIDENT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_ADD_INCIDENT_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Adds an event to an open case. It gets a line of steps of its own; nothing of earlier events
// moves.
MentalHealthChange AddIncident(const v1::MentalHealthCase& before,
                               const v1::AddIncidentRequest& request, const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_ADD_INCIDENT_H_
