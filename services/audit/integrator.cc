#include "services/audit/integrator.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/crypto/crypto.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"

namespace waymark::audit {
namespace {

constexpr int kBlockLevels = 8;
constexpr int64_t kBlock = 1 << kBlockLevels;
// Leaves of one integrating transaction: 0.5 MB of hashes.
constexpr int64_t kStep = 16384;
constexpr absl::Duration kTurn = absl::Seconds(30);
constexpr int kSweepEvery = 10;

}  // namespace

absl::Status Inconsistent(absl::string_view tenant, absl::string_view why) {
  static const metrics::Counter refused = metrics::Default().GetCounter(
      "waymark_audit_inconsistencies_total",
      "Times that the stored tree did not agree with what was signed. Page somebody.");
  refused.Increment();
  log::Error("the audit log does not agree with itself or with what was signed",
             {{"tenant", tenant}, {"reason", why}});
  return status::DataLoss("LOG_INCONSISTENT", why);
}

absl::StatusOr<Hash> TreeReader::Node(int level, uint64_t index) {
  const int base = level - level % kBlockLevels;
  const int above = level - base;
  // The block of 256 that holds every node of the base level below the one asked for.
  const uint64_t first = index << above;
  const uint64_t block = first / kBlock;
  std::vector<Hash>& hashes = blocks_[{base, block}];
  const uint64_t offset = first - block * kBlock;
  const uint64_t count = uint64_t{1} << above;
  if (hashes.empty()) {
    const int64_t begin = static_cast<int64_t>(block) * kBlock;
    const int64_t end = std::min(begin + kBlock, size_ >> base);
    ASSIGN_OR_RETURN(hashes, store::ReadHashes(txn_, base, begin, end));
  }
  if (offset + count > hashes.size()) {
    return status::FailedPrecondition("NOT_INTEGRATED",
                                      "The tree does not reach that far yet. Try again shortly.");
  }
  return RootOfLeaves(absl::MakeConstSpan(hashes).subspan(offset, count));
}

std::string Signer::Origin(absl::string_view tenant) const {
  return absl::StrCat(prefix_, "/", tenant);
}

absl::StatusOr<NoteSigner> Signer::For(absl::string_view tenant) const {
  return NoteSigner::FromSeed(Origin(tenant), seed_.Reveal());
}

std::string HighWater::Path(absl::string_view tenant) const {
  return absl::StrCat(folder_, "/", tenant);
}

absl::StatusOr<std::optional<store::Head>> HighWater::Read(absl::string_view tenant) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream in(Path(tenant));
  if (!in) {
    // Not there is one thing; there and not readable must not look the same.
    if (::access(Path(tenant).c_str(), F_OK) != 0 && errno == ENOENT) return std::nullopt;
  }
  std::string size_line, root_line;
  std::getline(in, size_line);
  std::getline(in, root_line);
  store::Head head;
  const std::optional<std::string> root = crypto::FromBase64(root_line);
  if (!absl::SimpleAtoi(size_line, &head.size) || !root || root->size() != kHashSize) {
    return status::FailedPrecondition(
        "HIGH_WATER_UNREADABLE",
        absl::StrCat("The file ", Path(tenant),
                     " that says what was last signed cannot be read. Restore it."));
  }
  head.root = *root;
  return head;
}

absl::Status HighWater::Write(absl::string_view tenant, const store::Head& head) const {
  if (folder_.empty()) return absl::OkStatus();
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::string path = Path(tenant);
  const std::string fresh = absl::StrCat(path, ".new.", ::getpid());
  const std::string text = absl::StrCat(head.size, "\n", crypto::Base64(head.root), "\n");
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool written = file >= 0 &&
                 ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                 ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  written = written && ::rename(fresh.c_str(), path.c_str()) == 0;
  const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  written = written && folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (written) return absl::OkStatus();
  return status::FailedPrecondition(
      "HIGH_WATER_UNWRITABLE",
      absl::StrCat("The file ", path, " cannot be written; nothing is signed without it."));
}

void Integrator::Mark(absl::string_view tenant) {
  absl::MutexLock lock(&mutex_);
  marked_.insert(std::string(tenant));
}

absl::Status Integrator::RunOnce() {
  std::vector<std::string> due;
  bool sweep = false;
  {
    absl::MutexLock lock(&mutex_);
    due.assign(marked_.begin(), marked_.end());
    marked_.clear();
    sweep = rounds_++ % kSweepEvery == 0;
  }
  absl::Status first;
  if (sweep) {
    absl::StatusOr<std::vector<std::string>> all = tenants_.All(absl::Now() + kTurn);
    if (all.ok()) {
      due = *std::move(all);
    } else {
      first = all.status();
    }
  }
  for (const std::string& tenant : due) {
    absl::Status status = CatchUp(tenant);
    if (status.ok()) continue;
    if (first.ok()) first = status;
    // An inconsistent log does not mend itself; the sweep says so again.
    if (!absl::IsDataLoss(status)) Mark(tenant);
  }
  return first;
}

absl::Status Integrator::CatchUp(absl::string_view tenant) {
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(more, IntegrateStep(tenant));
  }
  return Publish(tenant);
}

