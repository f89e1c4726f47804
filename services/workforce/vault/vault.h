// Seals every value that says who somebody is, under the tenant's data key, and makes the tokens
// they are found by.
//
// A tenant has one data key a version, wrapped in tenant_key and unwrapped once for each process:
// reading a list of a thousand names costs no call to the key provider. A new version seals only a
// minute after it was made, and every process looks for new ones twice a minute, so that nobody
// meets a value whose key they do not know.
#ifndef WAYMARK_SERVICES_WORKFORCE_VAULT_VAULT_H_
#define WAYMARK_SERVICES_WORKFORCE_VAULT_VAULT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/crypto.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "services/workforce/vault/fields.h"

namespace waymark::workforce {

struct Sealed {
  int32_t key_version = 0;
  std::string bytes;
};

// What a value of a row is bound to: the tenant, the table, and up to three columns that say which
// row it is (for a field of a person: person, field, version).
std::string BindingFor(absl::string_view tenant, absl::string_view table, absl::string_view a,
                       absl::string_view b = "", absl::string_view c = "");

// The unwrapped keys of one tenant, as they are now. Immutable and thread-safe.
class TenantKeys {
 public:
  // The tenant's own tenant code: bind it into what you seal.
  const std::string& tenant() const { return tenant_; }
  std::string Binding(absl::string_view table, absl::string_view a, absl::string_view b = "",
                      absl::string_view c = "") const {
    return BindingFor(tenant_, table, a, b, c);
  }
  // What seals now.
  int32_t sealing_version() const { return sealing_version_; }

  // `binding` is Binding(table, ...).
  Sealed Seal(absl::string_view binding, absl::string_view plaintext) const;
  // DATA_LOSS SEAL_BROKEN: not sealed here for this binding; DATA_LOSS KEY_VERSION_UNKNOWN.
  absl::StatusOr<std::string> Open(absl::string_view binding, int32_t key_version,
                                   absl::string_view sealed) const;

  // What blind_index holds of a value, and what it is looked up by: 16 bytes under each version of
  // the index key that is known here, newest first; `normalised` as fields.h spells it. Tokens are
  // written under the versions that are `written`.
  struct IndexToken {
    int32_t key_version = 0;
    bool written = true;
    std::string token;
  };
  std::vector<IndexToken> IndexTokens(TokenKind kind, absl::string_view normalised) const;
  // The newest version that every process knows by now.
  int32_t index_version() const { return index_version_; }

  // 16 bytes for what a source calls somebody and says of them (kExternalId and on). The same text
  // gives the same token for as long as the tenant lives.
  std::string Token(TokenKind kind, absl::string_view normalised) const;

 private:
  friend class Vault;
  struct IndexKey {
    bool retired = false;
    std::shared_ptr<const crypto::DataKey> key;
  };
  std::string tenant_;
  int32_t sealing_version_ = 0;
  int32_t index_version_ = 0;
  std::map<int32_t, std::shared_ptr<const crypto::DataKey>> data_keys_;
  std::map<int32_t, IndexKey, std::greater<>> index_keys_;
  std::shared_ptr<const crypto::DataKey> source_key_;
};

// How far a rotation has come: values that are sealed, and tokens.
struct KeyStatus {
  int32_t newest_version = 0;
  int32_t oldest_version = 0;
  int64_t sealed_count = 0;
  int64_t older_count = 0;
  absl::Time rotated_at;
};

// Thread-safe.
class Vault {
 public:
  // Between the making of a key and its first use.
  static constexpr absl::Duration kSettle = absl::Minutes(1);
  static constexpr absl::Duration kLookEvery = absl::Seconds(30);

  Vault(db::Database& database, const crypto::KeyProvider& provider, const clock::Clock& real)
      : database_(database), provider_(provider), clock_(real) {}

  // The tenant's keys; makes the first ones. May run a transaction of its own: never call it inside
  // one.
  absl::StatusOr<std::shared_ptr<const TenantKeys>> KeysOf(absl::Time deadline,
                                                           absl::string_view tenant);

  // Makes the next version of the data and the index key in `txn`. FAILED_PRECONDITION
  // ROTATION_RUNNING while one is not finished.
  absl::StatusOr<int32_t> Rotate(db::Transaction& txn);

  // Seals up to `batch` values anew that an older key than `keys` seals; returns how many: call it
  // until 0. Each batch is a transaction that locks only its own rows, so reads and writes go on.
  absl::StatusOr<int64_t> ResealBatch(absl::Time deadline, const TenantKeys& keys, int batch);

  // Wraps the tenant's keys anew under the provider's newest version. Cheap when nothing is to do.
  absl::Status Rewrap(absl::Time deadline, absl::string_view tenant);

  absl::StatusOr<KeyStatus> StatusOf(db::Transaction& txn);

 private:
  struct Known {
    std::shared_ptr<const TenantKeys> keys;
    absl::Time looked_at;
    // When a version that is made already may seal.
    absl::Time next_at;
  };
  absl::StatusOr<Known> Load(absl::Time deadline, absl::string_view tenant);

  db::Database& database_;
  const crypto::KeyProvider& provider_;
  const clock::Clock& clock_;
  // Guards what follows. Not absl::Mutex: as in crypto::FileKeyProvider.
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Known> known_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_VAULT_VAULT_H_
