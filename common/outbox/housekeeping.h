// Deletes what has outlived its purpose, in every service's database: answers to requests,
// delivered messages and arrivals, each 35 days after their last use.
#ifndef WAYMARK_COMMON_OUTBOX_HOUSEKEEPING_H_
#define WAYMARK_COMMON_OUTBOX_HOUSEKEEPING_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/tenants.h"

namespace waymark::outbox {

// Once, for every tenant. `now` is real time. Several processes may do it at once.
absl::Status KeepHouse(db::Database& database, db::Tenants& tenants, absl::Time now);

// Does it every hour in a thread of its own, the first time an hour after the start; a failure is
// logged and tried again an hour later.
class Housekeeper {
 public:
  Housekeeper(db::Database& database, db::Tenants& tenants);
  ~Housekeeper();

 private:
  void Run();

  db::Database& database_;
  db::Tenants& tenants_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace waymark::outbox

#endif  // WAYMARK_COMMON_OUTBOX_HOUSEKEEPING_H_
