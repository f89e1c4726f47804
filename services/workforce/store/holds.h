// Legal holds: what keeps a record beyond its retention. The reason is stored sealed.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_HOLDS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_HOLDS_H_

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

absl::Status InsertHold(db::Transaction& txn, const TenantKeys& keys, const v1::LegalHold& hold,
                        absl::string_view reason);
// Nothing when there is no such hold in force; the row stays locked for the transaction.
absl::StatusOr<std::optional<v1::LegalHold>> LockHold(db::Transaction& txn,
                                                      absl::string_view hold_id);
absl::Status LiftHold(db::Transaction& txn, absl::string_view hold_id, absl::string_view user_id,
                      absl::Time now);
// Those in force, newest first; at most 500.
absl::StatusOr<std::vector<v1::LegalHold>> ReadHolds(db::Transaction& txn);
// On these people, lifted ones too, oldest first.
absl::StatusOr<std::vector<v1::LegalHold>> HoldsOn(db::Transaction& txn,
                                                   const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_HOLDS_H_
