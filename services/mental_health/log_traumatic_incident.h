#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_LOG_TRAUMATIC_INCIDENT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_LOG_TRAUMATIC_INCIDENT_H_

#include "services/mental_health/opening.h"

namespace waymark::mental_health {

// Opens a case and a TRiM path for each person who was part of one event. All cases name the event
// by one id, and know of each other by nothing else: who else was affected is nobody's business.
// INVALID_FIELDS with every field that is wrong.
MentalHealthChange LogTraumaticIncident(const v1::LogTraumaticIncidentRequest& request,
                                        const casework::Call& call);

// The case that an event would open for somebody of the workforce. Stored nowhere.
absl::StatusOr<v1::MentalHealthCase> PreviewIncident(const v1::PreviewPlanRequest& request,
                                                     const casework::Call& call);
void FillPreview(const v1::MentalHealthCase& preview, v1::PreviewPlanResponse& response);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_LOG_TRAUMATIC_INCIDENT_H_
