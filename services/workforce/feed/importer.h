// Takes a received feed to its end: reads it into rows, compares them with what is known, and, when
// a person has asked for it, applies them.
//
// Each of the two halves is one transaction: a process that is killed in it leaves nothing behind,
// and the run stands where it stood before, for this process or another to begin that half again.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_IMPORTER_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_IMPORTER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/workforce/desk.h"
#include "services/workforce/feed/store.h"

namespace waymark::workforce {

struct ImporterOptions {
  // Rows that are in memory at once, and in one statement.
  int rows_at_once = 2000;
  // Longest half of a run.
  absl::Duration longest = absl::Minutes(30);
  // Told before each step ("stage", "compare", "preview", "apply", "applied"); tests end the
  // process there.
  std::function<void(absl::string_view)> step;
};

// Thread-safe.
class Importer {
 public:
  explicit Importer(Desk& desk, ImporterOptions options = {})
      : desk_(desk), options_(std::move(options)) {}

  // Every run of every tenant that waits for its preview or its applying, oldest first. A run that
  // cannot be read or applied is REFUSED; an error means that it shall be tried again.
  absl::Status RunOnce();
  absl::Status GoOn(absl::string_view tenant, const std::string& run_id);

 private:
  absl::Status Preview(db::Transaction& txn, const TenantKeys& keys, const std::string& run_id);
  absl::Status Stage(db::Transaction& txn, const TenantKeys& keys, const RunRow& run,
                     Comparison& with, int64_t& refused);
  absl::Status Apply(db::Transaction& txn, const TenantKeys& keys, const std::string& run_id);
  void Step(absl::string_view name) const {
    if (options_.step) options_.step(name);
  }

  Desk& desk_;
  const ImporterOptions options_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_IMPORTER_H_
