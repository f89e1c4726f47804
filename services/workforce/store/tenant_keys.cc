#include "services/workforce/store/tenant_keys.h"

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"

namespace waymark::workforce {
namespace {

constexpr char kReadKeys[] =
    "SELECT purpose, key_version, wrapping_version, wrapped_key, created_at, retired_at"
    " FROM tenant_key"
    " WHERE tenant = $1 ORDER BY purpose, key_version";
constexpr char kAddKey[] =
    "INSERT INTO tenant_key"
    " (tenant, purpose, key_version, wrapping_version, wrapped_key, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
constexpr char kRewrapKey[] =
    "UPDATE tenant_key SET wrapping_version = $4, wrapped_key = $5"
    " WHERE tenant = $1 AND purpose = $2 AND key_version = $3 AND wrapping_version < $4";
constexpr char kNewestKey[] =
    "SELECT coalesce(max(key_version), 0), coalesce(max(created_at), '-infinity') FROM tenant_key"
    " WHERE tenant = $1 AND purpose = 1";
constexpr char kStartRotation[] =
    "INSERT INTO key_rotation (tenant, key_version, started_at) VALUES ($1, $2, $3)"
    " ON CONFLICT DO NOTHING";
constexpr char kFinishRotation[] =
    "UPDATE key_rotation SET finished_at = $3"
    " WHERE tenant = $1 AND key_version <= $2 AND finished_at IS NULL";

// A number of its own among advisory locks.
constexpr char kLockTokens[] = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 7464107))";
constexpr char kLockTokensAlone[] = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7464107))";
constexpr char kWaitFor[] = "SELECT set_config('lock_timeout', $1, true)";
constexpr char kRunning[] =
    "SELECT key_version, coalesce(tokens_after::text, '') FROM key_rotation"
    " WHERE tenant = $1 AND finished_at IS NULL ORDER BY key_version DESC LIMIT 1";
constexpr char kSetTokensAfter[] =
    "UPDATE key_rotation SET tokens_after = nullif($3, '')::uuid"
    " WHERE tenant = $1 AND key_version = $2";
constexpr char kWithoutTokens[] =
    "SELECT DISTINCT b.person_id FROM blind_index AS b WHERE b.tenant = $1"
    " AND ($3 = '' OR b.person_id > nullif($3, '')::uuid) AND NOT EXISTS (SELECT FROM blind_index"
    "  AS n WHERE n.tenant = $1 AND n.key_version = $2 AND n.person_id = b.person_id)"
    " ORDER BY b.person_id LIMIT $4";
constexpr char kRetire[] =
    "UPDATE tenant_key SET retired_at = $3"
    " WHERE tenant = $1 AND purpose = 2 AND key_version < $2 AND retired_at IS NULL";
constexpr char kDeleteKeys[] =
    "DELETE FROM tenant_key WHERE tenant = $1 AND purpose = 2 AND key_version < $2"
    " AND retired_at IS NOT NULL";
constexpr char kDeleteOlderTokens[] =
    "DELETE FROM blind_index WHERE tenant = $1 AND ctid = ANY (ARRAY (SELECT ctid FROM blind_index"
    " WHERE tenant = $1 AND key_version < $2 LIMIT $3))";
constexpr char kCountTokens[] =
    "SELECT count(*), count(*) FILTER (WHERE key_version < $2), coalesce(min(key_version), $2)"
    " FROM blind_index WHERE tenant = $1";

SealedCount ToCount(const pqxx::row& row) {
  return {db::Int(row[0]), db::Int(row[1]), static_cast<int32_t>(db::Int(row[2]))};
}

}  // namespace

absl::StatusOr<std::vector<KeyRow>> ReadKeys(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadKeys, txn.tenant()));
  std::vector<KeyRow> keys;
  for (const pqxx::row& row : rows) {
    keys.push_back({static_cast<KeyPurpose>(db::Int(row[0])),
                    static_cast<int32_t>(db::Int(row[1])),
                    {static_cast<int32_t>(db::Int(row[2])), db::Bytes(row[3])},
                    db::Instant(row[4]),
                    db::Optional<absl::Time>(row[5])});
  }
  return keys;
}

absl::Status AddKey(db::Transaction& txn, const KeyRow& key) {
  return txn
      .Exec(kAddKey, txn.tenant(), static_cast<int>(key.purpose), key.key_version,
            key.wrapped.key_version, db::Bytea{key.wrapped.bytes}, key.created)
      .status();
}

absl::Status RewrapKey(db::Transaction& txn, const KeyRow& key) {
  return txn
      .Exec(kRewrapKey, txn.tenant(), static_cast<int>(key.purpose), key.key_version,
            key.wrapped.key_version, db::Bytea{key.wrapped.bytes})
      .status();
}

absl::StatusOr<NewestKey> NewestDataKey(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kNewestKey, txn.tenant()));
  return NewestKey{static_cast<int32_t>(db::Int(row[0])), db::Instant(row[1])};
}

absl::Status StartRotation(db::Transaction& txn, int32_t key_version, absl::Time now) {
  return txn.Exec(kStartRotation, txn.tenant(), key_version, now).status();
}

absl::Status FinishRotations(db::Transaction& txn, int32_t key_version, absl::Time now) {
  return txn.Exec(kFinishRotation, txn.tenant(), key_version, now).status();
}

