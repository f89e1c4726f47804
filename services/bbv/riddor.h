// What must be reported to HSE: RIDDOR 2013 (clinical reference 1.11 and 6.6). Police officers are
// covered through the Police (Health and Safety) Act 1997.
#ifndef WAYMARK_SERVICES_BBV_RIDDOR_H_
#define WAYMARK_SERVICES_BBV_RIDDOR_H_

#include "absl/time/civil_time.h"
#include "waymark/bbv/v1/bbv_case.pb.h"

namespace waymark::bbv {

// What the categories follow from.
struct RiddorRecord {
  bool workforce = false;
  bool significant = false;
  // The source is known to carry one of the three viruses: regulation 7, Schedule 2.
  bool source_infected = false;
  // Tested negative for all three, without a recent risk.
  bool source_clear = false;
  // An infection that was not there at baseline was diagnosed: regulation 9(b).
  bool infection_acquired = false;
  // The longest spell of incapacity: regulation 4(2).
  bool over_seven_days = false;
  // Every test of the path is done, so nothing more can become known.
  bool last_test_done = false;
};

// The gravest category that holds. An unknown or clean sharp without disease is not reportable, but
// "not yet known" until the last test. Never unspecified; third parties are never reportable.
v1::RiddorCategory DeriveRiddor(const RiddorRecord& record);

// Consecutive days of incapacity: the day of the accident is not counted, rest days are. 0 when the
// spell ended before it began to count.
int DaysOfIncapacity(absl::CivilDay accident, absl::CivilDay first, absl::CivilDay last);

// Reportable from the eighth day.
bool IsOverSevenDays(int days_of_incapacity);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RIDDOR_H_
