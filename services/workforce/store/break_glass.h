// Uses of emergency access to protected people. The reason is stored sealed.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_BREAK_GLASS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_BREAK_GLASS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/workforce/vault/vault.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

// A new one, not reviewed.
absl::Status InsertGlass(db::Transaction& txn, const TenantKeys& keys,
                         const v1::BreakGlassUse& use);

// Those that wait for a review first, then the newest; at most 500.
absl::StatusOr<std::vector<v1::BreakGlassUse>> ReadGlasses(db::Transaction& txn,
                                                           const TenantKeys& keys, bool open_only);
// Nothing when there is none; the row stays locked for the transaction.
absl::StatusOr<std::optional<v1::BreakGlassUse>> LockGlass(db::Transaction& txn,
                                                           const TenantKeys& keys,
                                                           absl::string_view grant_id);
// On these people, oldest first.
absl::StatusOr<std::vector<v1::BreakGlassUse>> GlassesOn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids);

// Stores who reviewed it, when, the judgement, and the reason with the reviewer's note.
absl::Status ReviewGlass(db::Transaction& txn, const TenantKeys& keys,
                         const v1::BreakGlassUse& use);

// Those that nobody reviewed by `now` although it was due.
absl::StatusOr<int64_t> CountOverdueGlasses(db::Transaction& txn, absl::Time now);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_BREAK_GLASS_H_
