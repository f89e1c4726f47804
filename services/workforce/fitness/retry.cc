#include "services/workforce/fitness/retry.h"

#include <algorithm>

namespace waymark::workforce {

absl::Duration PauseAfter(int attempts, double jitter) {
  const int doublings = std::clamp(attempts - 1, 0, 8);
  const absl::Duration pause =
      std::min(absl::Seconds(5) * (1 << doublings), absl::Duration(absl::Minutes(15)));
  return pause * (1 - 0.2 * std::clamp(jitter, 0.0, 1.0));
}

bool IsHopeless(int answer, absl::Duration failing) {
  const bool refused = answer == 400 || answer == 413 || answer == 415 || answer == 422;
  return failing >= (refused ? absl::Hours(1) : absl::Hours(72));
}

}  // namespace waymark::workforce
