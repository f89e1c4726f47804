#include "services/msk/record_absence.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/injury_check.h"

namespace waymark::msk {
namespace {

// A plan has room for so many lines of steps.
constexpr int kMostSpells = 8;

absl::CivilDay FirstDay(const v1::Absence& spell) { return casework::DayOf(spell.first_date()); }

// The spell that began on the same date: what is said now replaces it.
int Find(const v1::MskCase& msk_case, const v1::Absence& spell) {
  for (int i = 0; i < msk_case.absences_size(); ++i) {
    if (FirstDay(msk_case.absences(i)) == FirstDay(spell)) return i;
  }
  return -1;
}

bool Overlap(const v1::Absence& known, const v1::Absence& spell) {
  if (FirstDay(known) == FirstDay(spell)) return false;
  return LastDay(known).value_or(absl::CivilDay::max()) >= FirstDay(spell) &&
         LastDay(spell).value_or(absl::CivilDay::max()) >= FirstDay(known);
}

}  // namespace

MskChange RecordAbsence(const v1::MskCase& before, const v1::RecordAbsenceRequest& request,
                        const casework::Call& call) {
  casework::Fields fields(call.now);
  const v1::Absence& spell = request.absence();
  CheckAbsence("absence", fields, IncidentOf(before), spell);
  if (fields.ok()) {
    for (const v1::Absence& known : before.absences()) {
      if (!Overlap(known, spell)) continue;
      fields.Wrong("absence.first_date", "OVERLAPS",
                   "Another spell covers that day. Give it its last day first.");
      break;
    }
  }
  if (before.absences_size() >= kMostSpells && Find(before, spell) < 0) {
    fields.Wrong("absence", "TOO_MANY",
                 "A case holds at most 8 spells; close it and open another.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  const int known = Find(before, spell);
  *(known < 0 ? after.add_absences() : after.mutable_absences(known)) = spell;
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
