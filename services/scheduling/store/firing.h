// Firing: taking rungs that are due, deciding who is told, and writing their notices. SQL only.
#ifndef WAYMARK_SERVICES_SCHEDULING_STORE_FIRING_H_
#define WAYMARK_SERVICES_SCHEDULING_STORE_FIRING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "services/scheduling/store/rota.h"

namespace waymark::scheduling {

struct Fired {
  // Rungs taken off the ladders, of any outcome. Fewer than the limit: nothing more was due, or
  // another process has it.
  int taken = 0;
  // Of those that fired here: how long after their time.
  std::vector<absl::Duration> lags;
  // Of those, how many were overtaken by a higher rung of their step.
  int overtaken = 0;
  // How many found nobody of their audience: told further up the ladder, or the duty address.
  int climbed = 0;
  // Of all of them, overtaken or not, those that say that a step's aim was missed.
  int missed_aims = 0;
};

// Fires up to `limit` rungs of the tenant with fire_at <= `now`, however old, oldest first. One
// statement: rungs go from `rung` to `firing`, whose primary key is the claim, and their notices
// are written with them.
//
// A rung of whose step a higher one is due as well, or fired already, is overtaken and tells
// nobody. Else its audience is told, if anybody of it is in `reachable`; else the audience of the
// lowest rung above it that somebody can be reached for; else the duty address. `real_now` is when
// delivery may begin.
//
// A reminder that goes out a week or more ahead is of something planned, and has a notice for the
// officer as well: whether and how that is sent is theirs to choose, and asked when it is sent.
absl::StatusOr<Fired> FireDue(db::Transaction& txn, const Reachable& reachable, absl::Time now,
                              absl::Time real_now, int limit);

// Writes down when the tenant's next rung is due, and returns it (InfiniteFuture: none waits).
// Waits for plans that are being stored, so that none is overlooked.
absl::StatusOr<absl::Time> Settle(db::Transaction& txn);

struct DueTenant {
  std::string tenant;
  absl::Time next;
};
// Every live tenant, the most urgent first. In a transaction of its own, which has no tenant.
absl::StatusOr<std::vector<DueTenant>> ReadDueTenants(db::Database& database, absl::Time deadline);

struct Backlog {
  bool active = false;
  int64_t due_rungs = 0;
  std::optional<absl::Time> next_rung;
  int64_t pending_notices = 0;
};
absl::StatusOr<Backlog> ReadBacklog(db::Transaction& txn, absl::Time now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_STORE_FIRING_H_
