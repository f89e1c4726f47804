// Requests to learn who stands behind a pseudonym of the audit log. The reason is stored sealed.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_REIDENTIFICATIONS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_REIDENTIFICATIONS_H_

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

struct ReidentificationRow {
  v1::Reidentification message;
  // Who stands behind it: set once it was granted.
  std::string person_id;
};

// A new one, not decided on.
absl::Status InsertReidentification(db::Transaction& txn, const TenantKeys& keys,
                                    const v1::Reidentification& request);
// Nothing when there is none; the row stays locked for the transaction.
absl::StatusOr<std::optional<ReidentificationRow>> LockReidentification(db::Transaction& txn,
                                                                        const TenantKeys& keys,
                                                                        absl::string_view id);
// Those that wait first, then the newest; at most 500.
absl::StatusOr<std::vector<v1::Reidentification>> ReadReidentifications(db::Transaction& txn,
                                                                        const TenantKeys& keys);
// Stores who decided, when, how, until when, and who stands behind it.
absl::Status DecideRow(db::Transaction& txn, const ReidentificationRow& row);

// When these people were opened to somebody who held a pseudonym, oldest first.
absl::StatusOr<std::vector<absl::Time>> ReidentifiedAt(db::Transaction& txn,
                                                       const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_REIDENTIFICATIONS_H_
