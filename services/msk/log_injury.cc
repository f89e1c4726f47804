#include "services/msk/log_injury.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/casework/status.h"
#include "services/msk/do_now.h"
#include "services/msk/injury_check.h"
#include "services/msk/red_flags.h"

namespace waymark::msk {
namespace {

constexpr int kMostPeople = 50;
constexpr char kSameIncident[] = "SAME_INCIDENT";

void Link(v1::MskCase& from, const v1::MskCase& to) {
  casework::v1::CaseLink& link = *from.mutable_header()->add_links();
  link.set_case_id(to.header().case_id());
  link.set_pathway("msk");
  link.set_kind(kSameIncident);
}

// The case of one person: injury, the answers at the door and the absence, as far as they were
// given.
v1::MskCase OpenFor(const std::string& path, casework::v1::Jurisdiction jurisdiction,
                    const v1::InjuredPerson& person, const std::string& case_id,
                    const casework::Call& call, casework::Fields& fields) {
  v1::MskCase opened;
  casework::v1::CaseHeader& header = *opened.mutable_header();
  header.set_case_id(case_id);
  header.set_jurisdiction(jurisdiction);
  header.set_subject_id(person.subject_id());
  header.set_subject_kind(casework::v1::SUBJECT_KIND_WORKFORCE);
  header.set_care_owner(casework::v1::CARE_OWNER_OCCUPATIONAL_HEALTH);
  opened.set_logged_by_role(call.role);

  v1::Injury& injury = *opened.mutable_injury();
  injury = person.injury();
  CheckInjury(absl::StrCat(path, "injury"), fields, injury);
  const absl::Time incident =
      fields.ok() ? casework::InstantOf(injury.incident_time()) : absl::InfinitePast();
  if (person.has_red_flags()) {
    v1::RedFlagCheck check = person.red_flags();
    CheckRedFlags(absl::StrCat(path, "red_flags"), fields, incident, injury.reported_time(), check);
    ApplyCheck(injury.region(), check, call.NewId(absl::StrCat("red_flags/", path)), opened);
  }
  if (person.has_absence()) {
    CheckAbsence(absl::StrCat(path, "absence"), fields, incident, person.absence());
    *opened.add_absences() = person.absence();
  }
  return opened;
}

}  // namespace

MskChange LogInjury(const v1::LogInjuryRequest& request, const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  if (request.people().empty() || request.people_size() > kMostPeople) {
    fields.Wrong("people", "OUT_OF_RANGE",
                 absl::StrCat("Name from 1 to ", kMostPeople, " people."));
    return fields.ToStatus();
  }

  casework::Change<v1::MskCase> change;
  for (int i = 0; i < request.people_size(); ++i) {
    const v1::InjuredPerson& person = request.people(i);
    const std::string path = absl::StrCat("people[", i, "].");
    if (!ids::IsUuid(person.subject_id())) {
      fields.Wrong(path + "subject_id", "NOT_A_UUID",
                   "Give the person's subject id, a UUID in lower case.");
    }
    for (int j = 0; j < i; ++j) {
      if (request.people(j).subject_id() != person.subject_id()) continue;
      fields.Wrong(path + "subject_id", "DUPLICATE", "Name each person once.");
      break;
    }
    change.cases.push_back(OpenFor(path, request.jurisdiction(), person,
                                   call.NewId(absl::StrCat("case/", i)), call, fields));
  }
  RETURN_IF_ERROR(fields.ToStatus());

  for (size_t i = 1; i < change.cases.size(); ++i) {
    Link(change.cases[0], change.cases[i]);
    Link(change.cases[i], change.cases[0]);
  }
  for (v1::MskCase& opened : change.cases) Derive(*call.protocol, call.now, opened);
  return change;
}

absl::StatusOr<v1::MskCase> PreviewInjury(const v1::PreviewPlanRequest& request,
                                          const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  v1::InjuredPerson person;
  *person.mutable_injury() = request.injury();
  if (request.has_red_flags()) *person.mutable_red_flags() = request.red_flags();
  v1::MskCase preview = OpenFor("", request.jurisdiction(), person, "", call, fields);
  RETURN_IF_ERROR(fields.ToStatus());
  Derive(*call.protocol, call.now, preview);
  return preview;
}

void FillPreview(const v1::MskCase& preview, v1::PreviewPlanResponse& response) {
  *response.mutable_advice() = preview.advice();
}

void FillReceipts(const std::vector<v1::MskCase>& opened, const v1::LogInjuryRequest& /*request*/,
                  v1::LogInjuryResponse& response) {
  for (const v1::MskCase& one : opened) {
    v1::CaseReceipt& receipt = *response.add_receipts();
    receipt.set_case_id(one.header().case_id());
    receipt.set_subject_id(one.header().subject_id());
    // Before any has shut the step with the least time left is the first that is due.
    if (const casework::v1::Step* step =
            casework::NextStep(one.header().plan(), absl::InfinitePast())) {
      *receipt.mutable_first_step_due_time() = step->due_time();
    }
    for (std::string& line : DoNow(DoorOf(one), UrgencyOf(one))) {
      receipt.add_do_now(std::move(line));
    }
  }
}

}  // namespace waymark::msk
