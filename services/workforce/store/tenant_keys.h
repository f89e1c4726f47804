// The tenant's wrapped keys, their rotations, and the sealed values that a rotation has to reach.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_TENANT_KEYS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_TENANT_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/transaction.h"

namespace waymark::workforce {

// As the database numbers them.
enum class KeyPurpose { kData = 1, kIndex = 2, kSource = 3 };

struct KeyRow {
  KeyPurpose purpose = KeyPurpose::kData;
  int32_t key_version = 0;
  crypto::WrappedKey wrapped;
  absl::Time created;
  // Of an index key: since when it makes no tokens.
  std::optional<absl::Time> retired;
};

// By purpose and version.
absl::StatusOr<std::vector<KeyRow>> ReadKeys(db::Transaction& txn);
// Nothing happens when this version of this purpose is there already.
absl::Status AddKey(db::Transaction& txn, const KeyRow& key);
// Stores the wrapping of a key that is there, unless a newer one is stored.
absl::Status RewrapKey(db::Transaction& txn, const KeyRow& key);

// The newest data key: its version (0 before the first) and when it was made.
struct NewestKey {
  int32_t key_version = 0;
  absl::Time created;
};
absl::StatusOr<NewestKey> NewestDataKey(db::Transaction& txn);

// A rotation is the way to one data key version.
absl::Status StartRotation(db::Transaction& txn, int32_t key_version, absl::Time now);
// Those to this version and to earlier ones.
absl::Status FinishRotations(db::Transaction& txn, int32_t key_version, absl::Time now);

// A table whose values outlive a rotation. A value is bound to Binding(table, the columns as text).
struct SealedTable {
  const char* table;
  const char* sealed;
  const char* columns;
};
const std::vector<SealedTable>& SealedTables();

struct SealedRow {
  // Where it stands, for as long as it is locked.
  std::string place;
  int32_t key_version = 0;
  std::string sealed;
  // What it is bound to.
  std::string a;
  std::string b;
  std::string c;
};
// Rows that a key older than `key_version` seals, the oldest key first, locked; rows that others
// lock are left to them.
absl::StatusOr<std::vector<SealedRow>> LockOlderSealed(db::Transaction& txn,
                                                       const SealedTable& table,
                                                       int32_t key_version, int64_t limit);
// Stores `sealed` of rows that are locked in this transaction, all under `key_version`.
absl::Status ReplaceSealed(db::Transaction& txn, const SealedTable& table,
                           const std::vector<SealedRow>& rows, int32_t key_version);

// ---- The index key's way: every process learns of the new version, everybody gets tokens of it
// beside the old ones, the old version is retired, its tokens go, it goes.

// Taken before tokens are written or people erased, shared, until the transaction ends; alone by a
// batch of the rotation, which is over in moments. So a batch never works on what somebody is
// changing.
absl::Status LockTokens(db::Transaction& txn);
// Waits for a fifth of a second, and whoever comes after waits behind; then the statement fails
// with SQLSTATE 55P03: an import holds the lock for minutes.
absl::Status LockTokensAlone(db::Transaction& txn);

// How far the running rotation has come; nothing when none runs.
struct TokenRotation {
  int32_t key_version = 0;
  // Whoever comes up to here in the order of ids was looked at; empty: nobody yet.
  std::string after;
};
absl::StatusOr<std::optional<TokenRotation>> RunningRotation(db::Transaction& txn);
absl::Status SetTokensAfter(db::Transaction& txn, int32_t key_version, const std::string& after);
// People after `after` who have tokens and none of this version, in order of id.
absl::StatusOr<std::vector<std::string>> PeopleWithoutTokens(db::Transaction& txn,
                                                             int32_t key_version,
                                                             const std::string& after, int limit);
// Older versions of the index key than this one: retired, unless they are; deleted.
absl::Status RetireIndexKeys(db::Transaction& txn, int32_t key_version, absl::Time now);
absl::Status DeleteIndexKeys(db::Transaction& txn, int32_t key_version);
// Deletes tokens of older versions than this one; returns how many.
absl::StatusOr<int64_t> DeleteOlderTokens(db::Transaction& txn, int32_t key_version, int limit);

struct SealedCount {
  int64_t all = 0;
  // Those under a key older than the one asked for, and the oldest of these (itself when none is).
  int64_t older = 0;
  int32_t oldest_version = 0;
};
absl::StatusOr<SealedCount> CountSealed(db::Transaction& txn, const SealedTable& table,
                                        int32_t key_version);
// The same of tokens.
absl::StatusOr<SealedCount> CountTokens(db::Transaction& txn, int32_t key_version);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_TENANT_KEYS_H_
