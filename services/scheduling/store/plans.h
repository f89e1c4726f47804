// Plans: storing what a pathway sends, and what is known of a case. SQL only.
#ifndef WAYMARK_SERVICES_SCHEDULING_STORE_PLANS_H_
#define WAYMARK_SERVICES_SCHEDULING_STORE_PLANS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/transaction.h"
#include "services/scheduling/store/references.h"
#include "waymark/scheduling/v1/plan.pb.h"

namespace waymark::scheduling {

// Everything wrong with a plan, as INVALID_ARGUMENT with field violations. Pure.
absl::Status CheckPlan(const v1::Plan& plan);

struct PutResult {
  // Cases that took a newer version.
  int applied = 0;
  int ignored = 0;
  // The earliest rung among what was written; InfiniteFuture for none.
  absl::Time earliest = absl::InfiniteFuture();
};

// Stores plans of one tenant that passed CheckPlan. Of each case the highest version wins, whatever
// came before. Ladders of steps and cases that ended disappear, and notices about them that wait
// for delivery are withdrawn, with the same commit. `now` is clinical time. A handful of
// statements, however many plans.
absl::StatusOr<PutResult> PutPlans(db::Transaction& txn, const crypto::KeyProvider& keys,
                                   const References& references, absl::string_view source,
                                   const std::vector<const v1::Plan*>& plans, absl::Time now);

// The version known of each of these cases; cases that are not known are left out.
absl::StatusOr<std::map<std::string, int64_t>> KnownVersions(
    db::Transaction& txn, const References& references, const std::vector<std::string>& case_ids);

// A stored plan, as its row holds it.
struct SealedPlan {
  std::string case_ref;
  int64_t case_version = 0;
  int32_t key_version = 0;
  std::string wrapped_key;
  std::string sealed;
};
absl::StatusOr<v1::Plan> OpenPlan(const crypto::KeyProvider& keys, absl::string_view tenant,
                                  const SealedPlan& row);
// Whether it is this plan that cannot be opened, what was sealed being broken or its key gone, and
// not the keys that cannot be asked. The plans of other cases are read all the same.
bool IsUnreadable(const absl::Status& status);

// The workforce subject of each of these cases; those that are gone, unreadable or about nobody are
// left out.
absl::StatusOr<std::map<std::string, std::string>> SubjectsOf(
    db::Transaction& txn, const crypto::KeyProvider& keys,
    const std::vector<std::string>& case_refs);

// The watchdog's look at open cases behind `after`, in order of reference. A plan from before
// ladders were sealed with it has none to compare, and is left alone until its case changes.
struct TimerCheck {
  // Looked at, whether or not their plans could be read.
  int cases = 0;
  // Those whose plan is broken or whose key is gone: nothing is known of their timers.
  int unreadable = 0;
  // Cases with an open step of which a rung that the plan has neither waits nor has fired.
  std::vector<std::string> suspects;
  // The last case looked at; empty when none was left.
  std::string last;
};
absl::StatusOr<TimerCheck> CheckTimers(db::Transaction& txn, const crypto::KeyProvider& keys,
                                       const References& references, absl::string_view after,
                                       int limit);

// Looks again at these cases, locked, and stores their steps and ladders anew from the sealed plan;
// those whose plan cannot be read it leaves as they are.
struct MendedTimers {
  int steps = 0;
  // The earliest rung put back; InfiniteFuture for none.
  absl::Time earliest = absl::InfiniteFuture();
};
absl::StatusOr<MendedTimers> MendTimers(db::Transaction& txn, const crypto::KeyProvider& keys,
                                        const References& references,
                                        const std::vector<std::string>& case_refs, absl::Time now);

// Writes down, for every rung of these steps that waits, when the first above it is due. Part of
// everything that changes a ladder.
absl::Status SetOvertaken(db::Transaction& txn, const std::vector<std::string>& step_refs);

// Deletes what is known of cases that closed before `before`, at most `limit` of them, with their
// steps, firings and notices. Returns how many.
absl::StatusOr<int> PurgeClosed(db::Transaction& txn, absl::Time before, int limit);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_STORE_PLANS_H_
