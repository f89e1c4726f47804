// Where a step stands: the one set of functions from which list, count, export and alert derive it.
// Nothing stores what these return. store/worklist.cc says the same in SQL for filtering; a test
// holds the two together.
#ifndef WAYMARK_SERVICES_SCHEDULING_DOMAIN_INSTANTS_H_
#define WAYMARK_SERVICES_SCHEDULING_DOMAIN_INSTANTS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "waymark/casework/v1/plan.pb.h"
#include "waymark/scheduling/v1/worklist.pb.h"

namespace waymark::scheduling {

struct StepInstants {
  absl::Time opens = absl::InfinitePast();
  absl::Time due;
  absl::Time closes = absl::InfiniteFuture();
  // How the step ended; ENDING_UNSPECIFIED while it is open.
  casework::v1::Ending ending = casework::v1::ENDING_UNSPECIFIED;
};

// At the very instant of `due` a step is not overdue yet, and at the very instant of `closes` it
// can still be done: a limit of 72 hours allows 72 hours.
casework::v1::StepStatus StatusAt(const StepInstants& step, absl::Time now);

// True from just after `due` until the step ends, the window's shutting included.
bool IsOverdue(const StepInstants& step, absl::Time now);

// Whole seconds until `due`, rounded down, so that a step half a second overdue has -1 left.
int64_t SecondsLeft(const StepInstants& step, absl::Time now);

// The tab on which an open step is found; TAB_UNSPECIFIED for one that ended.
v1::Tab TabAt(const StepInstants& step, absl::Time now);

// When the status changes next if nothing is done; InfiniteFuture when it does not. One microsecond
// after `due` and `closes`, the precision of what is stored.
absl::Time NextChange(const StepInstants& step, absl::Time now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DOMAIN_INSTANTS_H_
