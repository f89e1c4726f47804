// The fewest appointments that serve what is still to be done.
#ifndef WAYMARK_SERVICES_DENTAL_VISITS_H_
#define WAYMARK_SERVICES_DENTAL_VISITS_H_

#include <vector>

#include "absl/time/civil_time.h"
#include "waymark/casework/v1/plan.pb.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Days on which one thing can be done, both ends included; `first` is not after `last`.
struct Window {
  absl::CivilDay first;
  absl::CivilDay last;
};

// Windows that share an appointment, and the days that suit all of them. Never empty.
struct Appointment {
  Window days;
  // Places in what was given.
  std::vector<size_t> windows;
};

// Every window is in exactly one appointment, and no smaller number of days meets all windows
// (stabbing of intervals: go by the last day, and take along whatever is open on it). In order of
// time; windows in an appointment keep the order given.
std::vector<Appointment> FewestAppointments(const std::vector<Window>& windows);

// One visit for each appointment that serves the open steps of the teeth: splints, root canals and
// reviews. What is late comes first, in one visit. `plan` has its statuses.
std::vector<v1::Visit> MergeVisits(const casework::v1::Plan& plan);

// Fills the visits of an answer.
void FillVisits(const v1::DentalCase& dental_case, v1::GetCaseResponse& response);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_VISITS_H_
