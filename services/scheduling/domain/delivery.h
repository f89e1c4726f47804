// When a notice that did not arrive is tried again, and when a person takes over.
#ifndef WAYMARK_SERVICES_SCHEDULING_DOMAIN_DELIVERY_H_
#define WAYMARK_SERVICES_SCHEDULING_DOMAIN_DELIVERY_H_

#include "absl/time/time.h"

namespace waymark::scheduling {

// The pause after the `attempts`-th failure (1 or more), real time: 5 s, doubled each time, at most
// 15 minutes. `jitter` from 0 to 1 takes off up to a fifth, so that notices which failed together
// do not come back together.
absl::Duration PauseAfter(int attempts, double jitter);

// The clinical instant after which delivery is given up: the step's hard stop, or 72 hours after
// the firing when it has none, and never less than an hour after the firing.
absl::Time GiveUpAt(absl::Time fired, absl::Time closes);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DOMAIN_DELIVERY_H_
