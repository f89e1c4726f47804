#include "common/outbox/reconcile.h"

#include <algorithm>

#include "common/crypto/crypto.h"
#include "common/status/status.h"

namespace waymark::outbox {
namespace {

constexpr size_t kBucketBytes = 32 + 8;

std::string BigEndian(uint64_t value) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i) {
    bytes[i] = static_cast<char>(value);
    value >>= 8;
  }
  return bytes;
}

}  // namespace

int Digests::BucketOf(absl::string_view key) { return crypto::Sha256(key)[0]; }

void Digests::Add(absl::string_view key, int64_t version) {
  Bucket& bucket = buckets_[BucketOf(key)];
  // The version has a fixed size and leads, so no two pairs give the same bytes.
  const crypto::Digest digest = crypto::Sha256({BigEndian(static_cast<uint64_t>(version)), key});
  for (size_t i = 0; i < bucket.sum.size(); ++i) bucket.sum[i] ^= digest[i];
  ++bucket.count;
}

std::string Digests::ToBytes() const {
  std::string bytes;
  bytes.reserve(kBuckets * kBucketBytes);
  for (const Bucket& bucket : buckets_) {
    bytes.append(reinterpret_cast<const char*>(bucket.sum.data()), bucket.sum.size());
    bytes.append(BigEndian(bucket.count));
  }
  return bytes;
}

absl::StatusOr<Digests> Digests::FromBytes(absl::string_view bytes) {
  if (bytes.size() != kBuckets * kBucketBytes) {
    return status::InvalidArgument("DIGESTS_MALFORMED", "Digests are 256 times 40 bytes.");
  }
  Digests digests;
  for (Bucket& bucket : digests.buckets_) {
    std::copy_n(bytes.begin(), 32, reinterpret_cast<char*>(bucket.sum.data()));
    for (int i = 32; i < 40; ++i) {
      bucket.count = bucket.count << 8 | static_cast<uint8_t>(bytes[i]);
    }
    bytes.remove_prefix(kBucketBytes);
  }
  return digests;
}

std::vector<int> Digests::Differing(const Digests& a, const Digests& b) {
  std::vector<int> differing;
  for (int i = 0; i < kBuckets; ++i) {
    if (!(a.buckets_[i] == b.buckets_[i])) differing.push_back(i);
  }
  return differing;
}

int64_t Digests::count() const {
  int64_t count = 0;
  for (const Bucket& bucket : buckets_) count += static_cast<int64_t>(bucket.count);
  return count;
}

Difference Compare(std::vector<KeyVersion> ours, std::vector<KeyVersion> theirs) {
  const auto by_key = [](const KeyVersion& a, const KeyVersion& b) { return a.key < b.key; };
  std::sort(ours.begin(), ours.end(), by_key);
  std::sort(theirs.begin(), theirs.end(), by_key);
  Difference difference;
  auto our = ours.begin();
  auto their = theirs.begin();
  while (our != ours.end() || their != theirs.end()) {
    if (their == theirs.end() || (our != ours.end() && our->key < their->key)) {
      difference.missing.push_back(*our++);
    } else if (our == ours.end() || their->key < our->key) {
      difference.unknown.push_back(*their++);
    } else {
      if (their->version < our->version) difference.behind.push_back(*our);
      if (their->version > our->version) difference.ahead.push_back(*their);
      ++our;
      ++their;
    }
  }
  return difference;
}

}  // namespace waymark::outbox
