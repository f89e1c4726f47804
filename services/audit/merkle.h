// The RFC 6962 hash tree: how the log turns entries into one root, and how anybody checks that an
// entry is under that root or that one tree grew out of another. Pure; knows nothing of entries.
#ifndef WAYMARK_SERVICES_AUDIT_MERKLE_H_
#define WAYMARK_SERVICES_AUDIT_MERKLE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace waymark::audit {

// A SHA-256 hash, 32 bytes, as a string so that it goes into messages and statements unchanged.
using Hash = std::string;
inline constexpr size_t kHashSize = 32;

// The root of a tree without leaves: SHA-256 of nothing.
Hash EmptyRoot();
// SHA-256(0x00 || data).
Hash LeafHash(absl::string_view data);
// SHA-256(0x01 || left || right).
Hash NodeHash(absl::string_view left, absl::string_view right);
// Root of a tree over these leaf hashes.
Hash RootOfLeaves(absl::Span<const Hash> leaf_hashes);

// The right edge of a growing tree: one hash for each bit set in its size. Appending costs one node
// hash on average and never needs the leaves again.
class CompactRange {
 public:
  CompactRange() = default;
  // The edge of a tree of `size` leaves: `hashes` from the largest complete subtree to the
  // smallest, as many as `size` has bits set.
  static absl::StatusOr<CompactRange> FromEdge(uint64_t size, std::vector<Hash> hashes);

  // Appends one leaf. Calls `completed(level, index, hash)` for each subtree of 2^level leaves that
  // this leaf completes, from level 1 up.
  void Append(Hash leaf_hash,
              absl::FunctionRef<void(int level, uint64_t index, const Hash& hash)> completed);
  void Append(Hash leaf_hash);

  uint64_t size() const { return size_; }
  Hash Root() const;

 private:
  uint64_t size_ = 0;
  std::vector<Hash> edge_;
};

// Gives the root of the complete subtree over leaves [index << level, (index + 1) << level).
using NodeReader = absl::FunctionRef<absl::StatusOr<Hash>(int level, uint64_t index)>;

// Root of the first `size` leaves.
absl::StatusOr<Hash> RootAt(uint64_t size, NodeReader node);
// Proof that leaf `index` is in the tree of `size` leaves. INVALID_ARGUMENT when index >= size.
absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size, NodeReader node);
// Proof that the tree of `size1` leaves is a prefix of that of `size2`. INVALID_ARGUMENT unless
// 0 < size1 <= size2.
absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t size1, uint64_t size2, NodeReader node);

// The verifiers take what came from outside: every hash that is hashed again must be 32 bytes. OK,
// or INVALID_ARGUMENT when the proof does not hold.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, absl::string_view leaf_hash,
                             absl::Span<const std::string> proof, absl::string_view root);
absl::Status VerifyConsistency(uint64_t size1, uint64_t size2, absl::string_view root1,
                               absl::string_view root2, absl::Span<const std::string> proof);

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_MERKLE_H_
