#include "services/workforce/people/reindex.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/workforce/store/people.h"
#include "services/workforce/store/tenant_keys.h"

namespace waymark::workforce {
namespace {

constexpr char kLockNotAvailable[] = "55P03";

// Retires the older versions, and lets them go once nobody can be using them: 0 until then.
absl::StatusOr<int64_t> LetGo(db::Transaction& txn, int32_t key_version, absl::Time now,
                              int batch) {
  ASSIGN_OR_RETURN(const std::vector<KeyRow> rows, ReadKeys(txn));
  bool in_use = false;
  std::optional<absl::Time> retired;
  for (const KeyRow& row : rows) {
    if (row.purpose != KeyPurpose::kIndex || row.key_version >= key_version) continue;
    if (!row.retired) in_use = true;
    if (row.retired) retired = std::max(retired.value_or(*row.retired), *row.retired);
  }
  if (in_use) {
    RETURN_IF_ERROR(RetireIndexKeys(txn, key_version, now));
    return 0;
  }
  if (retired && now < *retired + 2 * Vault::kSettle) return 0;
  ASSIGN_OR_RETURN(const int64_t deleted, DeleteOlderTokens(txn, key_version, batch));
  if (deleted < batch) RETURN_IF_ERROR(DeleteIndexKeys(txn, key_version));
  return deleted;
}

}  // namespace

absl::StatusOr<int64_t> ReindexBatch(db::Database& database, absl::Time deadline,
                                     const TenantKeys& keys, absl::Time now, int batch) {
  int64_t done = 0;
  absl::Status status =
      database.Transact(deadline, keys.tenant(), [&](db::Transaction& txn) -> absl::Status {
        done = 0;
        ASSIGN_OR_RETURN(const std::optional<TokenRotation> running, RunningRotation(txn));
        if (!running || running->key_version != keys.index_version()) return absl::OkStatus();
        RETURN_IF_ERROR(LockTokensAlone(txn));
        ASSIGN_OR_RETURN(const std::vector<std::string> people,
                         PeopleWithoutTokens(txn, running->key_version, running->after, batch));
        done = static_cast<int64_t>(people.size());
        if (!people.empty()) {
          RETURN_IF_ERROR(Retoken(txn, keys, people, now));
          return SetTokensAfter(txn, running->key_version, people.back());
        }
        if (!running->after.empty()) {
          // Once more from the beginning: somebody may have been written by a process that did not
          // know the new version, in a transaction that was open for long.
          done = 1;
          return SetTokensAfter(txn, running->key_version, "");
        }
        ASSIGN_OR_RETURN(done, LetGo(txn, running->key_version, now, batch));
        return absl::OkStatus();
      });
  if (db::Sqlstate(status) == kLockNotAvailable) return 0;
  RETURN_IF_ERROR(status);
  return done;
}

}  // namespace waymark::workforce
