#include "services/mental_health/log_traumatic_incident.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/status/status.h"

namespace waymark::mental_health {

namespace {

constexpr int kMostPeople = 50;

}  // namespace

MentalHealthChange LogTraumaticIncident(const v1::LogTraumaticIncidentRequest& request,
                                        const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  v1::Incident event = request.incident();
  CheckIncident("incident", fields, event);
  if (!request.incident_id().empty() && !ids::IsUuid(request.incident_id())) {
    fields.Wrong("incident_id", "NOT_A_UUID", "Give the event's id, a UUID in lower case.");
  }
  if (request.people().empty() || request.people_size() > kMostPeople) {
    fields.Wrong("people", "OUT_OF_RANGE",
                 absl::StrCat("Name from 1 to ", kMostPeople, " people."));
    return fields.ToStatus();
  }
  std::set<std::string> named;
  for (int i = 0; i < request.people_size(); ++i) {
    const v1::InvolvedPerson& person = request.people(i);
    const std::string path = absl::StrCat("people[", i, "]");
    CheckSubject(absl::StrCat(path, ".subject_id"), fields, person.subject_id());
    fields.MayChoose(absl::StrCat(path, ".involvement"), person.involvement(),
                     v1::Involvement_IsValid);
    fields.Text(absl::StrCat(path, ".description"), person.description(), casework::kLongestText);
    if (!named.insert(person.subject_id()).second) {
      fields.Wrong(absl::StrCat(path, ".subject_id"), "DUPLICATE", "Name each person once.");
    }
  }
  RETURN_IF_ERROR(fields.ToStatus());

  event.set_incident_id(request.incident_id().empty() ? call.NewId("incident")
                                                      : request.incident_id());
  event.set_number(1);
  event.clear_trim();
  event.clear_decompression();
  casework::Change<v1::MentalHealthCase> change;
  for (int i = 0; i < request.people_size(); ++i) {
    const v1::InvolvedPerson& person = request.people(i);
    v1::MentalHealthCase opened =
        OpenFor(call.NewId(absl::StrCat("case/", i)), request.jurisdiction(), person.subject_id(),
                v1::ORIGIN_TRAUMATIC_INCIDENT, call);
    v1::Incident& theirs = *opened.add_incidents();
    theirs = event;
    if (person.involvement() != v1::INVOLVEMENT_UNSPECIFIED) {
      theirs.set_involvement(person.involvement());
    }
    if (!person.description().empty()) theirs.set_description(person.description());
    Derive(*call.protocol, opened);
    change.cases.push_back(std::move(opened));
  }
  return change;
}

absl::StatusOr<v1::MentalHealthCase> PreviewIncident(const v1::PreviewPlanRequest& request,
                                                     const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  v1::Incident event = request.incident();
  CheckIncident("incident", fields, event);
  RETURN_IF_ERROR(fields.ToStatus());
  v1::MentalHealthCase preview =
      OpenFor("", request.jurisdiction(), "", v1::ORIGIN_TRAUMATIC_INCIDENT, call);
  preview.mutable_header()->set_subject_kind(casework::v1::SUBJECT_KIND_WORKFORCE);
  event.set_number(1);
  *preview.add_incidents() = std::move(event);
  Derive(*call.protocol, preview);
  return preview;
}

void FillPreview(const v1::MentalHealthCase& /*preview*/, v1::PreviewPlanResponse& /*response*/) {}

}  // namespace waymark::mental_health
