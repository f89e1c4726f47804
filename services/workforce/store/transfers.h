// Transfers in PostgreSQL.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_TRANSFERS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_TRANSFERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/workforce/vault/vault.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

struct TransferRow {
  std::string transfer_id;
  // False: another force offered it to this one.
  bool offered_here = true;
  std::string other_force;
  // The person in this force; empty until there is one.
  std::string person_id;
  v1::TransferState state = v1::TRANSFER_STATE_UNSPECIFIED;
  absl::Time offered_at;
  std::optional<absl::Time> answered_at;
  v1::TransferOffer offer;
};

// FAILED_PRECONDITION TRANSFER_OPEN: the person is offered already.
absl::Status InsertTransfer(db::Transaction& txn, const TenantKeys& keys, const TransferRow& row);
absl::StatusOr<std::optional<TransferRow>> LockTransfer(db::Transaction& txn,
                                                        const TenantKeys& keys,
                                                        const std::string& transfer_id);
// Ends it. Once it has ended without being taken over, the offer is forgotten.
absl::Status AnswerRow(db::Transaction& txn, const TenantKeys& keys, const TransferRow& row,
                       v1::TransferState state, const std::string& person_id, absl::Time at);
// Newest first, at most 500.
absl::StatusOr<std::vector<TransferRow>> ReadTransfers(db::Transaction& txn,
                                                       const TenantKeys& keys);
// Of these people, oldest first.
absl::StatusOr<std::vector<TransferRow>> TransfersOf(db::Transaction& txn, const TenantKeys& keys,
                                                     const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_TRANSFERS_H_
