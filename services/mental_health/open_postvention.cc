#include "services/mental_health/open_postvention.h"

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

MentalHealthChange OpenPostvention(const v1::OpenPostventionRequest& request,
                                   const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  casework::v1::LocalTime learned = request.learned_time();
  fields.Past("learned_time", learned);
  if (!request.cohort_id().empty() && !ids::IsUuid(request.cohort_id())) {
    fields.Wrong("cohort_id", "NOT_A_UUID", "Give the cohort's id, a UUID in lower case.");
  }
  if (request.people().empty() || request.people_size() > kMostPeople) {
    fields.Wrong("people", "OUT_OF_RANGE",
                 absl::StrCat("Name from 1 to ", kMostPeople, " people."));
    return fields.ToStatus();
  }
  std::set<std::string> named;
  for (int i = 0; i < request.people_size(); ++i) {
    const v1::BereavedPerson& person = request.people(i);
    const std::string path = absl::StrCat("people[", i, "]");
    fields.Choice(absl::StrCat(path, ".affected_as"), person.affected_as(), v1::BereavedAs_IsValid);
    fields.Text(absl::StrCat(path, ".note"), person.note(), casework::kLongestText);
    const std::string subject = absl::StrCat(path, ".subject_id");
    if (person.affected_as() == v1::BEREAVED_AS_FAMILY) {
      if (!person.subject_id().empty()) {
        fields.Wrong(subject, "NOT_FOR_FAMILY", "Family have no subject id; leave it empty.");
      }
      continue;
    }
    CheckSubject(subject, fields, person.subject_id());
    if (!named.insert(person.subject_id()).second) {
      fields.Wrong(subject, "DUPLICATE", "Name each person once.");
    }
  }
  RETURN_IF_ERROR(fields.ToStatus());

  const std::string cohort_id =
      request.cohort_id().empty() ? call.NewId("cohort") : request.cohort_id();
  casework::Change<v1::MentalHealthCase> change;
  for (int i = 0; i < request.people_size(); ++i) {
    const v1::BereavedPerson& person = request.people(i);
    v1::MentalHealthCase opened =
        OpenFor(call.NewId(absl::StrCat("case/", i)), request.jurisdiction(), person.subject_id(),
                v1::ORIGIN_POSTVENTION, call);
    v1::Bereavement& bereavement = *opened.mutable_bereavement();
    bereavement.set_cohort_id(cohort_id);
    bereavement.set_affected_as(person.affected_as());
    bereavement.set_note(person.note());
    *bereavement.mutable_learned_time() = learned;
    change.cases.push_back(std::move(opened));
  }
  return change;
}

}  // namespace waymark::mental_health
