// Who holds the keys that wrap data keys. A hardware module or a cloud key service is another
// KeyProvider; the one here keeps them in files.
#ifndef WAYMARK_COMMON_CRYPTO_KEY_PROVIDER_H_
#define WAYMARK_COMMON_CRYPTO_KEY_PROVIDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/crypto.h"
#include "common/crypto/secret.h"

namespace waymark::crypto {

// A data key that only the key of that tenant and version opens. Destroying the wrapped key erases
// everything sealed under it.
struct WrappedKey {
  int32_t key_version = 0;
  std::string bytes;
};

class KeyProvider {
 public:
  virtual ~KeyProvider() = default;
  // Under the tenant's newest key. Thread-safe. UNAVAILABLE when the provider cannot be reached.
  virtual absl::StatusOr<WrappedKey> Wrap(absl::string_view tenant, const DataKey& key) const = 0;
  // DATA_LOSS KEY_BROKEN when `wrapped` was not made for this tenant; FAILED_PRECONDITION
  // KEY_VERSION_UNKNOWN when that version is not held (any more).
  virtual absl::StatusOr<DataKey> Unwrap(absl::string_view tenant,
                                         const WrappedKey& wrapped) const = 0;
  // The version that Wrap uses now: rows wrapped under an older one are due to be wrapped again.
  virtual int32_t NewestVersion() const = 0;
};

// Keys in a folder, one file of 32 random bytes a version: 1.key, 2.key ... readable by their owner
// only. A tenant's key is derived from the version's key and the tenant, so tenants share none. The
// highest version wraps, every version unwraps. Wrap and Unwrap cost about a microsecond.
class FileKeyProvider final : public KeyProvider {
 public:
  // FAILED_PRECONDITION when the folder holds no key (KEYS_MISSING), a key file can be read by
  // others (KEY_FILE_MODE) or is not 32 bytes (KEY_SIZE).
  static absl::StatusOr<std::unique_ptr<FileKeyProvider>> Load(absl::string_view folder);

  // Takes up versions added to the folder. A rotation adds a file and never rewrites one: a known
  // version with other bytes (KEY_CHANGED) or a lower highest version (KEY_VERSION_WENT_BACK) is
  // refused with FAILED_PRECONDITION, and the keys held stay in use.
  absl::Status Reload();

  absl::StatusOr<WrappedKey> Wrap(absl::string_view tenant, const DataKey& key) const override;
  absl::StatusOr<DataKey> Unwrap(absl::string_view tenant,
                                 const WrappedKey& wrapped) const override;
  int32_t NewestVersion() const override;

 private:
  using Keys = std::map<int32_t, std::shared_ptr<const DataKey>>;

  explicit FileKeyProvider(std::string folder) : folder_(std::move(folder)) {}
  // The tenant's key of `version`; null when that version is not held.
  std::shared_ptr<const DataKey> TenantKey(absl::string_view tenant, int32_t version) const;

  const std::string folder_;
  // Guards what follows. Not absl::Mutex: Debian's is built without ThreadSanitizer's marks, so
  // every use of it is reported as a race.
  mutable std::mutex mutex_;
  Keys keys_;
  mutable absl::flat_hash_map<std::pair<int32_t, std::string>, std::shared_ptr<const DataKey>>
      tenant_keys_;
};

// Adds the next version to `folder` (created with mode 0700 if missing), durably and never over an
// existing file; returns its number. What rotation and the first start call.
absl::StatusOr<int32_t> CreateKeyFile(absl::string_view folder);

// The 32 bytes of one key file, under the same demands as a folder's: a pseudonym root, an audit
// signing seed. NOT_FOUND KEYS_MISSING when there is none.
absl::StatusOr<SecretBytes> ReadKeyFile(absl::string_view path);
// Writes `path` with 32 random bytes, mode 0600, durably; ALREADY_EXISTS KEY_EXISTS if it exists.
absl::Status WriteKeyFile(absl::string_view path);

// One value with a data key of its own, for what is stored or sent alone.
struct Envelope {
  WrappedKey key;
  std::string sealed;
};
absl::StatusOr<Envelope> SealEnvelope(const KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view plaintext);
// Errors as Unwrap and Open.
absl::StatusOr<std::string> OpenEnvelope(const KeyProvider& keys, absl::string_view tenant,
                                         absl::string_view binding, const Envelope& envelope);

}  // namespace waymark::crypto

#endif  // WAYMARK_COMMON_CRYPTO_KEY_PROVIDER_H_
