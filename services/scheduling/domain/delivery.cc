#include "services/scheduling/domain/delivery.h"

#include <algorithm>

namespace waymark::scheduling {

absl::Duration PauseAfter(int attempts, double jitter) {
  const int doublings = std::clamp(attempts - 1, 0, 8);
  const absl::Duration pause =
      std::min(absl::Seconds(5) * (1 << doublings), absl::Duration(absl::Minutes(15)));
  return pause * (1 - 0.2 * std::clamp(jitter, 0.0, 1.0));
}

absl::Time GiveUpAt(absl::Time fired, absl::Time closes) {
  const absl::Time stop = closes == absl::InfiniteFuture() ? fired + absl::Hours(72) : closes;
  return std::max(stop, fired + absl::Hours(1));
}

bool IsHardStop(v1::RungKind kind, absl::Time closes, absl::Time now) {
  return kind == v1::RUNG_KIND_LAST_CALL || closes - now <= absl::Hours(1);
}

absl::Time NextDigest(absl::Time real_now) {
  constexpr absl::Duration kEvery = absl::Minutes(5);
  return absl::UnixEpoch() + absl::Floor(real_now - absl::UnixEpoch(), kEvery) + kEvery;
}

}  // namespace waymark::scheduling
