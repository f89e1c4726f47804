// What people do with a step: acknowledge, claim, release, and end a task. SQL only.
#ifndef WAYMARK_SERVICES_SCHEDULING_STORE_STEPS_H_
#define WAYMARK_SERVICES_SCHEDULING_STORE_STEPS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/transaction.h"
#include "services/scheduling/domain/ladder.h"
#include "waymark/scheduling/v1/plan.pb.h"

namespace waymark::scheduling {

// A step as its row holds it, locked until the transaction ends.
struct LockedStep {
  std::string step_ref;
  int revision = 0;
  bool ended = false;
  // Opened by scheduling itself.
  bool is_task = false;
  std::string claimed_by;
  // Opened: for relations and the audit trail.
  v1::Plan plan;
};
// NOT_FOUND STEP_NOT_FOUND.
absl::StatusOr<LockedStep> LockStep(db::Transaction& txn, const crypto::KeyProvider& keys,
                                    absl::string_view step_ref);

// The rungs of the step's present revision that have not fired, in order of number, locked.
absl::StatusOr<std::vector<PendingRung>> LockLadder(db::Transaction& txn, const LockedStep& step);

// Writes the times that Hold gave the rungs, remembers who acknowledged until when, and withdraws
// the step's notices that wait for delivery.
absl::Status Acknowledge(db::Transaction& txn, const LockedStep& step,
                         const std::vector<PendingRung>& rungs, absl::string_view person,
                         absl::Time until);

// Empty `person`: nobody's.
absl::Status SetClaim(db::Transaction& txn, const LockedStep& step, absl::string_view person);

// Ends a task as done.
absl::Status EndTask(db::Transaction& txn, const LockedStep& step, absl::Time now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_STORE_STEPS_H_
