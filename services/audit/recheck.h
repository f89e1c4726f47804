// Reads the log again and again and derives its hashes anew. Proofs are made from stored hashes:
// only somebody who hashes the entries themselves sees that one of them was edited in place.
#ifndef WAYMARK_SERVICES_AUDIT_RECHECK_H_
#define WAYMARK_SERVICES_AUDIT_RECHECK_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/db/database.h"
#include "common/db/tenants.h"

namespace waymark::audit {

// Thread-safe.
class Recheck {
 public:
  // Entries of one look: about 30 ms.
  static constexpr int64_t kStretch = 8192;

  Recheck(db::Database& database, db::Tenants& tenants) : database_(database), tenants_(tenants) {}

  // The duty: the next stretch of every tenant, and from the beginning again after the end. The
  // first error, after all have had their turn.
  absl::Status RunOnce();

  // Checks [first, first + kStretch), `first` a multiple of it: positions without a hole, each leaf
  // against its hash, the hash that the next one holds, its columns, and the kept nodes above.
  // Returns where to go on, 0 after the end. DATA_LOSS LOG_INCONSISTENT names the first entry that
  // differs.
  absl::StatusOr<int64_t> CheckStretch(absl::string_view tenant, int64_t first);

 private:
  db::Database& database_;
  db::Tenants& tenants_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, int64_t> next_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_RECHECK_H_