const std::vector<SealedTable>& SealedTables() {
  static const auto* const tables = new std::vector<SealedTable>{
      {"person_field", "sealed", "person_id::text, field::text, version::text"},
      {"former_identity", "sealed", "former_id::text, person_id::text, ''"},
      {"employment_slice", "sealed_numbers", "person_id::text, employment_id::text, from_on::text"},
      {"break_glass", "sealed_reason", "grant_id::text, '', ''"},
      {"reidentification", "sealed_reason", "reidentification_id::text, '', ''"},
      {"merge", "sealed_reason", "merge_id::text, '', ''"},
      {"transfer", "sealed_offer", "transfer_id::text, '', ''"},
      {"legal_hold", "sealed_reason", "hold_id::text, '', ''"},
      {"fitness_statement", "sealed", "statement_id::text, '', ''"},
      {"fitness_proposal", "sealed", "proposal_id::text, '', ''"},
      {"fitness_release", "sealed", "sequence::text, '', ''"},
      {"fitness_webhook", "sealed", "'', '', ''"},
      {"scim_user", "sealed", "person_id::text, '', ''"},
  };
  return *tables;
}

absl::StatusOr<std::vector<SealedRow>> LockOlderSealed(db::Transaction& txn,
                                                       const SealedTable& table,
                                                       int32_t key_version, int64_t limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat("SELECT ctid::text, key_version, ", table.sealed, ", ",
                                         table.columns, " FROM ", table.table,
                                         " WHERE tenant = $1 AND key_version < $2"
                                         " ORDER BY key_version LIMIT $3 FOR UPDATE SKIP LOCKED"),
                            txn.tenant(), key_version, limit));
  std::vector<SealedRow> sealed;
  for (const pqxx::row& row : rows) {
    sealed.push_back({db::Text(row[0]), static_cast<int32_t>(db::Int(row[1])), db::Bytes(row[2]),
                      db::Text(row[3]), db::Text(row[4]), db::Text(row[5])});
  }
  return sealed;
}

absl::Status ReplaceSealed(db::Transaction& txn, const SealedTable& table,
                           const std::vector<SealedRow>& rows, int32_t key_version) {
  std::vector<std::string> places;
  std::vector<std::string> values;
  for (const SealedRow& row : rows) {
    places.push_back(row.place);
    values.push_back(row.sealed);
  }
  return txn
      .Exec(absl::StrCat("UPDATE ", table.table, " AS t SET ", table.sealed,
                         " = fresh.value, key_version = $2 FROM unnest($3::text[], $4::bytea[])"
                         " AS fresh(place, value)"
                         " WHERE t.tenant = $1 AND t.ctid = fresh.place::tid"),
            txn.tenant(), key_version, db::TextArray(places), db::ByteaArray(values))
      .status();
}

absl::StatusOr<SealedCount> CountSealed(db::Transaction& txn, const SealedTable& table,
                                        int32_t key_version) {
  ASSIGN_OR_RETURN(
      const pqxx::row counted,
      txn.ExecRow(absl::StrCat("SELECT count(*), count(*) FILTER (WHERE key_version < $2),"
                               " coalesce(min(key_version), $2) FROM ",
                               table.table, " WHERE tenant = $1"),
                  txn.tenant(), key_version));
  return ToCount(counted);
}

absl::StatusOr<SealedCount> CountTokens(db::Transaction& txn, int32_t key_version) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kCountTokens, txn.tenant(), key_version));
  return ToCount(row);
}

absl::Status LockTokens(db::Transaction& txn) {
  return txn.Exec(kLockTokens, txn.tenant()).status();
}

absl::Status LockTokensAlone(db::Transaction& txn) {
  RETURN_IF_ERROR(txn.Exec(kWaitFor, "200ms").status());
  RETURN_IF_ERROR(txn.Exec(kLockTokensAlone, txn.tenant()).status());
  return txn.Exec(kWaitFor, "0").status();
}

absl::StatusOr<std::optional<TokenRotation>> RunningRotation(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kRunning, txn.tenant()));
  if (rows.empty()) return std::nullopt;
  return TokenRotation{static_cast<int32_t>(db::Int(rows[0][0])), db::Text(rows[0][1])};
}

absl::Status SetTokensAfter(db::Transaction& txn, int32_t key_version, const std::string& after) {
  return txn.Exec(kSetTokensAfter, txn.tenant(), key_version, after).status();
}

absl::StatusOr<std::vector<std::string>> PeopleWithoutTokens(db::Transaction& txn,
                                                             int32_t key_version,
                                                             const std::string& after, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kWithoutTokens, txn.tenant(), key_version, after, limit));
  std::vector<std::string> people;
  for (const pqxx::row& row : rows) people.push_back(db::Text(row[0]));
  return people;
}

absl::Status RetireIndexKeys(db::Transaction& txn, int32_t key_version, absl::Time now) {
  return txn.Exec(kRetire, txn.tenant(), key_version, now).status();
}

absl::Status DeleteIndexKeys(db::Transaction& txn, int32_t key_version) {
  return txn.Exec(kDeleteKeys, txn.tenant(), key_version).status();
}

absl::StatusOr<int64_t> DeleteOlderTokens(db::Transaction& txn, int32_t key_version, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kDeleteOlderTokens, txn.tenant(), key_version, limit));
  return static_cast<int64_t>(rows.affected_rows());
}

}  // namespace waymark::workforce
