#include "services/msk/record_fit_note.h"

#include <utility>

#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/casework/fields.h"
#include "services/msk/fit_note_rules.h"

namespace waymark::msk {

MskChange RecordFitNote(const v1::MskCase& before, const v1::RecordFitNoteRequest& request,
                        const casework::Call& call) {
  casework::Fields fields(call.now);
  const v1::FitNote& note = request.fit_note();
  CheckFitNote("fit_note", fields, note, civil::DateOf(IncidentOf(before), civil::London()),
               *call.protocol);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  for (v1::FitNote& known : *after.mutable_fit_notes()) {
    if (casework::DayOf(known.first_date()) != casework::DayOf(note.first_date())) continue;
    known = note;
    return Changed(std::move(after), call);
  }
  *after.add_fit_notes() = note;
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
