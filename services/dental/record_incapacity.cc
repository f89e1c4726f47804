#include "services/dental/record_incapacity.h"

#include <utility>

#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::dental {

DentalChange RecordIncapacity(const v1::DentalCase& before,
                              const v1::RecordIncapacityRequest& request,
                              const casework::Call& call) {
  casework::Fields fields(call.now);
  const v1::Incapacity& spell = request.incapacity();
  const bool first = fields.PastDate("incapacity.first_date", spell.first_date());
  const bool last = fields.PastDate("incapacity.last_date", spell.last_date());
  if (first && last && casework::DayOf(spell.last_date()) < casework::DayOf(spell.first_date())) {
    fields.Wrong("incapacity.last_date", "OUT_OF_SEQUENCE", "Give a date not before the first.");
  }
  if (first &&
      casework::DayOf(spell.first_date()) < civil::DateOf(IncidentOf(before), civil::London())) {
    fields.Wrong("incapacity.first_date", "BEFORE_INCIDENT",
                 "Give a date not before the incident.");
  }
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  for (v1::Incapacity& known : *after.mutable_incapacities()) {
    if (casework::DayOf(known.first_date()) != casework::DayOf(spell.first_date())) continue;
    known = spell;
    return Changed(std::move(after), call);
  }
  *after.add_incapacities() = spell;
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
