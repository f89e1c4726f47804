// Erases what is kept no longer, by a schedule that is data.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_RETENTION_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_RETENTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/db/transaction.h"
#include "services/workforce/store/retention.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

// Reads the schedule. FAILED_PRECONDITION RETENTION_UNREADABLE: no such file, no textproto, a key
// that nobody knows, or a period of less than a month.
absl::StatusOr<v1::ListRetentionResponse> LoadRetention(const std::string& path);

// People whom `rule` lets go by `today` and whom no hold keeps, at most `limit`.
absl::StatusOr<std::vector<std::string>> DueForErasure(db::Transaction& txn,
                                                       const v1::RetentionRule& rule,
                                                       absl::CivilDay today, int limit);
// How many they are, and how many a hold keeps.
absl::StatusOr<LapsedCount> CountLapsed(db::Transaction& txn, const v1::RetentionRule& rule,
                                        absl::CivilDay today);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_RETENTION_H_
