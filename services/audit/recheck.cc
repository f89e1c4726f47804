#include "services/audit/recheck.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/status/status.h"
#include "services/audit/integrator.h"
#include "services/audit/leaf.h"
#include "services/audit/merkle.h"
#include "services/audit/store.h"

namespace waymark::audit {
namespace {

constexpr absl::Duration kTurn = absl::Seconds(30);
constexpr int kBlockLevel = 8;
constexpr int64_t kBlock = 1 << kBlockLevel;

// Empty when `row` is what its leaf says and stands where it should.
std::string FaultOf(const store::Row& row, int64_t position, const Hash& before) {
  const absl::StatusOr<Leaf> leaf = ParseLeaf(row.leaf);
  if (row.sequence != position) return absl::StrCat("Entry ", position, " is missing.");
  if (!leaf.ok() || LeafHash(row.leaf) != row.leaf_hash) {
    return absl::StrCat("Entry ", position, " does not have the hash that was stored.");
  }
  if (leaf->sequence != static_cast<uint64_t>(position) ||
      (!before.empty() && leaf->previous != before)) {
    return absl::StrCat("Entry ", position, " does not follow the entry before it.");
  }
  if (leaf->event_id != row.event_id || leaf->subject_token != row.subject_token ||
      leaf->actor_token != row.actor_token || leaf->method != row.method) {
    return absl::StrCat("Entry ", position, " is filed under what is not in its leaf.");
  }
  return "";
}

}  // namespace

absl::StatusOr<int64_t> Recheck::CheckStretch(absl::string_view tenant, int64_t first) {
  std::vector<store::Row> rows;
  std::vector<Hash> nodes;
  Hash before;
  int64_t size = 0;
  RETURN_IF_ERROR(database_.Transact(
      absl::Now() + kTurn, tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(const store::LogEnd end, store::ReadEnd(txn));
        size = end.size;
        ASSIGN_OR_RETURN(rows, store::ReadRows(txn, first, std::min(first + kStretch, size)));
        ASSIGN_OR_RETURN(nodes, store::ReadHashes(txn, kBlockLevel, first >> kBlockLevel,
                                                  (first + kStretch) >> kBlockLevel));
        if (first == 0) {
          before = EmptyRoot();
        } else {
          ASSIGN_OR_RETURN(const std::vector<Hash> last,
                           store::ReadHashes(txn, 0, first - 1, first));
          before = last.empty() ? Hash() : last[0];
        }
        return absl::OkStatus();
      }));
  const int64_t expected = std::max<int64_t>(std::min(kStretch, size - first), 0);
  std::vector<Hash> hashes;
  for (const store::Row& row : rows) {
    const int64_t position = first + static_cast<int64_t>(hashes.size());
    if (const std::string fault = FaultOf(row, position, before); !fault.empty()) {
      return Inconsistent(tenant, fault);
    }
    hashes.push_back(row.leaf_hash);
    before = row.leaf_hash;
  }
  if (static_cast<int64_t>(hashes.size()) < expected) {
    return Inconsistent(tenant, absl::StrCat("Entry ", first + static_cast<int64_t>(hashes.size()),
                                             " is missing."));
  }
  for (size_t i = 0; i < nodes.size() && (i + 1) * kBlock <= hashes.size(); ++i) {
    if (RootOfLeaves(absl::MakeConstSpan(hashes).subspan(i * kBlock, kBlock)) != nodes[i]) {
      return Inconsistent(tenant,
                          absl::StrCat("The node above the entries from ",
                                       first + static_cast<int64_t>(i) * kBlock, " differs."));
    }
  }
  return first + kStretch < size ? first + kStretch : 0;
}

absl::Status Recheck::RunOnce() {
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants, tenants_.All(absl::Now() + kTurn));
  absl::Status first_error;
  for (const std::string& tenant : tenants) {
    int64_t first = 0;
    {
      absl::MutexLock lock(&mutex_);
      first = next_[tenant];
    }
    const absl::StatusOr<int64_t> next = CheckStretch(tenant, first);
    if (!next.ok()) {
      // Stays where it is: the alarm goes on until somebody has looked.
      first_error.Update(next.status());
      continue;
    }
    absl::MutexLock lock(&mutex_);
    next_[tenant] = *next;
  }
  return first_error;
}

}  // namespace waymark::audit
