#include "services/workforce/store/break_glass.h"

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::workforce {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;

constexpr char kInsert[] =
    "INSERT INTO break_glass (tenant, grant_id, person_id, opened_by, opened_at, expires_at,"
    " review_due_at, key_version, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr char kRead[] =
    "SELECT grant_id, person_id, opened_by, opened_at, expires_at, review_due_at,"
    " coalesce(reviewed_by, ''), reviewed_at, coalesce(justified, false), key_version,"
    " sealed_reason FROM break_glass WHERE tenant = $1";
constexpr char kNewestFirst[] =
    " AND (NOT $2 OR reviewed_at IS NULL)"
    " ORDER BY (reviewed_at IS NOT NULL), opened_at DESC, grant_id LIMIT 500";
constexpr char kLocked[] = " AND grant_id = $2 FOR UPDATE";
constexpr char kOnPeople[] = " AND person_id = ANY ($2::uuid[]) ORDER BY opened_at, grant_id";
constexpr char kReview[] =
    "UPDATE break_glass SET reviewed_by = $3, reviewed_at = $4, justified = $5, key_version = $6,"
    " sealed_reason = $7 WHERE tenant = $1 AND grant_id = $2";
constexpr char kCountOverdue[] =
    "SELECT count(*) FROM break_glass WHERE tenant = $1 AND reviewed_at IS NULL"
    " AND review_due_at <= $2";

absl::StatusOr<v1::BreakGlassUse> ReadUse(const TenantKeys& keys, const pqxx::row& row) {
  v1::BreakGlassUse use;
  use.set_grant_id(db::Text(row[0]));
  use.set_subject_id(db::Text(row[1]));
  use.set_opened_by(db::Text(row[2]));
  *use.mutable_opened_time() = ToTimestamp(db::Instant(row[3]));
  *use.mutable_expires_time() = ToTimestamp(db::Instant(row[4]));
  *use.mutable_review_due_time() = ToTimestamp(db::Instant(row[5]));
  use.set_reviewed_by(db::Text(row[6]));
  if (const auto at = db::Optional<absl::Time>(row[7])) {
    *use.mutable_reviewed_time() = ToTimestamp(*at);
  }
  use.set_justified(db::Bool(row[8]));
  ASSIGN_OR_RETURN(*use.mutable_reason(),
                   keys.Open(keys.Binding("break_glass", use.grant_id()),
                             static_cast<int32_t>(db::Int(row[9])), db::Bytes(row[10])));
  return use;
}

absl::StatusOr<std::vector<v1::BreakGlassUse>> ReadUses(const TenantKeys& keys,
                                                        const pqxx::result& rows) {
  std::vector<v1::BreakGlassUse> uses;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(uses.emplace_back(), ReadUse(keys, row));
  }
  return uses;
}

Sealed SealReason(const TenantKeys& keys, const v1::BreakGlassUse& use) {
  return keys.Seal(keys.Binding("break_glass", use.grant_id()), use.reason());
}

}  // namespace

absl::Status InsertGlass(db::Transaction& txn, const TenantKeys& keys,
                         const v1::BreakGlassUse& use) {
  const Sealed sealed = SealReason(keys, use);
  return txn
      .Exec(kInsert, txn.tenant(), use.grant_id(), use.subject_id(), use.opened_by(),
            FromTimestamp(use.opened_time()), FromTimestamp(use.expires_time()),
            FromTimestamp(use.review_due_time()), sealed.key_version, db::Bytea{sealed.bytes})
      .status();
}

absl::StatusOr<std::vector<v1::BreakGlassUse>> ReadGlasses(db::Transaction& txn,
                                                           const TenantKeys& keys, bool open_only) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kRead, kNewestFirst), txn.tenant(), open_only));
  return ReadUses(keys, rows);
}

absl::StatusOr<std::optional<v1::BreakGlassUse>> LockGlass(db::Transaction& txn,
                                                           const TenantKeys& keys,
                                                           absl::string_view grant_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kRead, kLocked), txn.tenant(), grant_id));
  if (rows.empty()) return std::nullopt;
  return ReadUse(keys, rows[0]);
}

absl::StatusOr<std::vector<v1::BreakGlassUse>> GlassesOn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(absl::StrCat(kRead, kOnPeople), txn.tenant(),
                                                     db::UuidArray(person_ids)));
  return ReadUses(keys, rows);
}

absl::Status ReviewGlass(db::Transaction& txn, const TenantKeys& keys,
                         const v1::BreakGlassUse& use) {
  const Sealed sealed = SealReason(keys, use);
  return txn
      .Exec(kReview, txn.tenant(), use.grant_id(), use.reviewed_by(),
            FromTimestamp(use.reviewed_time()), use.justified(), sealed.key_version,
            db::Bytea{sealed.bytes})
      .status();
}

absl::StatusOr<int64_t> CountOverdueGlasses(db::Transaction& txn, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kCountOverdue, txn.tenant(), now));
  return db::Int(row[0]);
}

}  // namespace waymark::workforce
