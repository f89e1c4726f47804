// Do two services hold the same things at the same versions? Compares a few kilobytes of digests
// first and names keys only where they differ. Run at start and hourly: after a restore from backup
// it finds what numbers alone cannot. Pure.
#ifndef WAYMARK_COMMON_OUTBOX_RECONCILE_H_
#define WAYMARK_COMMON_OUTBOX_RECONCILE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace waymark::outbox {

struct KeyVersion {
  std::string key;  // pseudonymous: it crosses to another service
  int64_t version = 0;
  friend bool operator==(const KeyVersion&, const KeyVersion&) = default;
};

// 256 buckets by the first byte of SHA-256(key); in each the exclusive-or of SHA-256(key, version)
// and a count. The order of Add does not matter; add each key once. About a microsecond a pair.
class Digests {
 public:
  static constexpr int kBuckets = 256;

  void Add(absl::string_view key, int64_t version);

  // 256 x 40 bytes for the wire. FromBytes: INVALID_ARGUMENT DIGESTS_MALFORMED.
  std::string ToBytes() const;
  static absl::StatusOr<Digests> FromBytes(absl::string_view bytes);

  // Which buckets differ, in order; empty when both sides hold the same.
  static std::vector<int> Differing(const Digests& a, const Digests& b);
  static int BucketOf(absl::string_view key);

  int64_t count() const;

 private:
  struct Bucket {
    std::array<uint8_t, 32> sum = {};
    uint64_t count = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };
  std::array<Bucket, kBuckets> buckets_;
};

struct Difference {
  std::vector<KeyVersion> missing;  // ours, unknown there: send again
  std::vector<KeyVersion> behind;   // ours, there at a lower version: send again
  std::vector<KeyVersion> ahead;    // theirs, here at a lower version: we were restored; alarm
  std::vector<KeyVersion> unknown;  // theirs, unknown here: we were restored; alarm
  bool empty() const {
    return missing.empty() && behind.empty() && ahead.empty() && unknown.empty();
  }
};

// Compares what both sides hold in the buckets that differ, in any order. Each list comes out
// sorted by key.
Difference Compare(std::vector<KeyVersion> ours, std::vector<KeyVersion> theirs);

}  // namespace waymark::outbox

#endif  // WAYMARK_COMMON_OUTBOX_RECONCILE_H_
