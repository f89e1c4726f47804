#include "services/mental_health/correct_incident.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange CorrectIncident(const v1::MentalHealthCase& before,
                                   const v1::CorrectIncidentRequest& request,
                                   const casework::Call& call) {
  v1::MentalHealthCase after = before;
  v1::Incident* incident = FindIncident(after, request.incident_number());
  if (incident == nullptr) return NoSuchIncident();
  casework::Fields fields(call.now);
  v1::Incident corrected = request.incident();
  if (!corrected.has_reported_time())
    *corrected.mutable_reported_time() = incident->reported_time();
  CheckIncident("incident", fields, corrected);
  fields.RequiredText("reason", request.reason(), casework::kLongestReason);
  RETURN_IF_ERROR(fields.ToStatus());

  corrected.set_incident_id(incident->incident_id());
  corrected.set_number(incident->number());
  corrected.clear_trim();
  corrected.clear_decompression();
  if (incident->has_trim()) *corrected.mutable_trim() = incident->trim();
  if (incident->has_decompression()) {
    *corrected.mutable_decompression() = incident->decompression();
  }
  *incident = std::move(corrected);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
