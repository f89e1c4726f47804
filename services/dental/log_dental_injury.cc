#include "services/dental/log_dental_injury.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/casework/status.h"
#include "services/dental/blood_exposure.h"
#include "services/dental/first_aid.h"
#include "services/dental/injury_check.h"
#include "services/dental/visits.h"

namespace waymark::dental {
namespace {

constexpr int kMostPeople = 50;

void Link(const char* kind, const std::string& case_id, v1::DentalCase& from) {
  casework::v1::CaseLink& link = *from.mutable_header()->add_links();
  link.set_case_id(case_id);
  link.set_pathway("dental");
  link.set_kind(kind);
}

v1::DentalCase OpenFor(const std::string& case_id, casework::v1::Jurisdiction jurisdiction,
                       const v1::DentalInjury& injury, const casework::Call& call) {
  v1::DentalCase opened;
  casework::v1::CaseHeader& header = *opened.mutable_header();
  header.set_case_id(case_id);
  header.set_jurisdiction(jurisdiction);
  header.set_subject_kind(casework::v1::SUBJECT_KIND_WORKFORCE);
  header.set_care_owner(casework::v1::CARE_OWNER_OCCUPATIONAL_HEALTH);
  opened.set_logged_by_role(call.role);
  *opened.mutable_injury() = injury;
  if (injury.has_blood_exposure()) {
    opened.mutable_injury()->mutable_blood_exposure()->clear_bbv_case_id();
  }
  return opened;
}

}  // namespace

DentalChange LogDentalInjury(const v1::LogDentalInjuryRequest& request,
                             const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  if (request.people().empty() || request.people_size() > kMostPeople) {
    fields.Wrong("people", "OUT_OF_RANGE",
                 absl::StrCat("Name from 1 to ", kMostPeople, " people."));
    return fields.ToStatus();
  }

  casework::Change<v1::DentalCase> change;
  for (int i = 0; i < request.people_size(); ++i) {
    const v1::InjuredPerson& person = request.people(i);
    const std::string path = absl::StrCat("people[", i, "]");
    v1::DentalCase opened = OpenFor(call.NewId(absl::StrCat("case/", i)), request.jurisdiction(),
                                    person.injury(), call);
    opened.mutable_header()->set_subject_id(person.subject_id());
    if (!ids::IsUuid(person.subject_id())) {
      fields.Wrong(path + ".subject_id", "NOT_A_UUID",
                   "Give the person's subject id, a UUID in lower case.");
    }
    for (int j = 0; j < i; ++j) {
      if (request.people(j).subject_id() != person.subject_id()) continue;
      fields.Wrong(path + ".subject_id", "DUPLICATE", "Name each person once.");
      break;
    }
    if (!person.earlier_case_id().empty()) {
      if (!ids::IsUuid(person.earlier_case_id())) {
        fields.Wrong(path + ".earlier_case_id", "NOT_A_UUID", "Give the id of the earlier case.");
      }
      Link("EARLIER_INJURY", person.earlier_case_id(), opened);
    }
    CheckInjury(path + ".injury", fields, *opened.mutable_injury());
    change.cases.push_back(std::move(opened));
  }
  RETURN_IF_ERROR(fields.ToStatus());

  for (size_t i = 1; i < change.cases.size(); ++i) {
    Link("SAME_INCIDENT", change.cases[i].header().case_id(), change.cases[0]);
    Link("SAME_INCIDENT", change.cases[0].header().case_id(), change.cases[i]);
  }
  for (size_t i = 0; i < change.cases.size(); ++i) {
    AskForBbvCase(call, absl::StrCat(i), change.cases[i], change);
    Derive(*call.protocol, change.cases[i]);
  }
  return change;
}

absl::StatusOr<v1::DentalCase> PreviewInjury(const v1::PreviewPlanRequest& request,
                                             const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  v1::DentalCase preview = OpenFor("", request.jurisdiction(), request.injury(), call);
  CheckInjury("injury", fields, *preview.mutable_injury());
  RETURN_IF_ERROR(fields.ToStatus());
  Derive(*call.protocol, preview);
  return preview;
}

void FillPreview(const v1::DentalCase& preview, v1::PreviewPlanResponse& response) {
  *response.mutable_advice() = preview.advice();
  for (v1::Visit& visit : MergeVisits(preview.header().plan())) {
    *response.add_visits() = std::move(visit);
  }
}

void FillReceipts(const std::vector<v1::DentalCase>& opened,
                  const v1::LogDentalInjuryRequest& /*request*/,
                  v1::LogDentalInjuryResponse& response) {
  for (const v1::DentalCase& one : opened) {
    v1::CaseReceipt& receipt = *response.add_receipts();
    receipt.set_case_id(one.header().case_id());
    receipt.set_subject_id(one.header().subject_id());
    for (const char* key : {"emergency_care", "dental_contact_emergency", "dental_contact_urgent",
                            "dental_contact_routine"}) {
      const casework::v1::Step* step = casework::FindStep(one.header().plan(), key);
      if (step == nullptr) continue;
      *receipt.mutable_contact_due_time() = step->due_time();
      break;
    }
    for (std::string& line : FirstAidFor(one.injury())) receipt.add_first_aid(std::move(line));
  }
}

}  // namespace waymark::dental
