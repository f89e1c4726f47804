// The limits of HIV PEP and of what a test after it can say. Every number comes from the protocol.
//
// BASHH/BHIVA 2021 (text not read), NHS Lothian, Brighton Sexual Health (clinical reference 1.7);
// BHIVA/BASHH/BIA 2020 for the 45 days of a fourth-generation HIV test.
#ifndef WAYMARK_SERVICES_BBV_PEP_RULES_H_
#define WAYMARK_SERVICES_BBV_PEP_RULES_H_

#include <optional>

#include "absl/time/time.h"

namespace waymark::bbv {

// A treatment limited to `hours` after the exposure may still be given at the last instant of them,
// however late the exposure was reported.
bool WithinWindow(absl::Time incident, absl::Time given, double hours);

// A gap of exactly the limit is continued; a longer one stops the course.
bool GapStopsCourse(int hours_since_last_dose, double limit_hours);

// A course that ended this many civil days after its first dose or later is complete: the first
// dose is day one of `course_days`.
bool IsWholeCourse(absl::Time started, absl::Time ended, double course_days);

// A negative HIV test can be relied on from `window_days` civil days after the exposure and, where
// PEP was taken, after its last dose. `pep_end` is InfiniteFuture while the course runs.
bool HivNegativeIsConclusive(absl::Time sampled, absl::Time incident,
                             std::optional<absl::Time> pep_end, double window_days);

// The test at `test_months` after the exposure comes too early after the last dose: the HIV test
// moves out.
bool HivTestMovesOut(absl::Time incident, absl::Time pep_end, double test_months,
                     double window_days);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_PEP_RULES_H_
