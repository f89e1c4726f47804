// Runs, chunks, rows, links and sources of the HR feed in PostgreSQL.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_STORE_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_STORE_H_

#include <cstdint>
#include <map>
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
#include "waymark/workforce/v1/hr_feed_service.pb.h"

namespace waymark::workforce {

// ---- Sources

struct SourceRow {
  v1::FeedSource source;
  // From when on it is expected.
  absl::Time since;
  int64_t applied_runs = 0;
  std::optional<absl::Time> last_applied;
  std::optional<absl::Time> last_snapshot;
  // Nothing was applied for longer than the source may be silent.
  bool StoppedAt(absl::Time now) const;
};
// Made with the usual brake and without an expectation when it is not there; locked when `lock`.
absl::StatusOr<SourceRow> SourceOf(db::Transaction& txn, absl::string_view source, absl::Time now,
                                   bool lock);
absl::StatusOr<std::vector<SourceRow>> ListSources(db::Transaction& txn);
absl::Status PutSource(db::Transaction& txn, const v1::FeedSource& source, absl::Time now);
absl::Status CountApplied(db::Transaction& txn, absl::string_view source, bool snapshot,
                          absl::Time extract, absl::Time now);

// ---- Runs

struct RunRow {
  v1::FeedRun run;
  v1::FeedHeader header;
  absl::Time extract;
  absl::Time begun;
  bool staged = false;
  int64_t previewed_after = -1;
  std::string applied_by;
  int applied_role = 0;
};
// NOT_FOUND RUN_UNKNOWN. Locked when `lock`.
absl::StatusOr<RunRow> RunOf(db::Transaction& txn, const TenantKeys& keys, absl::string_view run_id,
                             bool lock);
absl::StatusOr<std::optional<RunRow>> FindRun(db::Transaction& txn, const TenantKeys& keys,
                                              absl::string_view run_id, bool lock);
absl::Status InsertRun(db::Transaction& txn, const TenantKeys& keys, absl::string_view run_id,
                       const v1::FeedHeader& header, absl::string_view begun_by, absl::Time now);
// Newest first; those that began before (`before`, `before_id`) when set.
absl::StatusOr<std::vector<RunRow>> ListRuns(db::Transaction& txn, const TenantKeys& keys,
                                             absl::string_view source,
                                             std::optional<absl::Time> before,
                                             absl::string_view before_id, int limit);
// Ids of those that a duty has to go on with, oldest first.
absl::StatusOr<std::vector<std::string>> RunsAtWork(db::Transaction& txn);

// Changes of a run's state, each by one statement.
absl::Status SetState(db::Transaction& txn, absl::string_view run_id, v1::FeedRunState state);
absl::Status SetPreviewed(db::Transaction& txn, absl::string_view run_id, v1::FeedRunState state,
                          const v1::FeedCounts& counts, int64_t previewed_after, absl::Time now);
absl::Status SetConfirmed(db::Transaction& txn, absl::string_view run_id,
                          absl::string_view user_id);
absl::Status SetApplying(db::Transaction& txn, absl::string_view run_id, absl::string_view user_id,
                         int role);
absl::Status SetApplied(db::Transaction& txn, absl::string_view run_id, absl::Time now);
// REFUSED or ABANDONED; forgets the chunks.
absl::Status EndRun(db::Transaction& txn, absl::string_view run_id, v1::FeedRunState state,
                    absl::string_view refusal, absl::Time now);
// Deletes rows of runs that ended before `before`, and what is left of runs that nobody went on
// with since then; at most `limit` runs. Returns how many.
absl::StatusOr<int64_t> PurgeRuns(db::Transaction& txn, absl::Time before, int limit);

// ---- Chunks

// The next one; counts it.
absl::Status AppendChunk(db::Transaction& txn, const TenantKeys& keys, absl::string_view run_id,
                         int64_t number, absl::string_view bytes);
absl::StatusOr<std::string> ReadChunk(db::Transaction& txn, const TenantKeys& keys,
                                      absl::string_view run_id, int64_t number);
absl::Status SetStaged(db::Transaction& txn, absl::string_view run_id);

// ---- Rows

// A row as it is staged. Refused when `reason` is set.
struct StagedRow {
  int64_t line = 0;
  v1::FeedPerson person;
  absl::CivilDay effective;
  int64_t version = 0;
  std::optional<absl::CivilDay> ends;
  std::string column;
  std::string reason;
  // Of the person, should they be a joiner; made when empty.
  std::string new_person_id = {};
};
absl::Status InsertRows(db::Transaction& txn, const TenantKeys& keys, absl::string_view run_id,
                        const std::vector<StagedRow>& rows);
// Back to what staging left, for another comparison.
absl::Status ForgetEffects(db::Transaction& txn, absl::string_view run_id);

// Call first in a transaction of many rows.
absl::Status BeginBulk(db::Transaction& txn);

struct Comparison {
  std::string run_id;
  std::string source;
  v1::FeedKind kind = v1::FEED_KIND_UNSPECIFIED;
  absl::CivilDay extract_day;
  int64_t extract_version = 0;
  absl::CivilDay today;
  // What the file calls the columns of the key and of the manager, for refused rows.
  std::string key_column;
  std::string manager_column;
};
// Gives every staged row its effect, by what is known of its person; adds the leavers of a
// snapshot; counts.
absl::StatusOr<v1::FeedCounts> CompareRows(db::Transaction& txn, const Comparison& with);

// The half of it that gives the effects.
absl::Status JudgeRows(db::Transaction& txn, const Comparison& with);
absl::StatusOr<v1::FeedEffect> JudgedRow(db::Transaction& txn, absl::string_view run_id,
                                         int64_t line);
// Deletes what was staged.
absl::Status ForgetRows(db::Transaction& txn, absl::string_view run_id);

// A row that changes something, with what is known of its person now.
struct ChangeRow {
  int64_t line = 0;
  v1::FeedEffect effect = v1::FEED_EFFECT_UNSPECIFIED;
  // Not set for a leaver who is missing from a snapshot.
  std::optional<v1::FeedPerson> person;
  std::string external_token;
  std::string row_token;
  std::string place_token;
  std::string person_id;
  std::string manager_id;
  int64_t version = 0;
  absl::CivilDay effective;
  std::optional<absl::CivilDay> ends;
  // Of feed_link; employment_id empty: none.
  std::string employment_id;
  std::string linked_id;
  std::string linked_row_token;
  std::string linked_place_token;
  int64_t linked_version = 0;
  absl::CivilDay linked_effective;
  std::optional<absl::CivilDay> linked_ends;
  // Of the person whom the link means; 0: none yet.
  int person_state = 0;
};
// In order of line, after `line`, of one place.
absl::StatusOr<std::vector<ChangeRow>> ReadChanges(db::Transaction& txn, const TenantKeys& keys,
                                                   absl::string_view run_id,
                                                   absl::string_view source, int place,
                                                   int64_t after, int limit);
// The highest place among rows that change something.
absl::StatusOr<int> HighestPlace(db::Transaction& txn, absl::string_view run_id);

struct LinkWrite {
  std::string external_token;
  std::string person_id;
  std::string employment_id;
  std::string row_token;
  std::string place_token;
  int64_t version = 0;
  absl::CivilDay effective;
  std::optional<absl::CivilDay> ends;
};
absl::Status WriteLinks(db::Transaction& txn, absl::string_view run_id, absl::string_view source,
                        const std::vector<LinkWrite>& links);
struct LinkRow {
  std::string employment_id;
  int64_t version = 0;
};
// Those that there are, by external token.
absl::StatusOr<std::map<std::string, LinkRow>> ReadLinks(
    db::Transaction& txn, absl::string_view source,
    const std::vector<std::string>& external_tokens);
// Of a source: whose employment ended on `today`, and who is at work.
struct Ends {
  int64_t ended = 0;
  int64_t staff = 0;
};
absl::StatusOr<Ends> CountEnds(db::Transaction& txn, absl::string_view source,
                               absl::CivilDay today);
// The rows that said nothing new, but said it of a later day.
absl::Status RefreshLinks(db::Transaction& txn, absl::string_view run_id, absl::string_view source);

// After `after` in the order of line, those with `effect`.
absl::StatusOr<std::vector<v1::FeedRowResult>> ListRows(db::Transaction& txn,
                                                        const TenantKeys& keys,
                                                        absl::string_view run_id,
                                                        v1::FeedEffect effect, int64_t after,
                                                        int limit, int64_t* last);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_STORE_H_
