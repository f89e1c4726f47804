// Erases what is kept no longer, by a schedule that is data.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_RETENTION_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_RETENTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/db/transaction.h"
#include "services/workforce/store/retention.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

// Reads the schedule. FAILED_PRECONDITION RETENTION_UNREADABLE: no such file, no textproto, a key
// that nobody knows, or a period of less than a month.
absl::StatusOr<v1::ListRetentionResponse> LoadRetention(const std::string& path);

// People whom `rule` lets go by `today`, held ones left out unless `held` is given, which then
// takes their number. At most `limit`.
absl::StatusOr<std::vector<std::string>> DueForErasure(db::Transaction& txn,
                                                       const v1::RetentionRule& rule,
                                                       absl::CivilDay today, int limit,
                                                       int64_t* held = nullptr);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_RETENTION_H_
