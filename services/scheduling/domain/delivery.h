// When a notice that did not arrive is tried again, when a person takes over, and which notices may
// wait to go out together.
#ifndef WAYMARK_SERVICES_SCHEDULING_DOMAIN_DELIVERY_H_
#define WAYMARK_SERVICES_SCHEDULING_DOMAIN_DELIVERY_H_

#include "absl/time/time.h"
#include "waymark/scheduling/v1/plan.pb.h"

namespace waymark::scheduling {

// The pause after the `attempts`-th failure (1 or more), real time: 5 s, doubled each time, at most
// 15 minutes. `jitter` from 0 to 1 takes off up to a fifth, so that notices which failed together
// do not come back together.
absl::Duration PauseAfter(int attempts, double jitter);

// The clinical instant after which delivery is given up: the step's hard stop, or 72 hours after
// the firing when it has none, and never less than an hour after the firing.
absl::Time GiveUpAt(absl::Time fired, absl::Time closes);

// True for a notice that goes out at once and by itself however many there are: a last call, and
// anything about a step whose window shuts within the hour. `now` is clinical time.
bool IsHardStop(v1::RungKind kind, absl::Time closes, absl::Time now);

// When the next digest goes out, real time: those of one recipient go together, every five minutes.
absl::Time NextDigest(absl::Time real_now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DOMAIN_DELIVERY_H_
