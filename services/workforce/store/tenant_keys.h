// The tenant's wrapped keys, their rotations, and the sealed values that a rotation has to reach.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_TENANT_KEYS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_TENANT_KEYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/transaction.h"

namespace waymark::workforce {

// As the database numbers them.
enum class KeyPurpose { kData = 1, kIndex = 2 };

struct KeyRow {
  KeyPurpose purpose = KeyPurpose::kData;
  int32_t key_version = 0;
  crypto::WrappedKey wrapped;
  absl::Time created;
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
absl::StatusOr<bool> RotationRuns(db::Transaction& txn);
absl::Status CountResealed(db::Transaction& txn, int32_t key_version, int64_t resealed);
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

struct SealedCount {
  int64_t all = 0;
  // Those under a key older than the one asked for, and the oldest of these (itself when none is).
  int64_t older = 0;
  int32_t oldest_version = 0;
};
absl::StatusOr<SealedCount> CountSealed(db::Transaction& txn, const SealedTable& table,
                                        int32_t key_version);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_TENANT_KEYS_H_
