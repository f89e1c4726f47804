// Pairs of records that may be one person, and the merges of those that were.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_JOINS_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_JOINS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/workforce/vault/vault.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

struct DuplicateRow {
  std::string duplicate_id;
  std::string first_id;
  std::string second_id;
  v1::DuplicateReason reason = v1::DUPLICATE_REASON_UNSPECIFIED;
  absl::Time found_at;
};

// Pairs that nobody has judged, oldest first; at most 200.
absl::StatusOr<std::vector<DuplicateRow>> WaitingDuplicates(db::Transaction& txn);
// Nothing when no such pair waits; the row stays locked for the transaction.
absl::StatusOr<std::optional<DuplicateRow>> LockDuplicate(db::Transaction& txn,
                                                          absl::string_view duplicate_id);
// Those who may be the same as this person and wait; at most 20.
absl::StatusOr<std::vector<std::string>> DuplicatesOf(db::Transaction& txn,
                                                      const std::string& person_id);
// Every pair of these people, judged ones too, oldest first.
absl::StatusOr<std::vector<DuplicateRow>> PairsOf(db::Transaction& txn,
                                                  const std::vector<std::string>& person_ids);
// They are two: the pair does not come up again.
absl::Status DismissPair(db::Transaction& txn, absl::string_view duplicate_id,
                         absl::string_view user_id, absl::Time now);

struct MergeRow {
  std::string merge_id;
  std::string kept_id;
  std::string merged_id;
  // What the merged person was, and is again when they are parted.
  v1::PersonState prior_state = v1::PERSON_STATE_UNSPECIFIED;
  absl::Time merged_at;
};

// Points the merged person at the kept one and closes the pair. Both rows of person are to be
// locked; nothing but the versions changes in the kept one.
absl::Status Join(db::Transaction& txn, const TenantKeys& keys, const MergeRow& merge,
                  absl::string_view reason, absl::string_view user_id);
// Nothing when there is no such merge in force; the row stays locked for the transaction.
absl::StatusOr<std::optional<MergeRow>> LockMerge(db::Transaction& txn, absl::string_view merge_id);
// Undoes it, and dismisses the pair. What feeds said meanwhile of where the merged person works is
// theirs again; the rest a feed says anew of both with its next row, even of the same words.
absl::Status Part(db::Transaction& txn, const TenantKeys& keys, const MergeRow& merge,
                  absl::string_view user_id, absl::CivilDay today, absl::Time now);
// Every one of these people, undone ones too, oldest first.
absl::StatusOr<std::vector<MergeRow>> MergesOf(db::Transaction& txn,
                                               const std::vector<std::string>& person_ids);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_JOINS_H_
