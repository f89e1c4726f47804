// What the tree commits to: one act, in text of our own fixed order, with pseudonyms in the place
// of people and objects and a salted commitment in the place of the content. Serialised protobuf is
// not stable across versions, a leaf must be for ever. Pure.
#ifndef WAYMARK_SERVICES_AUDIT_LEAF_H_
#define WAYMARK_SERVICES_AUDIT_LEAF_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/audit/merkle.h"
#include "waymark/audit/v1/audit_entry.pb.h"

namespace waymark::audit {

inline constexpr size_t kSaltSize = 32;

// One line a field, "name value"; a value that is not there is "-".
struct Leaf {
  // Position in the tenant's log, from 0.
  uint64_t sequence = 0;
  // Leaf hash of the entry before; EmptyRoot() for the first. An entry that was changed together
  // with its own hash is named by the one after it.
  Hash previous;
  std::string event_id;
  std::string tenant;
  std::string source;
  // What the source's relay numbered it: what is missing shows, even offline.
  int64_t source_number = 0;
  // Microseconds are kept, what is finer is dropped.
  absl::Time occurred;
  absl::Time sequenced;
  // Pseudonyms under different keys; empty: there was none.
  std::string actor_token;
  std::string subject_token;
  std::string object_token;
  std::string service;
  bool on_behalf_of = false;
  // Role names without ROLE_, with commas.
  std::string roles;
  // Without ACTION_.
  std::string action;
  std::string method;
  std::string purpose;
  std::string object_type;
  int64_t object_version = 0;
  int32_t object_count = 0;
  // SHA-256(salt || content).
  Hash commitment;
};

std::string FormatLeaf(const Leaf& leaf);
// INVALID_ARGUMENT unless FormatLeaf of the result gives the same bytes again.
absl::StatusOr<Leaf> ParseLeaf(absl::string_view text);

// SHA-256(salt || content).
Hash Commitment(absl::string_view salt, absl::string_view content);

// What may become a leaf: ids that are UUIDs, codes that are codes, an act that happened between
// 2000 and a day after `now`. INVALID_ARGUMENT EVENT_INVALID names the field, never its value.
absl::Status ValidateEvent(const v1::AuditEvent& event, absl::string_view tenant,
                           absl::string_view source, absl::Time now);

// The fields that come straight from the event. The tokens, sequence, previous, sequenced, number
// and commitment stay to be filled in.
Leaf LeafOf(const v1::AuditEvent& event);

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_LEAF_H_
