#include "services/workforce/vault/vault.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"

namespace waymark::workforce {
namespace {

constexpr int kDataKey = 1;
constexpr int kIndexKey = 2;
constexpr size_t kTokenSize = 16;

constexpr char kReadKeys[] =
    "SELECT purpose, key_version, wrapping_version, wrapped_key, created_at FROM tenant_key"
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
constexpr char kRunningRotation[] =
    "SELECT count(*) FROM key_rotation WHERE tenant = $1 AND finished_at IS NULL";
constexpr char kCountResealed[] =
    "UPDATE key_rotation SET resealed_count = resealed_count + $3"
    " WHERE tenant = $1 AND key_version = $2";
constexpr char kFinishRotation[] =
    "UPDATE key_rotation SET finished_at = $3"
    " WHERE tenant = $1 AND key_version <= $2 AND finished_at IS NULL";

// Every table whose values outlive a rotation: what seals them there is BindingFor(tenant, table,
// the columns as text).
struct SealedTable {
  const char* table;
  const char* sealed;
  const char* columns;
};
constexpr SealedTable kSealedTables[] = {
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
};

struct KeyRow {
  int purpose = 0;
  int32_t key_version = 0;
  crypto::WrappedKey wrapped;
  absl::Time created;
};

absl::StatusOr<std::vector<KeyRow>> ReadKeys(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadKeys, txn.tenant()));
  std::vector<KeyRow> keys;
  for (const pqxx::row& row : rows) {
    keys.push_back({static_cast<int>(db::Int(row[0])),
                    static_cast<int32_t>(db::Int(row[1])),
                    {static_cast<int32_t>(db::Int(row[2])), db::Bytes(row[3])},
                    db::Instant(row[4])});
  }
  return keys;
}

}  // namespace

std::string BindingFor(absl::string_view tenant, absl::string_view table, absl::string_view a,
                       absl::string_view b, absl::string_view c) {
  return crypto::BindingOf({tenant, table, a, b, c});
}

Sealed TenantKeys::Seal(absl::string_view binding, absl::string_view plaintext) const {
  return {sealing_version_, crypto::Seal(*data_keys_.at(sealing_version_), binding, plaintext)};
}

absl::StatusOr<std::string> TenantKeys::Open(absl::string_view binding, int32_t key_version,
                                             absl::string_view sealed) const {
  const auto found = data_keys_.find(key_version);
  if (found == data_keys_.end()) {
    return status::DataLoss("KEY_VERSION_UNKNOWN", "The key of a stored value is not here.");
  }
  return crypto::Open(*found->second, binding, sealed);
}

std::string TenantKeys::Token(TokenKind kind, absl::string_view normalised) const {
  const char domain = static_cast<char>(kind);
  const crypto::Digest digest = crypto::HmacSha256(crypto::Bytes(index_key_->Reveal()),
                                                   {absl::string_view(&domain, 1), normalised});
  return std::string(crypto::Bytes(digest).substr(0, kTokenSize));
}

absl::StatusOr<Vault::Known> Vault::Load(absl::Time deadline, absl::string_view tenant) {
  const absl::Time now = clock_.Now();
  std::vector<KeyRow> rows;
  const auto read = [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(rows, ReadKeys(txn));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(database_.Transact(deadline, tenant, {.read_only = true}, read));
  if (rows.size() < 2) {
    // The first ones. Two processes may both try: what is stored is what both read back.
    RETURN_IF_ERROR(database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
      for (const int purpose : {kDataKey, kIndexKey}) {
        ASSIGN_OR_RETURN(const crypto::WrappedKey wrapped,
                         provider_.Wrap(tenant, crypto::NewDataKey()));
        RETURN_IF_ERROR(txn.Exec(kAddKey, txn.tenant(), purpose, 1, wrapped.key_version,
                                 db::Bytea{wrapped.bytes}, now)
                            .status());
      }
      return read(txn);
    }));
  }
  auto keys = std::make_shared<TenantKeys>();
  keys->tenant_ = std::string(tenant);
  Known known;
  known.looked_at = now;
  known.next_at = absl::InfiniteFuture();
  for (const KeyRow& row : rows) {
    ASSIGN_OR_RETURN(crypto::DataKey opened, provider_.Unwrap(tenant, row.wrapped));
    auto key = std::make_shared<const crypto::DataKey>(std::move(opened));
    if (row.purpose == kIndexKey) {
      keys->index_key_ = std::move(key);
      continue;
    }
    keys->data_keys_[row.key_version] = std::move(key);
    if (row.key_version == 1 || row.created + kSettle <= now) {
      keys->sealing_version_ = std::max(keys->sealing_version_, row.key_version);
    } else {
      known.next_at = std::min(known.next_at, row.created + kSettle);
    }
  }
  if (keys->index_key_ == nullptr || keys->sealing_version_ == 0) {
    return status::DataLoss("KEYS_MISSING", "The keys of this organisation are incomplete.");
  }
  known.keys = std::move(keys);
  return known;
}

absl::StatusOr<std::shared_ptr<const TenantKeys>> Vault::KeysOf(absl::Time deadline,
                                                                absl::string_view tenant) {
  const absl::Time now = clock_.Now();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = known_.find(tenant);
    if (found != known_.end() && now < found->second.looked_at + kLookEvery &&
        now < found->second.next_at) {
      return found->second.keys;
    }
  }
  ASSIGN_OR_RETURN(Known known, Load(deadline, tenant));
  std::lock_guard<std::mutex> lock(mutex_);
  known_[std::string(tenant)] = known;
  return known.keys;
}

