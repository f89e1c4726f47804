// Every statement of the audit service. A function here is one statement or a few that belong
// together; what they mean is said in log.h and integrator.h. The tenant is the transaction's.
#ifndef WAYMARK_SERVICES_AUDIT_STORE_H_
#define WAYMARK_SERVICES_AUDIT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/audit/merkle.h"

namespace waymark::audit::store {

// One at a time per tenant, until the transaction ends: who gives positions, and who grows the
// tree.
absl::Status LockSequence(db::Transaction& txn);
absl::Status LockTree(db::Transaction& txn);

// The next position, and the hash of the last leaf (EmptyRoot() of an empty log).
struct LogEnd {
  int64_t size = 0;
  Hash last_hash;
};
absl::StatusOr<LogEnd> ReadEnd(db::Transaction& txn);

// Which of these are in the log.
absl::StatusOr<std::vector<std::string>> Present(db::Transaction& txn,
                                                 const std::vector<std::string>& event_ids);

// By column, as they travel: the first values of all belong to the first entry, and so on.
struct NewEntries {
  std::vector<std::string> event_ids;
  std::vector<std::string> leaves;
  std::vector<Hash> leaf_hashes;
  std::vector<std::optional<std::string>> subject_tokens;
  std::vector<std::optional<std::string>> actor_tokens;
  std::vector<std::string> methods;
  std::vector<absl::Time> occurred;
  std::vector<std::string> sealed;
  // Only for the entries that have one, with their positions.
  std::vector<int64_t> outcome_sequences;
  std::vector<std::string> sealed_outcomes;
};
// At positions first, first + 1, ...
absl::Status InsertEntries(db::Transaction& txn, int64_t first, int32_t key_id,
                           const NewEntries& entries, absl::Time sequenced);

struct Repeat {
  std::string source;
  int64_t number = 0;
  std::string event_id;
};
absl::Status InsertRepeats(db::Transaction& txn, const std::vector<Repeat>& repeats);
// In order, from after (source, number), at most `limit`.
absl::StatusOr<std::vector<Repeat>> ReadRepeats(db::Transaction& txn, absl::string_view source,
                                                int64_t number, int limit);

struct Sealed {
  int32_t key_id = 0;
  std::string bytes;
};
struct Entry {
  int64_t sequence = 0;
  std::string leaf;
  Hash leaf_hash;
  absl::Time sequenced;
  // Nothing when it was erased, or not asked for.
  std::optional<Sealed> content;
};
// Entries [first, last), in order.
absl::StatusOr<std::vector<Entry>> ReadEntries(db::Transaction& txn, int64_t first, int64_t last);
// As they stand in the table, every column, to be held against their leaves.
struct Row {
  int64_t sequence = 0;
  std::string leaf;
  Hash leaf_hash;
  std::string event_id;
  std::string subject_token;
  std::string actor_token;
  std::string method;
};
absl::StatusOr<std::vector<Row>> ReadRows(db::Transaction& txn, int64_t first, int64_t last);
// NOT_FOUND ENTRY_NOT_FOUND.
absl::StatusOr<int64_t> SequenceOf(db::Transaction& txn, absl::string_view event_id);

// Newest first. An empty list of tokens asks for nothing in particular.
struct Filter {
  std::vector<std::string> subject_tokens;
  std::vector<std::string> actor_tokens;
  // Entries about this person are left out.
  std::vector<std::string> not_subject_tokens;
  std::string method;
  std::optional<absl::Time> from;
  std::optional<absl::Time> until;
  // Below this position.
  int64_t before = INT64_MAX;
  int limit = 100;
};
absl::StatusOr<std::vector<Entry>> Search(db::Transaction& txn, const Filter& filter);

struct OutcomeRow {
  int64_t sequence = 0;
  Sealed sealed;
};
// From position `first` on, in order.
absl::StatusOr<std::vector<OutcomeRow>> ReadOutcomes(db::Transaction& txn, int64_t first,
                                                     int limit);

// Deletes content and outcome of every entry about these tokens; returns how many contents.
absl::StatusOr<int64_t> Erase(db::Transaction& txn, const std::vector<std::string>& subject_tokens);

struct ContentKey {
  int32_t key_id = 0;
  int32_t wrapping_version = 0;
  std::string wrapped;
  absl::Time created;
};
// Newest first.
absl::StatusOr<std::vector<ContentKey>> ReadContentKeys(db::Transaction& txn);
// Does nothing when another replica was first: read again.
absl::Status InsertContentKey(db::Transaction& txn, const ContentKey& key);

// Leaf hashes (level 0) or kept nodes (level 8, 16, ...) at positions [first, last), in order;
// fewer when they do not exist yet.
absl::StatusOr<std::vector<Hash>> ReadHashes(db::Transaction& txn, int level, int64_t first,
                                             int64_t last);
struct Node {
  int level = 0;
  int64_t position = 0;
  Hash hash;
};
absl::Status InsertNodes(db::Transaction& txn, const std::vector<Node>& nodes);

struct Head {
  int64_t size = 0;
  Hash root;
};
// Size 0 and EmptyRoot() when there is none.
absl::StatusOr<Head> NewestHead(db::Transaction& txn);
absl::Status InsertHead(db::Transaction& txn, const Head& head, absl::Time integrated);

struct SignedHead {
  int64_t size = 0;
  Hash root;
  std::string note;
  absl::Time signed_at;
};
// Below `before`, newest first.
absl::StatusOr<std::vector<SignedHead>> ReadCheckpoints(db::Transaction& txn, int64_t before,
                                                        int limit);
// With sizes in (after, up_to], oldest first.
absl::StatusOr<std::vector<SignedHead>> ReadCheckpointsBetween(db::Transaction& txn, int64_t after,
                                                               int64_t up_to);
absl::Status InsertCheckpoint(db::Transaction& txn, int64_t size, absl::string_view note,
                              absl::Time signed_at);

// The events that arrived under these numbers, in order of number; from the inbox of common/outbox,
// which keeps them as long as the source keeps its own rows.
struct Arrived {
  int64_t number = 0;
  std::string event_id;
};
absl::StatusOr<std::vector<Arrived>> ReadArrivals(db::Transaction& txn, absl::string_view source,
                                                  int64_t first, int64_t last);

// The lowest number whose event is still known; 1 when nothing has arrived.
absl::StatusOr<int64_t> OldestArrival(db::Transaction& txn, absl::string_view source);

}  // namespace waymark::audit::store

#endif  // WAYMARK_SERVICES_AUDIT_STORE_H_
