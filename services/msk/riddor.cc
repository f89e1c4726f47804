#include "services/msk/riddor.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "common/civil/civil.h"
#include "services/casework/planner.h"
#include "services/msk/record.h"
#include "services/msk/red_flags.h"
#include "services/msk/thresholds.h"

namespace waymark::msk {
namespace {

bool IsDigit(v1::Region region) {
  return region == v1::REGION_FINGER_OR_THUMB || region == v1::REGION_TOE;
}

bool FractureConfirmed(const v1::MskCase& msk_case) {
  return std::any_of(msk_case.red_flags().begin(), msk_case.red_flags().end(),
                     [](const v1::RedFlag& flag) {
                       return flag.suspicion() == v1::SUSPICION_FRACTURE_OR_DISLOCATION &&
                              std::any_of(flag.escalations().begin(), flag.escalations().end(),
                                          [](const v1::Escalation& act) {
                                            return act.stage() == v1::ESCALATION_STAGE_CONFIRMED;
                                          });
                     });
}

}  // namespace

bool IsSpecifiedInjury(const v1::MskCase& msk_case) {
  const v1::Injury& injury = LatestInjury(msk_case);
  if (injury.on_duty() != v1::ANSWER_YES || IsDigit(injury.region())) return false;
  const v1::Triage* triage = TriageOf(msk_case);
  if (triage != nullptr && triage->diagnosis() == v1::DIAGNOSIS_FRACTURE) return true;
  const bool dislocated = triage != nullptr && triage->diagnosis() == v1::DIAGNOSIS_DISLOCATION;
  return FractureConfirmed(msk_case) && !dislocated;
}

int LongestIncapacity(const v1::MskCase& msk_case) {
  const absl::CivilDay accident = civil::DateOf(CourseStart(msk_case), civil::London());
  std::map<absl::CivilDay, absl::CivilDay> spells;
  for (const v1::Absence& spell : msk_case.absences()) {
    const std::optional<absl::CivilDay> last = LastDay(spell);
    if (!last) return std::numeric_limits<int>::max();
    if (*last <= accident) continue;
    spells[std::max(casework::DayOf(spell.first_date()), accident + 1)] = *last;
  }
  int longest = 0;
  // Absence and restricted duty that follow each other are one incapacity.
  std::optional<absl::CivilDay> from, until;
  for (const auto& [first, last] : spells) {
    if (!from || first > *until + 1) from = first;
    until = last;
    longest = std::max(longest, static_cast<int>(*until - *from) + 1);
  }
  return longest;
}

v1::RiddorCategory RiddorOf(const v1::MskCase& msk_case, const casework::v1::Protocol& protocol) {
  if (LatestInjury(msk_case).on_duty() != v1::ANSWER_YES) return v1::RIDDOR_CATEGORY_NOT_REPORTABLE;
  if (IsSpecifiedInjury(msk_case)) return v1::RIDDOR_CATEGORY_SPECIFIED_INJURY;
  const int days = LongestIncapacity(msk_case);
  if (days > casework::Parameter(protocol, kRiddorOverDays)) {
    return v1::RIDDOR_CATEGORY_OVER_SEVEN_DAYS;
  }
  return days > casework::Parameter(protocol, kRiddorRecordDays)
             ? v1::RIDDOR_CATEGORY_RECORD_ONLY
             : v1::RIDDOR_CATEGORY_NOT_REPORTABLE;
}

}  // namespace waymark::msk