absl::StatusOr<int32_t> Vault::Rotate(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::row running, txn.ExecRow(kRunningRotation, txn.tenant()));
  if (db::Int(running[0]) > 0) {
    return status::FailedPrecondition("ROTATION_RUNNING",
                                      "The last rotation is not finished: see GetKeyStatus.");
  }
  ASSIGN_OR_RETURN(const pqxx::row newest, txn.ExecRow(kNewestKey, txn.tenant()));
  const auto next = static_cast<int32_t>(db::Int(newest[0]) + 1);
  ASSIGN_OR_RETURN(const crypto::WrappedKey wrapped,
                   provider_.Wrap(txn.tenant(), crypto::NewDataKey()));
  const absl::Time now = clock_.Now();
  RETURN_IF_ERROR(txn.Exec(kAddKey, txn.tenant(), kDataKey, next, wrapped.key_version,
                           db::Bytea{wrapped.bytes}, now)
                      .status());
  RETURN_IF_ERROR(txn.Exec(kStartRotation, txn.tenant(), next, now).status());
  return next;
}

absl::StatusOr<int64_t> Vault::ResealBatch(absl::Time deadline, const TenantKeys& keys, int batch) {
  int64_t resealed = 0;
  RETURN_IF_ERROR(
      database_.Transact(deadline, keys.tenant(), [&](db::Transaction& txn) -> absl::Status {
        resealed = 0;
        for (const SealedTable& table : kSealedTables) {
          if (resealed >= batch) break;
          ASSIGN_OR_RETURN(
              const pqxx::result rows,
              txn.Exec(absl::StrCat("SELECT ctid::text, key_version, ", table.sealed, ", ",
                                    table.columns, " FROM ", table.table,
                                    " WHERE tenant = $1 AND key_version < $2"
                                    " ORDER BY key_version LIMIT $3 FOR UPDATE SKIP LOCKED"),
                       txn.tenant(), keys.sealing_version(), batch - resealed));
          if (rows.empty()) continue;
          std::vector<std::string> places;
          std::vector<std::string> values;
          for (const pqxx::row& row : rows) {
            const std::string binding =
                keys.Binding(table.table, db::Text(row[3]), db::Text(row[4]), db::Text(row[5]));
            ASSIGN_OR_RETURN(
                const std::string opened,
                keys.Open(binding, static_cast<int32_t>(db::Int(row[1])), db::Bytes(row[2])));
            places.push_back(db::Text(row[0]));
            values.push_back(keys.Seal(binding, opened).bytes);
          }
          // The rows are locked: none has moved since.
          RETURN_IF_ERROR(
              txn.Exec(absl::StrCat("UPDATE ", table.table, " AS t SET ", table.sealed,
                                    " = fresh.value, key_version = $2 FROM unnest($3::text[],"
                                    " $4::bytea[]) AS fresh(place, value)"
                                    " WHERE t.tenant = $1 AND t.ctid = fresh.place::tid"),
                       txn.tenant(), keys.sealing_version(), db::TextArray(places),
                       db::ByteaArray(values))
                  .status());
          resealed += static_cast<int64_t>(values.size());
        }
        if (resealed > 0) {
          return txn.Exec(kCountResealed, txn.tenant(), keys.sealing_version(), resealed).status();
        }
        ASSIGN_OR_RETURN(const KeyStatus now, StatusOf(txn));
        if (now.older_count > 0 || now.newest_version != keys.sealing_version()) {
          return absl::OkStatus();
        }
        return txn.Exec(kFinishRotation, txn.tenant(), keys.sealing_version(), clock_.Now())
            .status();
      }));
  return resealed;
}

absl::Status Vault::Rewrap(absl::Time deadline, absl::string_view tenant) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<KeyRow> rows, ReadKeys(txn));
    for (const KeyRow& row : rows) {
      if (row.wrapped.key_version >= provider_.NewestVersion()) continue;
      ASSIGN_OR_RETURN(const crypto::DataKey key, provider_.Unwrap(tenant, row.wrapped));
      ASSIGN_OR_RETURN(const crypto::WrappedKey wrapped, provider_.Wrap(tenant, key));
      RETURN_IF_ERROR(txn.Exec(kRewrapKey, txn.tenant(), row.purpose, row.key_version,
                               wrapped.key_version, db::Bytea{wrapped.bytes})
                          .status());
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<KeyStatus> Vault::StatusOf(db::Transaction& txn) {
  KeyStatus now;
  ASSIGN_OR_RETURN(const pqxx::row newest, txn.ExecRow(kNewestKey, txn.tenant()));
  now.newest_version = static_cast<int32_t>(db::Int(newest[0]));
  now.rotated_at = db::Instant(newest[1]);
  now.oldest_version = now.newest_version;
  for (const SealedTable& table : kSealedTables) {
    ASSIGN_OR_RETURN(
        const pqxx::row counted,
        txn.ExecRow(absl::StrCat("SELECT count(*), count(*) FILTER (WHERE key_version < $2),"
                                 " coalesce(min(key_version), $2) FROM ",
                                 table.table, " WHERE tenant = $1"),
                    txn.tenant(), now.newest_version));
    now.sealed_count += db::Int(counted[0]);
    now.older_count += db::Int(counted[1]);
    now.oldest_version = std::min(now.oldest_version, static_cast<int32_t>(db::Int(counted[2])));
  }
  return now;
}

}  // namespace waymark::workforce
