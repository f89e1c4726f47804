// Whom the retention schedule lets go, and the deletion of all that is held on them.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_RETENTION_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_RETENTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/db/transaction.h"

namespace waymark::workforce {

// What a period may begin with: "left", "deceased", "transferred", "provisional".
bool IsRetentionKey(absl::string_view key);

// People whose period began before `before` and whom no legal hold keeps, in order of id. A person
// whom others were merged into stays as long as these. `key` is a retention key.
absl::StatusOr<std::vector<std::string>> LapsedPeople(db::Transaction& txn, absl::string_view key,
                                                      absl::CivilDay before, int limit);
// How many they are, and how many a hold keeps.
struct LapsedCount {
  int64_t due = 0;
  int64_t held = 0;
};
absl::StatusOr<LapsedCount> CountLapsed(db::Transaction& txn, absl::string_view key,
                                        absl::CivilDay before);

// Deletes everything that is held here on these people and on who was merged into them.
// FAILED_PRECONDITION LEGAL_HOLD: one of them is held.
absl::Status ErasePeople(db::Transaction& txn, const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_RETENTION_H_
