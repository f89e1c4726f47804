#include "services/workforce/store/reidentifications.h"

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::workforce {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;

constexpr char kInsert[] =
    "INSERT INTO reidentification (tenant, reidentification_id, pseudonym, requested_by,"
    " requested_at, key_version, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr char kRead[] =
    "SELECT reidentification_id, pseudonym, requested_by, requested_at, coalesce(decided_by, ''),"
    " decided_at, coalesce(granted, false), expires_at, key_version, sealed_reason,"
    " coalesce(person_id::text, '') FROM reidentification WHERE tenant = $1";
constexpr char kLocked[] = " AND reidentification_id = $2 FOR UPDATE";
constexpr char kNewestFirst[] =
    " ORDER BY (decided_at IS NOT NULL), requested_at DESC, reidentification_id LIMIT 500";
constexpr char kDecide[] =
    "UPDATE reidentification SET decided_by = $3, decided_at = $4, granted = $5, expires_at = $6,"
    " person_id = nullif($7, '')::uuid WHERE tenant = $1 AND reidentification_id = $2";
constexpr char kGrantedOn[] =
    "SELECT decided_at FROM reidentification WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    " AND granted ORDER BY decided_at";

absl::StatusOr<ReidentificationRow> ReadRow(const TenantKeys& keys, const pqxx::row& row) {
  ReidentificationRow request;
  v1::Reidentification& message = request.message;
  message.set_reidentification_id(db::Text(row[0]));
  message.set_pseudonym(db::Text(row[1]));
  message.set_requested_by(db::Text(row[2]));
  *message.mutable_requested_time() = ToTimestamp(db::Instant(row[3]));
  message.set_decided_by(db::Text(row[4]));
  if (const auto at = db::Optional<absl::Time>(row[5])) {
    *message.mutable_decided_time() = ToTimestamp(*at);
  }
  message.set_granted(db::Bool(row[6]));
  if (const auto at = db::Optional<absl::Time>(row[7])) {
    *message.mutable_expires_time() = ToTimestamp(*at);
  }
  ASSIGN_OR_RETURN(*message.mutable_reason(),
                   keys.Open(keys.Binding("reidentification", message.reidentification_id()),
                             static_cast<int32_t>(db::Int(row[8])), db::Bytes(row[9])));
  request.person_id = db::Text(row[10]);
  return request;
}

}  // namespace

absl::Status InsertReidentification(db::Transaction& txn, const TenantKeys& keys,
                                    const v1::Reidentification& request) {
  const Sealed sealed =
      keys.Seal(keys.Binding("reidentification", request.reidentification_id()), request.reason());
  return txn
      .Exec(kInsert, txn.tenant(), request.reidentification_id(), request.pseudonym(),
            request.requested_by(), FromTimestamp(request.requested_time()), sealed.key_version,
            db::Bytea{sealed.bytes})
      .status();
}

absl::StatusOr<std::optional<ReidentificationRow>> LockReidentification(db::Transaction& txn,
                                                                        const TenantKeys& keys,
                                                                        absl::string_view id) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kRead, kLocked), txn.tenant(), id));
  if (rows.empty()) return std::nullopt;
  return ReadRow(keys, rows[0]);
}

absl::StatusOr<std::vector<v1::Reidentification>> ReadReidentifications(db::Transaction& txn,
                                                                        const TenantKeys& keys) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kRead, kNewestFirst), txn.tenant()));
  std::vector<v1::Reidentification> requests;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(ReidentificationRow one, ReadRow(keys, row));
    requests.push_back(std::move(one.message));
  }
  return requests;
}

absl::Status DecideRow(db::Transaction& txn, const ReidentificationRow& row) {
  const v1::Reidentification& message = row.message;
  std::optional<absl::Time> expires;
  if (message.has_expires_time()) expires = FromTimestamp(message.expires_time());
  return txn
      .Exec(kDecide, txn.tenant(), message.reidentification_id(), message.decided_by(),
            FromTimestamp(message.decided_time()), message.granted(), expires, row.person_id)
      .status();
}

absl::StatusOr<std::vector<absl::Time>> ReidentifiedAt(db::Transaction& txn,
                                                       const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kGrantedOn, txn.tenant(), db::UuidArray(person_ids)));
  std::vector<absl::Time> instants;
  for (const pqxx::row& row : rows) instants.push_back(db::Instant(row[0]));
  return instants;
}

}  // namespace waymark::workforce
