#include "services/workforce/vault/vault.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/workforce/store/tenant_keys.h"

namespace waymark::workforce {
namespace {

constexpr size_t kTokenSize = 16;
constexpr KeyPurpose kPurposes[] = {KeyPurpose::kData, KeyPurpose::kIndex, KeyPurpose::kSource};

std::string TokenUnder(const crypto::DataKey& key, TokenKind kind, absl::string_view normalised) {
  const char domain = static_cast<char>(kind);
  const crypto::Digest digest =
      crypto::HmacSha256(crypto::Bytes(key.Reveal()), {absl::string_view(&domain, 1), normalised});
  return std::string(crypto::Bytes(digest).substr(0, kTokenSize));
}

bool HasEveryPurpose(const std::vector<KeyRow>& rows) {
  return std::all_of(std::begin(kPurposes), std::end(kPurposes), [&](KeyPurpose purpose) {
    return std::any_of(rows.begin(), rows.end(),
                       [&](const KeyRow& row) { return row.purpose == purpose; });
  });
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

std::vector<TenantKeys::IndexToken> TenantKeys::IndexTokens(TokenKind kind,
                                                            absl::string_view normalised) const {
  std::vector<IndexToken> tokens;
  for (const auto& [version, index] : index_keys_) {
    tokens.push_back({version, !index.retired, TokenUnder(*index.key, kind, normalised)});
  }
  return tokens;
}

std::string TenantKeys::Token(TokenKind kind, absl::string_view normalised) const {
  return TokenUnder(*source_key_, kind, normalised);
}

absl::StatusOr<Vault::Known> Vault::Load(absl::Time deadline, absl::string_view tenant) {
  const absl::Time now = clock_.Now();
  std::vector<KeyRow> rows;
  const auto read = [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(rows, ReadKeys(txn));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(database_.Transact(deadline, tenant, {.read_only = true}, read));
  if (!HasEveryPurpose(rows)) {
    // The first ones. Two processes may both try: what is stored is what both read back.
    RETURN_IF_ERROR(database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
      for (const KeyPurpose purpose : kPurposes) {
        ASSIGN_OR_RETURN(const crypto::WrappedKey wrapped,
                         provider_.Wrap(tenant, crypto::NewDataKey()));
        RETURN_IF_ERROR(AddKey(txn, {purpose, 1, wrapped, now, std::nullopt}));
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
    if (row.purpose == KeyPurpose::kSource) {
      keys->source_key_ = std::move(key);
      continue;
    }
    const bool settled = row.key_version == 1 || row.created + kSettle <= now;
    if (!settled) known.next_at = std::min(known.next_at, row.created + kSettle);
    int32_t& newest =
        row.purpose == KeyPurpose::kIndex ? keys->index_version_ : keys->sealing_version_;
    if (settled) newest = std::max(newest, row.key_version);
    if (row.purpose == KeyPurpose::kIndex) {
      keys->index_keys_[row.key_version] = {row.retired.has_value(), std::move(key)};
    } else {
      keys->data_keys_[row.key_version] = std::move(key);
    }
  }
  if (keys->source_key_ == nullptr || keys->index_version_ == 0 || keys->sealing_version_ == 0) {
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
  ASSIGN_OR_RETURN(const std::optional<TokenRotation> running, RunningRotation(txn));
  if (running) {
    return status::FailedPrecondition("ROTATION_RUNNING",
                                      "The last rotation is not finished: see GetKeyStatus.");
  }
  ASSIGN_OR_RETURN(const NewestKey newest, NewestDataKey(txn));
  const int32_t next = newest.key_version + 1;
  const absl::Time now = clock_.Now();
  for (const KeyPurpose purpose : {KeyPurpose::kData, KeyPurpose::kIndex}) {
    ASSIGN_OR_RETURN(const crypto::WrappedKey wrapped,
                     provider_.Wrap(txn.tenant(), crypto::NewDataKey()));
    RETURN_IF_ERROR(AddKey(txn, {purpose, next, wrapped, now, std::nullopt}));
  }
  RETURN_IF_ERROR(StartRotation(txn, next, now));
  return next;
}

absl::StatusOr<int64_t> Vault::ResealBatch(absl::Time deadline, const TenantKeys& keys, int batch) {
  int64_t resealed = 0;
  RETURN_IF_ERROR(
      database_.Transact(deadline, keys.tenant(), [&](db::Transaction& txn) -> absl::Status {
        resealed = 0;
        for (const SealedTable& table : SealedTables()) {
          if (resealed >= batch) break;
          ASSIGN_OR_RETURN(std::vector<SealedRow> rows,
                           LockOlderSealed(txn, table, keys.sealing_version(), batch - resealed));
          if (rows.empty()) continue;
          for (SealedRow& row : rows) {
            const std::string binding = keys.Binding(table.table, row.a, row.b, row.c);
            ASSIGN_OR_RETURN(const std::string opened,
                             keys.Open(binding, row.key_version, row.sealed));
            row.sealed = keys.Seal(binding, opened).bytes;
          }
          RETURN_IF_ERROR(ReplaceSealed(txn, table, rows, keys.sealing_version()));
          resealed += static_cast<int64_t>(rows.size());
        }
        if (resealed > 0) return absl::OkStatus();
        ASSIGN_OR_RETURN(const std::optional<TokenRotation> running, RunningRotation(txn));
        if (!running || running->key_version != keys.sealing_version()) return absl::OkStatus();
        ASSIGN_OR_RETURN(const std::vector<KeyRow> kept, ReadKeys(txn));
        const bool index_rotates = std::any_of(kept.begin(), kept.end(), [&](const KeyRow& row) {
          return row.purpose == KeyPurpose::kIndex && row.key_version < running->key_version;
        });
        if (index_rotates) return absl::OkStatus();
        // Last, as it counts every table: the index key takes most of the time, a batch each.
        ASSIGN_OR_RETURN(const KeyStatus now, StatusOf(txn));
        if (now.older_count > 0) return absl::OkStatus();
        return FinishRotations(txn, keys.sealing_version(), clock_.Now());
      }));
  return resealed;
}

absl::Status Vault::Rewrap(absl::Time deadline, absl::string_view tenant) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<KeyRow> rows, ReadKeys(txn));
    for (KeyRow row : rows) {
      if (row.wrapped.key_version >= provider_.NewestVersion()) continue;
      ASSIGN_OR_RETURN(const crypto::DataKey key, provider_.Unwrap(tenant, row.wrapped));
      ASSIGN_OR_RETURN(row.wrapped, provider_.Wrap(tenant, key));
      RETURN_IF_ERROR(RewrapKey(txn, row));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<KeyStatus> Vault::StatusOf(db::Transaction& txn) {
  KeyStatus now;
  ASSIGN_OR_RETURN(const NewestKey newest, NewestDataKey(txn));
  now.newest_version = newest.key_version;
  now.rotated_at = newest.created;
  now.oldest_version = now.newest_version;
  for (const SealedTable& table : SealedTables()) {
    ASSIGN_OR_RETURN(const SealedCount counted, CountSealed(txn, table, now.newest_version));
    now.sealed_count += counted.all;
    now.older_count += counted.older;
    now.oldest_version = std::min(now.oldest_version, counted.oldest_version);
  }
  ASSIGN_OR_RETURN(const SealedCount tokens, CountTokens(txn, now.newest_version));
  now.sealed_count += tokens.all;
  now.older_count += tokens.older;
  now.oldest_version = std::min(now.oldest_version, tokens.oldest_version);
  return now;
}

}  // namespace waymark::workforce