absl::StatusOr<CompactRange> Integrator::EdgeAt(db::Transaction& txn, const store::Head& head) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = edges_.find(txn.tenant());
    if (found != edges_.end() && found->second.size() == static_cast<uint64_t>(head.size)) {
      return found->second;
    }
  }
  TreeReader reader(txn, head.size);
  std::vector<Hash> edge;
  const auto size = static_cast<uint64_t>(head.size);
  for (int level = 63; level >= 0; --level) {
    if (!((size >> level) & 1)) continue;
    // The leaves left of this subtree are those of the higher bits.
    const uint64_t index = ((size >> level) - 1);
    ASSIGN_OR_RETURN(Hash hash, reader.Node(level, index));
    edge.push_back(std::move(hash));
  }
  return CompactRange::FromEdge(size, std::move(edge));
}

absl::StatusOr<bool> Integrator::IntegrateStep(absl::string_view tenant) {
  bool more = false;
  std::optional<CompactRange> grown;
  RETURN_IF_ERROR(
      database_.Transact(absl::Now() + kTurn, tenant, [&](db::Transaction& txn) -> absl::Status {
        more = false;
        grown.reset();
        RETURN_IF_ERROR(store::LockTree(txn));
        ASSIGN_OR_RETURN(const store::Head head, store::NewestHead(txn));
        ASSIGN_OR_RETURN(const std::vector<Hash> leaves,
                         store::ReadHashes(txn, 0, head.size, head.size + kStep));
        if (leaves.empty()) return absl::OkStatus();
        ASSIGN_OR_RETURN(CompactRange range, EdgeAt(txn, head));
        if (range.Root() != head.root) {
          return Inconsistent(tenant, "The stored nodes do not lead to the stored root.");
        }
        std::vector<store::Node> nodes;
        for (const Hash& leaf : leaves) {
          range.Append(leaf, [&](int level, uint64_t index, const Hash& hash) {
            if (level % kBlockLevels == 0) {
              nodes.push_back({level, static_cast<int64_t>(index), hash});
            }
          });
        }
        if (!nodes.empty()) RETURN_IF_ERROR(store::InsertNodes(txn, nodes));
        RETURN_IF_ERROR(store::InsertHead(txn, {static_cast<int64_t>(range.size()), range.Root()},
                                          clock_.Now()));
        more = leaves.size() == static_cast<size_t>(kStep);
        grown = std::move(range);
        return absl::OkStatus();
      }));
  if (grown) {
    absl::MutexLock lock(&mutex_);
    edges_[std::string(tenant)] = *std::move(grown);
  }
  return more;
}

absl::Status Integrator::Publish(absl::string_view tenant) {
  ASSIGN_OR_RETURN(const NoteSigner signer, signer_.For(tenant));
  return database_.Transact(absl::Now() + kTurn, tenant, [&](db::Transaction& txn) -> absl::Status {
    RETURN_IF_ERROR(store::LockTree(txn));
    ASSIGN_OR_RETURN(const store::Head head, store::NewestHead(txn));
    ASSIGN_OR_RETURN(const std::vector<store::SignedHead> last,
                     store::ReadCheckpoints(txn, INT64_MAX, 1));
    ASSIGN_OR_RETURN(const std::optional<store::Head> guard, high_water_.Read(tenant));
    const int64_t signed_size = last.empty() ? 0 : last[0].size;
    if (guard && guard->size > head.size) {
      return Inconsistent(tenant,
                          "The database holds less than was signed: it was restored. See the "
                          "audit README.");
    }
    if (head.size == signed_size && (!guard || guard->size == head.size)) {
      return guard && guard->root != head.root
                 ? Inconsistent(tenant, "Another root of this size was signed.")
                 : absl::OkStatus();
    }
    // Both are proven from the stored nodes, not from what this process remembers.
    TreeReader reader(txn, head.size);
    const auto grew_out_of = [&](int64_t size, const Hash& root) -> absl::Status {
      if (size == 0) return absl::OkStatus();
      ASSIGN_OR_RETURN(const std::vector<Hash> proof,
                       ConsistencyProof(static_cast<uint64_t>(size),
                                        static_cast<uint64_t>(head.size), reader.reader()));
      return VerifyConsistency(static_cast<uint64_t>(size), static_cast<uint64_t>(head.size), root,
                               head.root, proof);
    };
    if (!last.empty() && !grew_out_of(last[0].size, last[0].root).ok()) {
      return Inconsistent(tenant, "The tree did not grow out of the last signed checkpoint.");
    }
    if (guard && !grew_out_of(guard->size, guard->root).ok()) {
      return Inconsistent(tenant, "The tree did not grow out of what was last signed.");
    }
    // On disk before anybody can hold the signature.
    RETURN_IF_ERROR(high_water_.Write(tenant, head));
    ASSIGN_OR_RETURN(const std::string note,
                     signer.Sign(FormatCheckpoint(signer_.Origin(tenant),
                                                  static_cast<uint64_t>(head.size), head.root)));
    if (head.size == signed_size) return absl::OkStatus();
    return store::InsertCheckpoint(txn, head.size, note, clock_.Now());
  });
}

}  // namespace waymark::audit
