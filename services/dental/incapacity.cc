#include "services/dental/incapacity.h"

#include <algorithm>

#include "common/civil/civil.h"
#include "services/casework/local_time.h"
#include "services/dental/record.h"

namespace waymark::dental {
namespace {

// Statute, not policy.
constexpr int kDaysInLaw = 7;

}  // namespace

bool IsOverSevenDays(const v1::DentalCase& dental_case) {
  if (dental_case.incapacities().empty()) return false;
  const absl::CivilDay accident = civil::DateOf(IncidentOf(dental_case), civil::London());
  return std::any_of(dental_case.incapacities().begin(), dental_case.incapacities().end(),
                     [accident](const v1::Incapacity& spell) {
                       const absl::CivilDay first =
                           std::max(casework::DayOf(spell.first_date()), accident + 1);
                       return casework::DayOf(spell.last_date()) - first + 1 > kDaysInLaw;
                     });
}

}  // namespace waymark::dental
