// Growing the tree and signing it. Integrated: the entry is under a root in tree_head. Published: a
// signed checkpoint of at least that size is committed, and only then shown to anybody.
#ifndef WAYMARK_SERVICES_AUDIT_INTEGRATOR_H_
#define WAYMARK_SERVICES_AUDIT_INTEGRATOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/secret.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "services/audit/checkpoint.h"
#include "services/audit/merkle.h"
#include "services/audit/store.h"

namespace waymark::audit {

// The alarm: an error line, waymark_audit_inconsistencies_total, and DATA_LOSS LOG_INCONSISTENT.
// `why` names positions and never people.
absl::Status Inconsistent(absl::string_view tenant, absl::string_view why);

// Any node of a tenant's tree of at least `size` leaves, from the kept levels: at most one query of
// 256 hashes for each block of 256 that a proof touches. Valid inside its transaction.
class TreeReader {
 public:
  TreeReader(db::Transaction& txn, int64_t size) : txn_(txn), size_(size) {}
  absl::StatusOr<Hash> Node(int level, uint64_t index);
  auto reader() {
    return [this](int level, uint64_t index) { return Node(level, index); };
  }

 private:
  db::Transaction& txn_;
  const int64_t size_;
  std::map<std::pair<int, uint64_t>, std::vector<Hash>> blocks_;
};

// Signs for every tenant with one seed; the key's name is the origin, "<prefix>/<tenant>".
class Signer {
 public:
  Signer(std::string origin_prefix, crypto::SecretBytes seed)
      : prefix_(std::move(origin_prefix)), seed_(std::move(seed)) {}
  std::string Origin(absl::string_view tenant) const;
  absl::StatusOr<NoteSigner> For(absl::string_view tenant) const;

 private:
  std::string prefix_;
  crypto::SecretBytes seed_;
};

// What was last signed, kept outside the database: a restored database must not make us sign a
// second history. One small file a tenant; empty folder: no guard (tests).
class HighWater {
 public:
  explicit HighWater(std::string folder) : folder_(std::move(folder)) {}
  // Nothing when nothing was signed yet. FAILED_PRECONDITION HIGH_WATER_UNREADABLE.
  absl::StatusOr<std::optional<store::Head>> Read(absl::string_view tenant) const;
  // Durable when it returns.
  absl::Status Write(absl::string_view tenant, const store::Head& head) const;

 private:
  std::string Path(absl::string_view tenant) const;
  std::string folder_;
};

// Thread-safe; several replicas may run one each, a lock lets one work on a tenant.
class Integrator {
 public:
  Integrator(db::Database& database, db::Tenants& tenants, const Signer& signer,
             HighWater high_water, const clock::Clock& real_clock)
      : database_(database),
        tenants_(tenants),
        signer_(signer),
        high_water_(std::move(high_water)),
        clock_(real_clock) {}

  // There are entries to integrate. Cheap, from any thread.
  void Mark(absl::string_view tenant);

  // The duty: every marked tenant, and every tenant at all each tenth time (another replica may
  // have died in between). The first error, after all have had their turn.
  absl::Status RunOnce();

  // Integrates everything sequenced, then publishes. DATA_LOSS LOG_INCONSISTENT when the stored
  // tree does not agree with what was signed: nothing is signed then, and an alarm is raised.
  absl::Status CatchUp(absl::string_view tenant);

  // One step of at most kStep leaves; true when there is more.
  absl::StatusOr<bool> IntegrateStep(absl::string_view tenant);
  // Signs the newest head, unless it is signed.
  absl::Status Publish(absl::string_view tenant);

 private:
  absl::StatusOr<CompactRange> EdgeAt(db::Transaction& txn, const store::Head& head);

  db::Database& database_;
  db::Tenants& tenants_;
  const Signer& signer_;
  const HighWater high_water_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  absl::flat_hash_set<std::string> marked_ ABSL_GUARDED_BY(mutex_);
  // The right edge of each tree as this process left it: saves reading it again.
  absl::flat_hash_map<std::string, CompactRange> edges_ ABSL_GUARDED_BY(mutex_);
  int rounds_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_INTEGRATOR_H_
