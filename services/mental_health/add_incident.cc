#include "services/mental_health/add_incident.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/status/status.h"

namespace waymark::mental_health {

namespace {

// Seven steps each: well within what a plan holds.
constexpr int kMostIncidents = 12;

}  // namespace

MentalHealthChange AddIncident(const v1::MentalHealthCase& before,
                               const v1::AddIncidentRequest& request, const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::Incident incident = request.incident();
  CheckIncident("incident", fields, incident);
  if (!request.incident_id().empty() && !ids::IsUuid(request.incident_id())) {
    fields.Wrong("incident_id", "NOT_A_UUID", "Give the event's id, a UUID in lower case.");
  }
  for (const v1::Incident& known : before.incidents()) {
    if (request.incident_id().empty() || known.incident_id() != request.incident_id()) continue;
    fields.Wrong("incident_id", "DUPLICATE", "The case holds this event already.");
  }
  if (before.incidents_size() >= kMostIncidents) {
    fields.Wrong("incident", "OUT_OF_RANGE",
                 absl::StrCat("A case holds ", kMostIncidents, " events. Log it as a new case."));
  }
  RETURN_IF_ERROR(fields.ToStatus());

  incident.set_incident_id(request.incident_id().empty() ? call.NewId("incident")
                                                         : request.incident_id());
  incident.set_number(before.incidents_size() + 1);
  incident.clear_trim();
  incident.clear_decompression();
  v1::MentalHealthCase after = before;
  *after.add_incidents() = std::move(incident);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
