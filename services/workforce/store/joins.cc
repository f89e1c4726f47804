#include "services/workforce/store/joins.h"

#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/workforce/store/people.h"

namespace waymark::workforce {
namespace {

// Of duplicate.state.
constexpr int kDismissed = 2;
constexpr int kMerged = 3;

constexpr char kWaiting[] =
    "SELECT duplicate_id, first_id, second_id, reason, found_at FROM duplicate"
    " WHERE tenant = $1 AND state = 1 ORDER BY found_at, duplicate_id LIMIT 200";
constexpr char kLockPair[] =
    "SELECT duplicate_id, first_id, second_id, reason, found_at FROM duplicate"
    " WHERE tenant = $1 AND duplicate_id = $2 AND state = 1 FOR UPDATE";
constexpr char kDuplicatesOf[] =
    "SELECT CASE first_id WHEN $2 THEN second_id ELSE first_id END FROM duplicate"
    " WHERE tenant = $1 AND state = 1 AND (first_id = $2 OR second_id = $2)"
    " ORDER BY found_at LIMIT 20";
constexpr char kPairsOf[] =
    "SELECT duplicate_id, first_id, second_id, reason, found_at FROM duplicate WHERE tenant = $1"
    " AND (first_id = ANY ($2::uuid[]) OR second_id = ANY ($2::uuid[]))"
    " ORDER BY found_at, duplicate_id";
constexpr char kDismiss[] =
    "UPDATE duplicate SET state = 2, decided_by = $3, decided_at = $4"
    " WHERE tenant = $1 AND duplicate_id = $2";
constexpr char kDecidePair[] =
    "UPDATE duplicate SET state = $6, decided_by = $4, decided_at = $5"
    " WHERE tenant = $1 AND first_id = least($2::uuid, $3::uuid)"
    " AND second_id = greatest($2::uuid, $3::uuid)";
constexpr char kInsertMerge[] =
    "INSERT INTO merge (tenant, merge_id, kept_id, merged_id, prior_state, merged_by, merged_at,"
    " key_version, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr char kPointAt[] =
    "UPDATE person SET version = version + 1, changed_at = $4, state = 5, merged_into = $3"
    " WHERE tenant = $1 AND person_id = $2";
constexpr char kLockMerge[] =
    "SELECT merge_id, kept_id, merged_id, prior_state, merged_at FROM merge"
    " WHERE tenant = $1 AND merge_id = $2 AND undone_at IS NULL FOR UPDATE";
constexpr char kUndoMerge[] =
    "UPDATE merge SET undone_by = $3, undone_at = $4 WHERE tenant = $1 AND merge_id = $2";
constexpr char kPartPerson[] =
    "UPDATE person SET version = version + 1, changed_at = $4, state = $3, merged_into = NULL"
    " WHERE tenant = $1 AND person_id = $2";
// So that the same row is no repetition, and none that is older passes for newer.
constexpr char kForgetSaid[] =
    "UPDATE feed_link SET row_token = '', source_version = source_version - 1"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[])";
constexpr char kMergesOf[] =
    "SELECT merge_id, kept_id, merged_id, prior_state, merged_at FROM merge WHERE tenant = $1"
    " AND (kept_id = ANY ($2::uuid[]) OR merged_id = ANY ($2::uuid[])) ORDER BY merged_at";

DuplicateRow ReadPair(const pqxx::row& row) {
  return {db::Text(row[0]), db::Text(row[1]), db::Text(row[2]),
          static_cast<v1::DuplicateReason>(db::Int(row[3])), db::Instant(row[4])};
}

MergeRow ReadMerge(const pqxx::row& row) {
  return {db::Text(row[0]), db::Text(row[1]), db::Text(row[2]),
          static_cast<v1::PersonState>(db::Int(row[3])), db::Instant(row[4])};
}

}  // namespace

absl::StatusOr<std::vector<DuplicateRow>> WaitingDuplicates(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kWaiting, txn.tenant()));
  std::vector<DuplicateRow> pairs;
  for (const pqxx::row& row : rows) pairs.push_back(ReadPair(row));
  return pairs;
}

