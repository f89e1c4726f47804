// The ladder of one step: what an acknowledgement holds back, and which rung is next.
#ifndef WAYMARK_SERVICES_SCHEDULING_DOMAIN_LADDER_H_
#define WAYMARK_SERVICES_SCHEDULING_DOMAIN_LADDER_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "waymark/options/v1/rule.pb.h"
#include "waymark/scheduling/v1/plan.pb.h"

namespace waymark::scheduling {

// A rung that has not fired.
struct PendingRung {
  int number = 0;
  // What the plan says.
  absl::Time planned;
  // When it goes out as things stand.
  absl::Time fires;
  options::v1::Role audience = options::v1::ROLE_UNSPECIFIED;
  v1::RungKind kind = v1::RUNG_KIND_UNSPECIFIED;
};

// What an acknowledgement at `now` until `until` makes of the unfired rungs: every rung planned
// before `until` waits; at `until` the lowest of them goes out, and the others follow it at the
// distances the plan gave them, so that whoever did not keep their word is followed by one person
// and not by all at once. Counted from the plan each time: acknowledging again, longer or shorter,
// starts afresh. None goes out later than the last call, which is never held.
//
// INVALID_ARGUMENT UNTIL_IN_PAST when `until` is not after `now`; UNTIL_PAST_LAST_CALL when it is
// after an unfired last call (metadata "last_call": its instant).
absl::Status Hold(absl::Time now, absl::Time until, std::vector<PendingRung>& rungs);

// The rung that goes out first; the lower number when two go out together, null when none waits.
// Points into `rungs`.
const PendingRung* NextRung(const std::vector<PendingRung>& rungs);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DOMAIN_LADDER_H_
