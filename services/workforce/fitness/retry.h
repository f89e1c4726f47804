// When a release that the HR system did not take is sent again, and when a person takes over.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_RETRY_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_RETRY_H_

#include "absl/time/time.h"

namespace waymark::workforce {

// The pause after the `attempts`-th failure (1 or more): 5 s, doubled each time, at most 15
// minutes. `jitter` from 0 to 1 takes off up to a fifth.
absl::Duration PauseAfter(int attempts, double jitter);

// True when a receiver that has failed for `failing` and answered `answer` (an HTTP status; 0:
// none) last will not take this release by itself. A refusal of the message as such (400, 413, 415,
// 422) counts after an hour, so that one message does not hold up the rest for days; everything
// else, which is more likely the receiver's own trouble, after 72 hours.
bool IsHopeless(int answer, absl::Duration failing);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_RETRY_H_
