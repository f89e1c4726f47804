#include "services/scheduling/domain/ladder.h"

#include <algorithm>
#include <tuple>

#include "common/status/status.h"

namespace waymark::scheduling {

absl::Status Hold(absl::Time now, absl::Time until, std::vector<PendingRung>& rungs) {
  if (until <= now) {
    return status::InvalidArgument("UNTIL_IN_PAST", "until_time has passed; give a time to come.");
  }
  absl::Time last_call = absl::InfiniteFuture();
  for (const PendingRung& rung : rungs) {
    if (rung.kind == v1::RUNG_KIND_LAST_CALL) last_call = std::min(last_call, rung.planned);
  }
  if (until > last_call) {
    return status::WithMetadata(
        status::InvalidArgument("UNTIL_PAST_LAST_CALL",
                                "The step's last call comes before until_time and cannot be held; "
                                "acknowledge until then at the latest."),
        "last_call", absl::FormatTime(absl::RFC3339_full, last_call, absl::UTCTimeZone()));
  }
  const PendingRung* first_held = nullptr;
  for (const PendingRung& rung : rungs) {
    if (rung.kind == v1::RUNG_KIND_LAST_CALL || rung.planned >= until) continue;
    if (first_held == nullptr || rung.number < first_held->number) first_held = &rung;
  }
  const absl::Duration shift =
      first_held == nullptr ? absl::ZeroDuration() : until - first_held->planned;
  for (PendingRung& rung : rungs) {
    const bool held = rung.kind != v1::RUNG_KIND_LAST_CALL && rung.planned < until;
    rung.fires = held ? std::min(std::max(rung.planned + shift, until), last_call) : rung.planned;
  }
  return absl::OkStatus();
}

const PendingRung* NextRung(const std::vector<PendingRung>& rungs) {
  const auto next =
      std::min_element(rungs.begin(), rungs.end(), [](const PendingRung& a, const PendingRung& b) {
        return std::tie(a.fires, a.number) < std::tie(b.fires, b.number);
      });
  return next == rungs.end() ? nullptr : &*next;
}

}  // namespace waymark::scheduling
