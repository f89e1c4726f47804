#include "services/bbv/pep_rules.h"

#include "common/civil/civil.h"

namespace waymark::bbv {
namespace {

absl::CivilDay Date(absl::Time instant) { return civil::DateOf(instant, civil::London()); }

}  // namespace

bool WithinWindow(absl::Time incident, absl::Time given, double hours) {
  return given - incident <= hours * absl::Hours(1);
}

bool GapStopsCourse(int hours_since_last_dose, double limit_hours) {
  return hours_since_last_dose > limit_hours;
}

bool IsWholeCourse(absl::Time started, absl::Time ended, double course_days) {
  return Date(ended) - Date(started) >= course_days - 1;
}

bool HivNegativeIsConclusive(absl::Time sampled, absl::Time incident,
                             std::optional<absl::Time> pep_end, double window_days) {
  if (Date(sampled) - Date(incident) < window_days) return false;
  if (!pep_end) return true;
  if (*pep_end == absl::InfiniteFuture()) return false;
  return Date(sampled) - Date(*pep_end) >= window_days;
}

bool HivTestMovesOut(absl::Time incident, absl::Time pep_end, double test_months,
                     double window_days) {
  return Date(pep_end) + static_cast<int>(window_days) >
         civil::AddMonths(Date(incident), static_cast<int>(test_months));
}

}  // namespace waymark::bbv
