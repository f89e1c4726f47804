// Which tenants this database holds, for duties that go through them one by one: row-level security
// hides from a background thread what it could otherwise scan.
#ifndef WAYMARK_COMMON_DB_TENANTS_H_
#define WAYMARK_COMMON_DB_TENANTS_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/database.h"

namespace waymark::db {

// Thread-safe; one for each process and database.
class Tenants {
 public:
  explicit Tenants(Database& database) : database_(database) {}

  // Call before the first write of a tenant commits, in practice before every mutating call: what
  // is appended for a tenant that is not listed is not relayed after a crash. Writes the first time
  // and is a look-up in memory afterwards.
  absl::Status Ensure(absl::Time deadline, absl::string_view tenant);

  // In order.
  absl::StatusOr<std::vector<std::string>> All(absl::Time deadline);

 private:
  Database& database_;
  absl::Mutex mutex_;
  absl::flat_hash_set<std::string> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace waymark::db

#endif  // WAYMARK_COMMON_DB_TENANTS_H_
