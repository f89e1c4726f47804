#include "services/audit/merkle.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "common/crypto/crypto.h"

namespace waymark::audit {
namespace {

Hash ToHash(const crypto::Digest& digest) { return Hash(crypto::Bytes(digest)); }

// Largest power of two below n, for n > 1.
uint64_t SplitPoint(uint64_t n) { return std::bit_floor(n - 1); }

// Root over leaves [begin, end). Every range that the RFC's recursion meets is aligned, so that a
// power of two long one is a stored node.
absl::StatusOr<Hash> RangeRoot(uint64_t begin, uint64_t end, NodeReader node) {
  const uint64_t length = end - begin;
  if (std::has_single_bit(length)) {
    const int level = std::countr_zero(length);
    return node(level, begin >> level);
  }
  const uint64_t middle = begin + SplitPoint(length);
  absl::StatusOr<Hash> left = RangeRoot(begin, middle, node);
  if (!left.ok()) return left;
  absl::StatusOr<Hash> right = RangeRoot(middle, end, node);
  if (!right.ok()) return right;
  return NodeHash(*left, *right);
}

absl::Status Refuse(absl::string_view why) { return absl::InvalidArgumentError(why); }

absl::Status CheckLengths(absl::Span<const std::string> proof, absl::string_view hash,
                          absl::string_view root) {
  if (hash.size() != kHashSize || root.size() != kHashSize) {
    return Refuse("A hash must be 32 bytes long.");
  }
  for (const std::string& step : proof) {
    if (step.size() != kHashSize) return Refuse("Every hash of the proof must be 32 bytes long.");
  }
  return absl::OkStatus();
}

}  // namespace

Hash EmptyRoot() { return ToHash(crypto::Sha256("")); }

Hash LeafHash(absl::string_view data) {
  return ToHash(crypto::Sha256({absl::string_view("\x00", 1), data}));
}

Hash NodeHash(absl::string_view left, absl::string_view right) {
  return ToHash(crypto::Sha256({"\x01", left, right}));
}

Hash RootOfLeaves(absl::Span<const Hash> leaf_hashes) {
  CompactRange range;
  for (const Hash& hash : leaf_hashes) range.Append(hash);
  return range.Root();
}

absl::StatusOr<CompactRange> CompactRange::FromEdge(uint64_t size, std::vector<Hash> hashes) {
  if (hashes.size() != static_cast<size_t>(std::popcount(size))) {
    return Refuse("The edge of a tree has one hash for each bit set in its size.");
  }
  CompactRange range;
  range.size_ = size;
  range.edge_ = std::move(hashes);
  return range;
}

void CompactRange::Append(
    Hash leaf_hash,
    absl::FunctionRef<void(int level, uint64_t index, const Hash& hash)> completed) {
  Hash hash = std::move(leaf_hash);
  int level = 0;
  for (uint64_t rest = size_; rest & 1; rest >>= 1) {
    hash = NodeHash(edge_.back(), hash);
    edge_.pop_back();
    completed(++level, rest >> 1, hash);
  }
  edge_.push_back(std::move(hash));
  ++size_;
}

void CompactRange::Append(Hash leaf_hash) {
  Append(std::move(leaf_hash), [](int, uint64_t, const Hash&) {});
}

Hash CompactRange::Root() const {
  if (edge_.empty()) return EmptyRoot();
  Hash root = edge_.back();
  for (size_t i = edge_.size() - 1; i-- > 0;) root = NodeHash(edge_[i], root);
  return root;
}

absl::StatusOr<Hash> RootAt(uint64_t size, NodeReader node) {
  if (size == 0) return EmptyRoot();
  return RangeRoot(0, size, node);
}

absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size, NodeReader node) {
  if (index >= size) return Refuse("The tree does not reach as far as that entry.");
  std::vector<Hash> proof;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + SplitPoint(end - begin);
    const bool left = index < middle;
    absl::StatusOr<Hash> sibling =
        left ? RangeRoot(middle, end, node) : RangeRoot(begin, middle, node);
    if (!sibling.ok()) return sibling.status();
    proof.push_back(*std::move(sibling));
    (left ? end : begin) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t size1, uint64_t size2,
                                                   NodeReader node) {
  if (size1 == 0 || size1 > size2) {
    return Refuse("The first tree must have at least one leaf and be no larger than the second.");
  }
  std::vector<Hash> proof;
  uint64_t begin = 0;
  uint64_t end = size2;
  // RFC 6962 2.1.2, SUBPROOF: walk down to the old tree's right edge.
  while (size1 != end) {
    const uint64_t middle = begin + SplitPoint(end - begin);
    const bool left = size1 <= middle;
    absl::StatusOr<Hash> sibling =
        left ? RangeRoot(middle, end, node) : RangeRoot(begin, middle, node);
    if (!sibling.ok()) return sibling.status();
    proof.push_back(*std::move(sibling));
    (left ? end : begin) = middle;
  }
  // The old tree's last subtree is given unless it is the whole old tree, whose root is known.
  if (begin != 0) {
    absl::StatusOr<Hash> last = RangeRoot(begin, end, node);
    if (!last.ok()) return last.status();
    proof.push_back(*std::move(last));
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

// RFC 9162 2.1.3.2.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, absl::string_view leaf_hash,
                             absl::Span<const std::string> proof, absl::string_view root) {
  if (index >= size) return Refuse("The tree does not reach as far as that entry.");
  if (absl::Status lengths = CheckLengths(proof, leaf_hash, root); !lengths.ok()) return lengths;
  uint64_t position = index;
  uint64_t last = size - 1;
  Hash hash(leaf_hash);
  for (const std::string& step : proof) {
    if (last == 0) return Refuse("The proof is too long for this tree.");
    if ((position & 1) || position == last) {
      hash = NodeHash(step, hash);
      while (!(position & 1) && position != 0) {
        position >>= 1;
        last >>= 1;
      }
    } else {
      hash = NodeHash(hash, step);
    }
    position >>= 1;
    last >>= 1;
  }
  if (last != 0) return Refuse("The proof is too short for this tree.");
  if (hash != root) return Refuse("The proof does not lead to this root.");
  return absl::OkStatus();
}

// RFC 9162 2.1.4.2.
absl::Status VerifyConsistency(uint64_t size1, uint64_t size2, absl::string_view root1,
                               absl::string_view root2, absl::Span<const std::string> proof) {
  if (size1 == 0 || size1 > size2) {
    return Refuse("The first tree must have at least one leaf and be no larger than the second.");
  }
  if (size1 == size2) {
    if (!proof.empty()) return Refuse("Two trees of one size need an empty proof.");
    if (root1 != root2) return Refuse("Two trees of one size have different roots.");
    return absl::OkStatus();
  }
  if (absl::Status lengths = CheckLengths(proof, root1, root2); !lengths.ok()) return lengths;
  if (proof.empty()) return Refuse("The proof is empty.");
  std::vector<absl::string_view> steps(proof.begin(), proof.end());
  if (std::has_single_bit(size1)) steps.insert(steps.begin(), root1);
  uint64_t first = size1 - 1;
  uint64_t second = size2 - 1;
  while (first & 1) {
    first >>= 1;
    second >>= 1;
  }
  Hash old_root(steps[0]);
  Hash new_root(steps[0]);
  for (size_t i = 1; i < steps.size(); ++i) {
    if (second == 0) return Refuse("The proof is too long for these trees.");
    if ((first & 1) || first == second) {
      old_root = NodeHash(steps[i], old_root);
      new_root = NodeHash(steps[i], new_root);
      while (!(first & 1) && first != 0) {
        first >>= 1;
        second >>= 1;
      }
    } else {
      new_root = NodeHash(new_root, steps[i]);
    }
    first >>= 1;
    second >>= 1;
  }
  if (second != 0) return Refuse("The proof is too short for these trees.");
  if (old_root != root1) return Refuse("The proof does not lead to the first root.");
  if (new_root != root2) return Refuse("The proof does not lead to the second root.");
  return absl::OkStatus();
}

}  // namespace waymark::audit