absl::StatusOr<std::optional<DuplicateRow>> LockDuplicate(db::Transaction& txn,
                                                          absl::string_view duplicate_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kLockPair, txn.tenant(), duplicate_id));
  if (rows.empty()) return std::nullopt;
  return ReadPair(rows[0]);
}

absl::StatusOr<std::vector<std::string>> DuplicatesOf(db::Transaction& txn,
                                                      const std::string& person_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kDuplicatesOf, txn.tenant(), person_id));
  std::vector<std::string> others;
  for (const pqxx::row& row : rows) others.push_back(db::Text(row[0]));
  return others;
}

absl::StatusOr<std::vector<DuplicateRow>> PairsOf(db::Transaction& txn,
                                                  const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kPairsOf, txn.tenant(), db::UuidArray(person_ids)));
  std::vector<DuplicateRow> pairs;
  for (const pqxx::row& row : rows) pairs.push_back(ReadPair(row));
  return pairs;
}

absl::Status DismissPair(db::Transaction& txn, absl::string_view duplicate_id,
                         absl::string_view user_id, absl::Time now) {
  return txn.Exec(kDismiss, txn.tenant(), duplicate_id, user_id, now).status();
}

absl::Status Join(db::Transaction& txn, const TenantKeys& keys, const MergeRow& merge,
                  absl::string_view reason, absl::string_view user_id) {
  const Sealed sealed = keys.Seal(keys.Binding("merge", merge.merge_id), reason);
  RETURN_IF_ERROR(txn.Exec(kInsertMerge, txn.tenant(), merge.merge_id, merge.kept_id,
                           merge.merged_id, static_cast<int>(merge.prior_state), user_id,
                           merge.merged_at, sealed.key_version, db::Bytea{sealed.bytes})
                      .status());
  RETURN_IF_ERROR(
      txn.Exec(kPointAt, txn.tenant(), merge.merged_id, merge.kept_id, merge.merged_at).status());
  RETURN_IF_ERROR(TouchPeople(txn, {merge.kept_id}, merge.merged_at));
  return txn
      .Exec(kDecidePair, txn.tenant(), merge.kept_id, merge.merged_id, user_id, merge.merged_at,
            kMerged)
      .status();
}

absl::StatusOr<std::optional<MergeRow>> LockMerge(db::Transaction& txn,
                                                  absl::string_view merge_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kLockMerge, txn.tenant(), merge_id));
  if (rows.empty()) return std::nullopt;
  return ReadMerge(rows[0]);
}

absl::Status Part(db::Transaction& txn, const TenantKeys& keys, const MergeRow& merge,
                  absl::string_view user_id, absl::CivilDay today, absl::Time now) {
  RETURN_IF_ERROR(txn.Exec(kUndoMerge, txn.tenant(), merge.merge_id, user_id, now).status());
  RETURN_IF_ERROR(
      txn.Exec(kPartPerson, txn.tenant(), merge.merged_id, static_cast<int>(merge.prior_state), now)
          .status());
  RETURN_IF_ERROR(TouchPeople(txn, {merge.kept_id}, now));
  RETURN_IF_ERROR(
      GiveBackEmployments(txn, keys, merge.kept_id, merge.merged_id, merge.merged_at, today, now));
  ASSIGN_OR_RETURN(const std::vector<std::string> both,
                   SamePeople(txn, {merge.kept_id, merge.merged_id}));
  RETURN_IF_ERROR(txn.Exec(kForgetSaid, txn.tenant(), db::UuidArray(both)).status());
  return txn
      .Exec(kDecidePair, txn.tenant(), merge.kept_id, merge.merged_id, user_id, now, kDismissed)
      .status();
}

absl::StatusOr<std::vector<MergeRow>> MergesOf(db::Transaction& txn,
                                               const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kMergesOf, txn.tenant(), db::UuidArray(person_ids)));
  std::vector<MergeRow> merges;
  for (const pqxx::row& row : rows) merges.push_back(ReadMerge(row));
  return merges;
}

}  // namespace waymark::workforce
