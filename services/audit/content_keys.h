// The data keys under which contents are kept: one a tenant at a time, renewed every 30 days or
// when the wrapping key was rotated, unwrapped once and then held in memory.
#ifndef WAYMARK_SERVICES_AUDIT_CONTENT_KEYS_H_
#define WAYMARK_SERVICES_AUDIT_CONTENT_KEYS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/crypto/secret.h"
#include "common/db/database.h"

namespace waymark::audit {

struct ContentKeyHandle {
  int32_t key_id = 0;
  std::shared_ptr<const crypto::DataKey> key;
};

// Thread-safe. Both calls may run a transaction of their own: never call them inside one, the pool
// might have no second connection to give.
class ContentKeys {
 public:
  ContentKeys(db::Database& database, const crypto::KeyProvider& provider,
              const clock::Clock& real_clock)
      : database_(database), provider_(provider), clock_(real_clock) {}

  // The key that seals now.
  absl::StatusOr<ContentKeyHandle> Current(absl::Time deadline, absl::string_view tenant);
  // The key that sealed then. DATA_LOSS CONTENT_KEY_MISSING.
  absl::StatusOr<std::shared_ptr<const crypto::DataKey>> Get(absl::Time deadline,
                                                             absl::string_view tenant,
                                                             int32_t key_id);

 private:
  struct Newest {
    ContentKeyHandle handle;
    int32_t wrapping_version = 0;
    absl::Time created;
  };
  bool Usable(const Newest& newest) const;
  // Reads every key of the tenant, and makes one when none is usable.
  absl::Status Load(absl::Time deadline, absl::string_view tenant);

  db::Database& database_;
  const crypto::KeyProvider& provider_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Newest> newest_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::pair<std::string, int32_t>, std::shared_ptr<const crypto::DataKey>> keys_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_CONTENT_KEYS_H_
