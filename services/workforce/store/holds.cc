#include "services/workforce/store/holds.h"

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::workforce {
namespace {

constexpr char kInsert[] =
    "INSERT INTO legal_hold (tenant, hold_id, person_id, set_by, set_at, key_version,"
    " sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr char kRead[] =
    "SELECT hold_id, person_id, set_by, set_at, lifted_at FROM legal_hold WHERE tenant = $1";
constexpr char kLocked[] = " AND lifted_at IS NULL AND hold_id = $2 FOR UPDATE";
constexpr char kNewestFirst[] = " AND lifted_at IS NULL ORDER BY set_at DESC, hold_id LIMIT 500";
constexpr char kOnPeople[] = " AND person_id = ANY ($2::uuid[]) ORDER BY set_at, hold_id";
constexpr char kLift[] =
    "UPDATE legal_hold SET lifted_by = $3, lifted_at = $4 WHERE tenant = $1 AND hold_id = $2"
    " AND lifted_at IS NULL";

v1::LegalHold ReadHold(const pqxx::row& row) {
  v1::LegalHold hold;
  hold.set_hold_id(db::Text(row[0]));
  hold.set_subject_id(db::Text(row[1]));
  hold.set_set_by(db::Text(row[2]));
  *hold.mutable_set_time() = casework::ToTimestamp(db::Instant(row[3]));
  if (const auto lifted = db::Optional<absl::Time>(row[4])) {
    *hold.mutable_lifted_time() = casework::ToTimestamp(*lifted);
  }
  return hold;
}

std::vector<v1::LegalHold> ToHolds(const pqxx::result& rows) {
  std::vector<v1::LegalHold> holds;
  for (const pqxx::row& row : rows) holds.push_back(ReadHold(row));
  return holds;
}

}  // namespace

absl::Status InsertHold(db::Transaction& txn, const TenantKeys& keys, const v1::LegalHold& hold,
                        absl::string_view reason) {
  const Sealed sealed = keys.Seal(keys.Binding("legal_hold", hold.hold_id()), reason);
  return txn
      .Exec(kInsert, txn.tenant(), hold.hold_id(), hold.subject_id(), hold.set_by(),
            casework::FromTimestamp(hold.set_time()), sealed.key_version, db::Bytea{sealed.bytes})
      .status();
}

absl::StatusOr<std::optional<v1::LegalHold>> LockHold(db::Transaction& txn,
                                                      absl::string_view hold_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kRead, kLocked), txn.tenant(), hold_id));
  if (rows.empty()) return std::nullopt;
  return ReadHold(rows[0]);
}

absl::Status LiftHold(db::Transaction& txn, absl::string_view hold_id, absl::string_view user_id,
                      absl::Time now) {
  return txn.Exec(kLift, txn.tenant(), hold_id, user_id, now).status();
}

absl::StatusOr<std::vector<v1::LegalHold>> ReadHolds(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kRead, kNewestFirst), txn.tenant()));
  return ToHolds(rows);
}

absl::StatusOr<std::vector<v1::LegalHold>> HoldsOn(db::Transaction& txn,
                                                   const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(absl::StrCat(kRead, kOnPeople), txn.tenant(),
                                                     db::UuidArray(person_ids)));
  return ToHolds(rows);
}

}  // namespace waymark::workforce
