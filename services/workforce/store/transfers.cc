#include "services/workforce/store/transfers.h"

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"

namespace waymark::workforce {
namespace {

constexpr char kInsert[] =
    "INSERT INTO transfer (tenant, transfer_id, direction, other_force, person_id, state,"
    " offered_at, key_version, sealed_offer)"
    " VALUES ($1, $2, $3, $4, nullif($5, '')::uuid, 1, $6, $7, $8)";
constexpr char kRead[] =
    "SELECT transfer_id, direction, other_force, coalesce(person_id::text, ''), state, offered_at,"
    " answered_at, key_version, sealed_offer FROM transfer WHERE tenant = $1";
constexpr char kAnswer[] =
    "UPDATE transfer SET state = $3, person_id = nullif($4, '')::uuid, answered_at = $5,"
    " key_version = $6, sealed_offer = $7 WHERE tenant = $1 AND transfer_id = $2";

absl::StatusOr<TransferRow> ReadRow(const TenantKeys& keys, const pqxx::row& row) {
  TransferRow transfer;
  transfer.transfer_id = db::Text(row[0]);
  transfer.offered_here = db::Int(row[1]) == 1;
  transfer.other_force = db::Text(row[2]);
  transfer.person_id = db::Text(row[3]);
  transfer.state = static_cast<v1::TransferState>(db::Int(row[4]));
  transfer.offered_at = db::Instant(row[5]);
  transfer.answered_at = db::Optional<absl::Time>(row[6]);
  ASSIGN_OR_RETURN(const std::string opened,
                   keys.Open(keys.Binding("transfer", transfer.transfer_id),
                             static_cast<int32_t>(db::Int(row[7])), db::Bytes(row[8])));
  if (!transfer.offer.ParseFromString(opened)) {
    return status::DataLoss("VALUE_UNREADABLE", "A stored value cannot be read.");
  }
  return transfer;
}

}  // namespace

absl::Status InsertTransfer(db::Transaction& txn, const TenantKeys& keys, const TransferRow& row) {
  const Sealed sealed =
      keys.Seal(keys.Binding("transfer", row.transfer_id), row.offer.SerializeAsString());
  const absl::Status inserted =
      txn.Exec(kInsert, txn.tenant(), row.transfer_id, row.offered_here ? 1 : 2, row.other_force,
               row.person_id, row.offered_at, sealed.key_version, db::Bytea{sealed.bytes})
          .status();
  if (db::Constraint(inserted) == "transfer_offered") {
    return status::FailedPrecondition("TRANSFER_OPEN",
                                      "This person is offered to a force already.");
  }
  return inserted;
}

absl::StatusOr<std::optional<TransferRow>> LockTransfer(db::Transaction& txn,
                                                        const TenantKeys& keys,
                                                        const std::string& transfer_id) {
  ASSIGN_OR_RETURN(
      const pqxx::result rows,
      txn.Exec(absl::StrCat(kRead, " AND transfer_id = $2 FOR UPDATE"), txn.tenant(), transfer_id));
  if (rows.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(TransferRow row, ReadRow(keys, rows[0]));
  return row;
}

absl::Status AnswerRow(db::Transaction& txn, const TenantKeys& keys, const TransferRow& row,
                       v1::TransferState state, const std::string& person_id, absl::Time at) {
  v1::TransferOffer kept;
  if (state == v1::TRANSFER_STATE_ACCEPTED) {
    kept = row.offer;
  } else {
    kept.set_transfer_id(row.transfer_id);
  }
  const Sealed sealed =
      keys.Seal(keys.Binding("transfer", row.transfer_id), kept.SerializeAsString());
  return txn
      .Exec(kAnswer, txn.tenant(), row.transfer_id, static_cast<int>(state), person_id, at,
            sealed.key_version, db::Bytea{sealed.bytes})
      .status();
}

absl::StatusOr<std::vector<TransferRow>> ReadTransfers(db::Transaction& txn,
                                                       const TenantKeys& keys) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kRead, " ORDER BY offered_at DESC, transfer_id LIMIT 500"),
                            txn.tenant()));
  std::vector<TransferRow> transfers;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(TransferRow transfer, ReadRow(keys, row));
    transfers.push_back(std::move(transfer));
  }
  return transfers;
}

absl::StatusOr<std::vector<TransferRow>> TransfersOf(db::Transaction& txn, const TenantKeys& keys,
                                                     const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kRead,
                                         " AND person_id = ANY ($2::uuid[])"
                                         " ORDER BY offered_at, transfer_id"),
                            txn.tenant(), db::UuidArray(person_ids)));
  std::vector<TransferRow> transfers;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(transfers.emplace_back(), ReadRow(keys, row));
  }
  return transfers;
}

}  // namespace waymark::workforce
