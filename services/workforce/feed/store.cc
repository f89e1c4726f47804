#include "services/workforce/feed/store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/feed/person_row.h"

namespace waymark::workforce {
namespace {

// ---- Sources

constexpr int kUsualBrake = 200;  // 2 %: interop.md 3.3

constexpr char kAddSource[] =
    "INSERT INTO feed_source"
    " (tenant, source, brake_basis_points, expected_every_hours, since_at)"
    " VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING";
constexpr char kSourceColumns[] =
    "SELECT source, brake_basis_points, expected_every_hours, since_at, applied_runs,"
    " last_applied_at, last_snapshot_at FROM feed_source WHERE tenant = $1";
// The silence that is allowed begins anew when somebody sets it.
constexpr char kPutSource[] =
    "INSERT INTO feed_source"
    " (tenant, source, brake_basis_points, expected_every_hours, since_at)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, source) DO UPDATE"
    " SET brake_basis_points = excluded.brake_basis_points,"
    " expected_every_hours = excluded.expected_every_hours, since_at = excluded.since_at";
constexpr char kCountApplied[] =
    "UPDATE feed_source SET applied_runs = applied_runs + 1, last_applied_at = $4,"
    " last_snapshot_at = CASE WHEN $3 THEN $5 ELSE last_snapshot_at END"
    " WHERE tenant = $1 AND source = $2";

// ---- Runs

constexpr char kInsertRun[] =
    "INSERT INTO feed_run (tenant, run_id, source, kind, state, key_version, sealed_header,"
    " extract_at, begun_by, begun_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9)";
constexpr char kRunColumns[] =
    "SELECT run_id, state, kind, key_version, sealed_header, received_chunks, staged, counts,"
    " refusal, begun_by, begun_at, previewed_after, previewed_at, coalesce(confirmed_by, ''),"
    " coalesce(applied_by, ''), coalesce(applied_role, 0), applied_at, extract_at FROM feed_run"
    " WHERE tenant = $1";
constexpr char kRunsAtWork[] =
    "SELECT run_id FROM feed_run WHERE tenant = $1 AND state IN (2, 3, 6) ORDER BY begun_at";
constexpr char kSetState[] = "UPDATE feed_run SET state = $3 WHERE tenant = $1 AND run_id = $2";
constexpr char kSetPreviewed[] =
    "UPDATE feed_run SET state = $3, counts = $4, previewed_after = $5, previewed_at = $6,"
    " confirmed_by = NULL, applied_by = NULL, refusal = ''"
    " WHERE tenant = $1 AND run_id = $2";
constexpr char kSetConfirmed[] =
    "UPDATE feed_run SET state = 4, confirmed_by = $3 WHERE tenant = $1 AND run_id = $2";
constexpr char kSetApplying[] =
    "UPDATE feed_run SET state = 6, applied_by = $3, applied_role = $4"
    " WHERE tenant = $1 AND run_id = $2";
constexpr char kSetApplied[] =
    "UPDATE feed_run SET state = 7, applied_at = $3, ended_at = $3"
    " WHERE tenant = $1 AND run_id = $2";
constexpr char kEndRun[] =
    "UPDATE feed_run SET state = $3, refusal = $4, ended_at = $5"
    " WHERE tenant = $1 AND run_id = $2";
constexpr char kDeleteChunks[] = "DELETE FROM feed_chunk WHERE tenant = $1 AND run_id = $2";
constexpr char kOldRuns[] =
    "SELECT run_id FROM feed_run WHERE tenant = $1"
    " AND (ended_at < $2 OR (ended_at IS NULL AND state IN (1, 4, 5) AND begun_at < $2))"
    " AND (ended_at IS NULL OR EXISTS (SELECT 1 FROM feed_row AS r WHERE r.tenant = $1"
    "  AND r.run_id = feed_run.run_id)) LIMIT $3 FOR UPDATE SKIP LOCKED";
constexpr char kEndOldRun[] =
    "UPDATE feed_run SET state = CASE WHEN ended_at IS NULL THEN 9 ELSE state END,"
    " ended_at = coalesce(ended_at, $3) WHERE tenant = $1 AND run_id = $2";
constexpr char kDeleteRows[] = "DELETE FROM feed_row WHERE tenant = $1 AND run_id = $2";

// ---- Chunks

constexpr char kInsertChunk[] =
    "INSERT INTO feed_chunk (tenant, run_id, number, key_version, sealed)"
    " VALUES ($1, $2, $3, $4, $5)";
constexpr char kCountChunk[] =
    "UPDATE feed_run SET received_chunks = $3 WHERE tenant = $1 AND run_id = $2";
constexpr char kReadChunk[] =
    "SELECT key_version, sealed FROM feed_chunk WHERE tenant = $1 AND run_id = $2 AND number = $3";
constexpr char kSetStaged[] = "UPDATE feed_run SET staged = true WHERE tenant = $1 AND run_id = $2";

// ---- Rows

constexpr char kInsertRows[] =
    "INSERT INTO feed_row (tenant, run_id, line, effect, external_token, manager_token, row_token,"
    " place_token, source_version, effective_on, ends_on, end_reason, new_person_id, column_name,"
    " reason, key_version, sealed)"
    " SELECT $1, $2::uuid, r.* FROM unnest($3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[],"
    " $7::bytea[], $8::bytea[], $9::bigint[], $10::date[], $11::date[], $12::bigint[],"
    " $13::uuid[], $14::text[], $15::text[], $16::bigint[], $17::bytea[]) AS r";
constexpr char kForgetLeavers[] =
    "DELETE FROM feed_row WHERE tenant = $1 AND run_id = $2 AND line < 0";
// Refusals of staging stay; those that comparing found are found again.
constexpr char kForgetEffects[] =
    "UPDATE feed_row SET effect = 0, place = 0, person_id = NULL, manager_id = NULL,"
    " column_name = '', reason = ''"
    " WHERE tenant = $1 AND run_id = $2 AND (effect <> 7 OR row_token IS NOT NULL)";

// A person stands once in a snapshot; among changes once for each day and version.
constexpr char kRefuseTwice[] =
    "UPDATE feed_row SET effect = 7, reason = 'DUPLICATE_ROW', column_name = $4"
    " FROM (SELECT line AS twice_line, row_number() OVER (PARTITION BY external_token,"
    "   CASE WHEN $3 THEN NULL ELSE effective_on END,"
    "   CASE WHEN $3 THEN NULL ELSE source_version END ORDER BY line) AS nth"
    "  FROM feed_row WHERE tenant = $1 AND run_id = $2 AND effect = 0) AS twice"
    " WHERE tenant = $1 AND run_id = $2 AND line = twice.twice_line AND twice.nth > 1";

// The record that `p` was merged into in the end, however many merges lie between; none for a
// person who stands for themselves. A link goes on meaning the person for whom the source's key was
// made, so that a merge which is undone parts their feeds too. Asked for the merged alone (a
// one-time filter): else every row would join all people with an empty set, by a hash that is built
// anew.
#define WAYMARK_KEPT                                                           \
  " LEFT JOIN LATERAL (WITH RECURSIVE up AS ("                                 \
  "  SELECT * FROM person WHERE tenant = $1 AND person_id = p.merged_into"     \
  "  UNION ALL SELECT n.* FROM person AS n JOIN up"                            \
  "   ON n.tenant = $1 AND n.person_id = up.merged_into)"                      \
  "  SELECT * FROM up WHERE merged_into IS NULL AND p.merged_into IS NOT NULL" \
  "  LIMIT 1) AS kept ON true"

// What each row comes to. `known` is the last that was said of the person before it: by an earlier
// row of this run or by the link, whichever is later. In order of the CASE:
// - somebody who died, or went to another force, is not touched by a feed;
// - somebody unknown who is not employed any more is nobody's business;
// - a row older than what is known of its person is late: it still belongs into the employment's
//   history, unless something newer was said for that very day;
// - the same words again change nothing;
// - other words for the same day and version: the first stand.
// Links and people are looked up one by one: the cost is that of the run, not of the force.
// $1 tenant, $2 run, $3 source, $4 today, $5 the manager's column.
constexpr char kCompare[] =
    "WITH staged AS ("
    " SELECT line, external_token, manager_token, row_token, place_token, source_version,"
    "  effective_on, ends_on, end_reason,"
    "  first_value(new_person_id) OVER w AS new_id, row_number() OVER w AS nth,"
    "  lag(row_token) OVER w AS said_row, lag(place_token) OVER w AS said_place,"
    "  lag(source_version) OVER w AS said_version, lag(effective_on) OVER w AS said_on,"
    "  lag(ends_on) OVER w AS said_ends"
    " FROM feed_row WHERE tenant = $1 AND run_id = $2 AND effect = 0"
    " WINDOW w AS (PARTITION BY external_token ORDER BY effective_on, source_version)"
    "), wanted AS ("
    " SELECT external_token FROM staged UNION"
    " SELECT manager_token FROM staged WHERE manager_token IS NOT NULL"
    "), linked AS ("
    " SELECT w.external_token, coalesce(kept.person_id, l.person_id) AS person_id,"
    "  l.employment_id, l.row_token, l.place_token, l.source_version, l.effective_on, l.ends_on,"
    "  coalesce(kept.state, p.state) AS person_state"
    " FROM wanted AS w"
    " CROSS JOIN LATERAL (SELECT * FROM feed_link WHERE tenant = $1 AND source = $3"
    "  AND external_token = w.external_token LIMIT 1) AS l"
    " LEFT JOIN LATERAL (SELECT * FROM person WHERE tenant = $1 AND person_id = l.person_id"
    "  LIMIT 1) AS p ON true" WAYMARK_KEPT
    "), manager AS ("
    " SELECT external_token, person_id FROM linked"
    " UNION ALL SELECT s.external_token, s.new_id FROM staged AS s"
    "  LEFT JOIN linked AS l ON l.external_token = s.external_token"
    "  WHERE s.nth = 1 AND l.external_token IS NULL"
    "   AND (s.ends_on IS NULL OR s.ends_on > $4::date)"
    "), known AS ("
    " SELECT s.*, coalesce(l.person_id, s.new_id) AS person_id, l.person_state, l.employment_id,"
    "  l.person_id IS NOT NULL AS is_linked, m.person_id AS manager_id,"
    "  CASE WHEN b.by_row THEN s.said_row ELSE l.row_token END AS known_row,"
    "  CASE WHEN b.by_row THEN s.said_place ELSE l.place_token END AS known_place,"
    "  CASE WHEN b.by_row THEN s.said_version ELSE l.source_version END AS known_version,"
    "  CASE WHEN b.by_row THEN s.said_on ELSE l.effective_on END AS known_on,"
    "  CASE WHEN b.by_row THEN s.said_ends ELSE l.ends_on END AS known_ends"
    " FROM staged AS s"
    " LEFT JOIN linked AS l ON l.external_token = s.external_token"
    " LEFT JOIN manager AS m ON m.external_token = s.manager_token"
    " CROSS JOIN LATERAL (SELECT s.said_on IS NOT NULL AND (l.effective_on IS NULL"
    "  OR (s.said_on, s.said_version) > (l.effective_on, l.source_version)) AS by_row) AS b"
    "), judged AS ("
    " SELECT k.*, CASE"
    "  WHEN person_state = 4 THEN 8"
    "  WHEN person_state = 6 AND ends_on IS NULL AND known_ends IS NULL THEN 8"
    "  WHEN known_on IS NULL AND ends_on <= $4::date THEN 6"
    "  WHEN known_on IS NULL THEN 1"
    "  WHEN (effective_on, source_version) < (known_on, known_version) THEN"
    "   CASE WHEN effective_on = known_on OR ends_on IS NOT NULL OR EXISTS ("
    "     SELECT 1 FROM employment_slice AS e WHERE e.tenant = $1"
    "     AND e.employment_id = k.employment_id AND e.known_until = 'infinity'"
    "     AND e.from_on = k.effective_on AND e.source_version >= k.source_version)"
    "   THEN 8 ELSE 5 END"
    "  WHEN row_token = known_row THEN 6"
    "  WHEN effective_on = known_on AND source_version = known_version THEN 8"
    "  WHEN known_ends <= effective_on AND (ends_on IS NULL OR ends_on > effective_on) THEN 4"
    "  WHEN known_ends IS NULL AND ends_on IS NOT NULL THEN 3"
    "  WHEN place_token <> known_place THEN 2"
    "  ELSE 5 END AS effect FROM known AS k"
    ")"
    " UPDATE feed_row AS f SET place = j.nth, person_id = j.person_id,"
    "  manager_id = nullif(j.manager_id, j.person_id),"
    "  effect = CASE WHEN j.lost THEN 7 ELSE j.effect END,"
    "  column_name = CASE WHEN j.lost THEN $5 ELSE '' END,"
    "  reason = CASE WHEN j.lost THEN 'MANAGER_UNKNOWN'"
    "   WHEN j.person_state = 4 THEN 'PERSON_DECEASED'"
    "   WHEN j.person_state = 6 AND j.effect = 8 THEN 'PERSON_TRANSFERRED'"
    "   WHEN j.effect = 3 AND j.end_reason = 3 THEN 'DEATH_TO_CONFIRM' ELSE '' END"
    " FROM (SELECT judged.*, effect IN (1, 2, 4, 5) AND manager_token IS NOT NULL"
    "   AND manager_id IS NULL AS lost FROM judged) AS j"
    " WHERE f.tenant = $1 AND f.run_id = $2 AND f.line = j.line";

// Who is missing from a snapshot has left on the day of the extract, unless something of a later
// day was said of them.
constexpr char kAddMissing[] =
    "INSERT INTO feed_row (tenant, run_id, line, effect, place, external_token, row_token,"
    " place_token, source_version, effective_on, ends_on, person_id, key_version, sealed)"
    " SELECT $1, $2::uuid, -row_number() OVER (ORDER BY l.external_token), 3, 1, l.external_token,"
    "  l.row_token, l.place_token, $5, $4::date, $4::date,"
    "  coalesce(kept.person_id, l.person_id), 0, ''"
    " FROM feed_link AS l JOIN person AS p ON p.tenant = $1"
    "  AND p.person_id = l.person_id" WAYMARK_KEPT
    " WHERE l.tenant = $1 AND l.source = $3 AND (l.ends_on IS NULL OR l.ends_on > $4::date)"
    "  AND (l.effective_on, l.source_version) < ($4::date, $5::bigint)"
    "  AND coalesce(kept.state, p.state) <> 4"
    "  AND NOT EXISTS (SELECT 1 FROM feed_row AS r WHERE r.tenant = $1 AND r.run_id = $2"
    "   AND r.external_token = l.external_token)";
// Compiling a statement costs more than running it: seconds under a loaded machine.
constexpr char kNoCompiling[] = "SELECT set_config('jit', 'off', true)";
constexpr char kNestedLoops[] = "SELECT set_config('enable_nestloop', $1, true)";
constexpr char kCount[] =
    "SELECT effect, count(*), count(*) FILTER (WHERE line > 0) FROM feed_row"
    " WHERE tenant = $1 AND run_id = $2 GROUP BY effect";
constexpr char kJudged[] =
    "SELECT effect FROM feed_row WHERE tenant = $1 AND run_id = $2 AND line = $3";
constexpr char kStaff[] =
    "SELECT count(*) FROM feed_link WHERE tenant = $1 AND source = $2"
    " AND (ends_on IS NULL OR ends_on > $3::date)";

// LATERAL with LIMIT: without statistics of what this transaction wrote the planner would join by
// reading every link again for each row. CASE and not coalesce(): that is not known to be
// leakproof, so under row-level security no index is asked with it, and each row read all people.
constexpr char kReadChanges[] =
    "SELECT r.line, r.effect, r.key_version, r.sealed, r.external_token, r.row_token,"
    " r.place_token, coalesce(kept.person_id, p.person_id, r.person_id),"
    " coalesce(r.manager_id::text, ''), r.source_version, r.effective_on, r.ends_on,"
    " coalesce(l.employment_id::text, ''), coalesce(l.person_id::text, ''), l.row_token,"
    " l.place_token, coalesce(l.source_version, 0), l.effective_on, l.ends_on,"
    " coalesce(kept.state, p.state, 0)"
    " FROM feed_row AS r"
    " LEFT JOIN LATERAL (SELECT * FROM feed_link WHERE tenant = $1 AND source = $3"
    "  AND external_token = r.external_token LIMIT 1) AS l ON true"
    " LEFT JOIN LATERAL (SELECT * FROM person WHERE tenant = $1"
    "  AND person_id = CASE WHEN l.person_id IS NULL THEN r.person_id ELSE l.person_id END"
    "  LIMIT 1) AS p ON true" WAYMARK_KEPT
    " WHERE r.tenant = $1 AND r.run_id = $2 AND r.line > $5 AND r.place = $4"
    "  AND r.effect IN (1, 2, 3, 4, 5) ORDER BY r.line LIMIT $6";
constexpr char kHighestPlace[] =
    "SELECT coalesce(max(place), 0) FROM feed_row WHERE tenant = $1 AND run_id = $2"
    " AND effect IN (1, 2, 3, 4, 5)";
constexpr char kWriteLinks[] =
    "INSERT INTO feed_link (tenant, source, external_token, person_id, employment_id, row_token,"
    " place_token, source_version, effective_on, ends_on, last_run_id)"
    " SELECT $1, $2, l.*, $3::uuid FROM unnest($4::bytea[], $5::uuid[], $6::uuid[], $7::bytea[],"
    " $8::bytea[], $9::bigint[], $10::date[], $11::date[]) AS l"
    " ON CONFLICT (tenant, source, external_token) DO UPDATE"
    " SET employment_id = excluded.employment_id, row_token = excluded.row_token,"
    " place_token = excluded.place_token, source_version = excluded.source_version,"
    " effective_on = excluded.effective_on, ends_on = excluded.ends_on,"
    " last_run_id = excluded.last_run_id";
constexpr char kReadLinks[] =
    "SELECT external_token, employment_id, source_version FROM feed_link"
    " WHERE tenant = $1 AND source = $2 AND external_token = ANY ($3::bytea[])";
constexpr char kEnds[] =
    "SELECT count(*) FILTER (WHERE ends_on = $3::date),"
    " count(*) FILTER (WHERE ends_on IS NULL OR ends_on > $3::date) FROM feed_link"
    " WHERE tenant = $1 AND source = $2 AND (ends_on IS NULL OR ends_on >= $3::date)";
constexpr char kRefreshLinks[] =
    "UPDATE feed_link AS l SET effective_on = r.effective_on, source_version = r.source_version,"
    " last_run_id = $2::uuid FROM feed_row AS r"
    " WHERE r.tenant = $1 AND r.run_id = $2 AND r.effect = 6 AND l.tenant = $1 AND l.source = $3"
    " AND l.external_token = r.external_token AND l.row_token = r.row_token"
    " AND (l.effective_on, l.source_version) < (r.effective_on, r.source_version)";
constexpr char kListRows[] =
    "SELECT line, effect, coalesce(person_id::text, ''), key_version, sealed, column_name, reason"
    " FROM feed_row WHERE tenant = $1 AND run_id = $2 AND effect = $3 AND line > $4"
    " ORDER BY line LIMIT $5";

std::string RunBinding(const TenantKeys& keys, absl::string_view run_id) {
  return keys.Binding("feed_run", run_id);
}

std::optional<std::string> DayText(const std::optional<absl::CivilDay>& day) {
  if (!day) return std::nullopt;
  return civil::FormatDay(*day);
}

std::optional<absl::CivilDay> OptionalDay(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  const auto day = civil::ParseDay(db::Text(field));
  return day.ok() ? std::optional<absl::CivilDay>(*day) : std::nullopt;
}

SourceRow ReadSource(const pqxx::row& row) {
  SourceRow source;
  source.source.set_source(db::Text(row[0]));
  source.source.set_brake_basis_points(static_cast<int32_t>(db::Int(row[1])));
  source.source.set_expected_every_hours(static_cast<int32_t>(db::Int(row[2])));
  source.since = db::Instant(row[3]);
  source.applied_runs = db::Int(row[4]);
  source.last_applied = db::Optional<absl::Time>(row[5]);
  source.last_snapshot = db::Optional<absl::Time>(row[6]);
  if (source.last_applied) {
    *source.source.mutable_last_applied_time() = casework::ToTimestamp(*source.last_applied);
  }
  return source;
}

absl::StatusOr<RunRow> ReadRun(const TenantKeys& keys, const pqxx::row& row) {
  RunRow read;
  v1::FeedRun& run = read.run;
  run.set_run_id(db::Text(row[0]));
  run.set_state(static_cast<v1::FeedRunState>(db::Int(row[1])));
  run.set_kind(static_cast<v1::FeedKind>(db::Int(row[2])));
  ASSIGN_OR_RETURN(const std::string header,
                   keys.Open(RunBinding(keys, run.run_id()), static_cast<int32_t>(db::Int(row[3])),
                             db::Bytes(row[4])));
  run.set_received_chunks(db::Int(row[5]));
  read.staged = db::Bool(row[6]);
  if (!read.header.ParseFromString(header) ||
      !run.mutable_counts()->ParseFromString(db::Bytes(row[7]))) {
    return status::DataLoss("FEED_UNREADABLE", "A stored feed run cannot be read.");
  }
  *run.mutable_manifest() = read.header.manifest();
  run.set_refusal(db::Text(row[8]));
  run.set_begun_by(db::Text(row[9]));
  read.begun = db::Instant(row[10]);
  *run.mutable_begun_time() = casework::ToTimestamp(read.begun);
  read.previewed_after = db::Optional<int64_t>(row[11]).value_or(-1);
  if (const auto previewed = db::Optional<absl::Time>(row[12])) {
    *run.mutable_previewed_time() = casework::ToTimestamp(*previewed);
  } else {
    run.clear_counts();
  }
  run.set_confirmed_by(db::Text(row[13]));
  read.applied_by = db::Text(row[14]);
  read.applied_role = static_cast<int>(db::Int(row[15]));
  if (const auto applied = db::Optional<absl::Time>(row[16])) {
    *run.mutable_applied_time() = casework::ToTimestamp(*applied);
  }
  read.extract = db::Instant(row[17]);
  return read;
}

}  // namespace

bool SourceRow::StoppedAt(absl::Time now) const {
  if (source.expected_every_hours() == 0) return false;
  const absl::Time last = last_applied ? std::max(*last_applied, since) : since;
  return now > last + absl::Hours(source.expected_every_hours());
}

absl::StatusOr<SourceRow> SourceOf(db::Transaction& txn, absl::string_view source, absl::Time now,
                                   bool lock) {
  RETURN_IF_ERROR(txn.Exec(kAddSource, txn.tenant(), source, kUsualBrake, now).status());
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(absl::StrCat(kSourceColumns, " AND source = $2",
                                                                 lock ? " FOR UPDATE" : ""),
                                                    txn.tenant(), source));
  return ReadSource(row);
}

absl::StatusOr<std::vector<SourceRow>> ListSources(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kSourceColumns, " ORDER BY source"), txn.tenant()));
  std::vector<SourceRow> sources;
  for (const pqxx::row& row : rows) sources.push_back(ReadSource(row));
  return sources;
}

absl::Status PutSource(db::Transaction& txn, const v1::FeedSource& source, absl::Time now) {
  return txn
      .Exec(kPutSource, txn.tenant(), source.source(), source.brake_basis_points(),
            source.expected_every_hours(), now)
      .status();
}

absl::Status CountApplied(db::Transaction& txn, absl::string_view source, bool snapshot,
                          absl::Time extract, absl::Time now) {
  return txn.Exec(kCountApplied, txn.tenant(), source, snapshot, now, extract).status();
}

absl::StatusOr<std::optional<RunRow>> FindRun(db::Transaction& txn, const TenantKeys& keys,
                                              absl::string_view run_id, bool lock) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(absl::StrCat(kRunColumns, " AND run_id = $2",
                                                                  lock ? " FOR UPDATE" : ""),
                                                     txn.tenant(), run_id));
  if (rows.empty()) return std::optional<RunRow>();
  ASSIGN_OR_RETURN(RunRow run, ReadRun(keys, rows[0]));
  return std::optional<RunRow>(std::move(run));
}

absl::StatusOr<RunRow> RunOf(db::Transaction& txn, const TenantKeys& keys, absl::string_view run_id,
                             bool lock) {
  std::optional<RunRow> run;
  if (ids::IsUuid(run_id)) {
    ASSIGN_OR_RETURN(run, FindRun(txn, keys, run_id, lock));
  }
  if (!run) return status::NotFound("RUN_UNKNOWN", "There is no such feed run in this force.");
  return *std::move(run);
}

absl::Status InsertRun(db::Transaction& txn, const TenantKeys& keys, absl::string_view run_id,
                       const v1::FeedHeader& header, absl::string_view begun_by, absl::Time now) {
  const Sealed sealed = keys.Seal(RunBinding(keys, run_id), header.SerializeAsString());
  return txn
      .Exec(kInsertRun, txn.tenant(), run_id, header.manifest().source(),
            static_cast<int>(header.kind()), sealed.key_version, db::Bytea{sealed.bytes},
            casework::FromTimestamp(header.manifest().extract_time()), begun_by, now)
      .status();
}

absl::StatusOr<std::vector<RunRow>> ListRuns(db::Transaction& txn, const TenantKeys& keys,
                                             absl::string_view source,
                                             std::optional<absl::Time> before,
                                             absl::string_view before_id, int limit) {
  ASSIGN_OR_RETURN(
      const pqxx::result rows,
      txn.Exec(absl::StrCat(kRunColumns,
                            " AND ($2 = '' OR source = $2) AND ($3::timestamptz IS NULL"
                            " OR (begun_at, run_id) < ($3::timestamptz, $4::uuid))"
                            " ORDER BY begun_at DESC, run_id DESC LIMIT $5"),
               txn.tenant(), source, before,
               before ? std::optional<std::string>(std::string(before_id)) : std::nullopt, limit));
  std::vector<RunRow> runs;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(RunRow run, ReadRun(keys, row));
    runs.push_back(std::move(run));
  }
  return runs;
}

absl::StatusOr<std::vector<std::string>> RunsAtWork(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kRunsAtWork, txn.tenant()));
  std::vector<std::string> ids;
  for (const pqxx::row& row : rows) ids.push_back(db::Text(row[0]));
  return ids;
}

absl::Status SetState(db::Transaction& txn, absl::string_view run_id, v1::FeedRunState state) {
  return txn.Exec(kSetState, txn.tenant(), run_id, static_cast<int>(state)).status();
}

absl::Status SetPreviewed(db::Transaction& txn, absl::string_view run_id, v1::FeedRunState state,
                          const v1::FeedCounts& counts, int64_t previewed_after, absl::Time now) {
  const std::string bytes = counts.SerializeAsString();
  return txn
      .Exec(kSetPreviewed, txn.tenant(), run_id, static_cast<int>(state), db::Bytea{bytes},
            previewed_after, now)
      .status();
}

absl::Status SetConfirmed(db::Transaction& txn, absl::string_view run_id,
                          absl::string_view user_id) {
  return txn.Exec(kSetConfirmed, txn.tenant(), run_id, user_id).status();
}

absl::Status SetApplying(db::Transaction& txn, absl::string_view run_id, absl::string_view user_id,
                         int role) {
  return txn.Exec(kSetApplying, txn.tenant(), run_id, user_id, role).status();
}

absl::Status SetApplied(db::Transaction& txn, absl::string_view run_id, absl::Time now) {
  return txn.Exec(kSetApplied, txn.tenant(), run_id, now).status();
}

absl::Status EndRun(db::Transaction& txn, absl::string_view run_id, v1::FeedRunState state,
                    absl::string_view refusal, absl::Time now) {
  RETURN_IF_ERROR(txn.Exec(kDeleteChunks, txn.tenant(), run_id).status());
  return txn.Exec(kEndRun, txn.tenant(), run_id, static_cast<int>(state), refusal, now).status();
}

absl::StatusOr<int64_t> PurgeRuns(db::Transaction& txn, absl::Time before, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kOldRuns, txn.tenant(), before, limit));
  for (const pqxx::row& row : rows) {
    const std::string run_id = db::Text(row[0]);
    RETURN_IF_ERROR(txn.Exec(kDeleteRows, txn.tenant(), run_id).status());
    RETURN_IF_ERROR(txn.Exec(kDeleteChunks, txn.tenant(), run_id).status());
    RETURN_IF_ERROR(txn.Exec(kEndOldRun, txn.tenant(), run_id, before).status());
  }
  return static_cast<int64_t>(rows.size());
}

absl::Status AppendChunk(db::Transaction& txn, const TenantKeys& keys, absl::string_view run_id,
                         int64_t number, absl::string_view bytes) {
  const Sealed sealed = keys.Seal(keys.Binding("feed_chunk", run_id, absl::StrCat(number)), bytes);
  RETURN_IF_ERROR(txn.Exec(kInsertChunk, txn.tenant(), run_id, number, sealed.key_version,
                           db::Bytea{sealed.bytes})
                      .status());
  return txn.Exec(kCountChunk, txn.tenant(), run_id, number).status();
}

absl::StatusOr<std::string> ReadChunk(db::Transaction& txn, const TenantKeys& keys,
                                      absl::string_view run_id, int64_t number) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kReadChunk, txn.tenant(), run_id, number));
  return keys.Open(keys.Binding("feed_chunk", run_id, absl::StrCat(number)),
                   static_cast<int32_t>(db::Int(row[0])), db::Bytes(row[1]));
}

absl::Status SetStaged(db::Transaction& txn, absl::string_view run_id) {
  RETURN_IF_ERROR(txn.Exec(kSetStaged, txn.tenant(), run_id).status());
  return txn.Exec(kDeleteChunks, txn.tenant(), run_id).status();
}

absl::Status InsertRows(db::Transaction& txn, const TenantKeys& keys, absl::string_view run_id,
                        const std::vector<StagedRow>& rows) {
  if (rows.empty()) return absl::OkStatus();
  std::vector<int64_t> lines, effects, versions, end_reasons, key_versions;
  std::vector<std::optional<std::string>> externals, managers, texts, places, on, ends, new_ids;
  std::vector<std::string> columns, reasons, sealed_rows;
  for (const StagedRow& row : rows) {
    const bool refused = !row.reason.empty();
    const v1::FeedPerson& person = row.person;
    lines.push_back(row.line);
    effects.push_back(refused ? v1::FEED_EFFECT_REFUSED : 0);
    const auto token = [&keys](TokenKind kind,
                               absl::string_view text) -> std::optional<std::string> {
      if (text.empty()) return std::nullopt;
      return keys.Token(kind, text);
    };
    externals.push_back(token(TokenKind::kExternalId, person.external_id()));
    managers.push_back(refused ? std::nullopt
                               : token(TokenKind::kExternalId, person.manager_external_id()));
    texts.push_back(refused ? std::nullopt : token(TokenKind::kFeedRow, RowText(person)));
    places.push_back(refused ? std::nullopt : token(TokenKind::kFeedPlace, PlaceText(person)));
    versions.push_back(row.version);
    on.push_back(refused ? std::nullopt : DayText(row.effective));
    ends.push_back(DayText(row.ends));
    end_reasons.push_back(person.employment().end_reason());
    new_ids.push_back(
        refused ? std::nullopt
                : std::optional(row.new_person_id.empty() ? ids::NewUuid() : row.new_person_id));
    columns.push_back(row.column);
    reasons.push_back(row.reason);
    v1::FeedPerson kept;
    if (refused) kept.set_external_id(person.external_id());
    Sealed sealed = keys.Seal(keys.Binding("feed_row", run_id, absl::StrCat(row.line)),
                              (refused ? kept : person).SerializeAsString());
    key_versions.push_back(sealed.key_version);
    sealed_rows.push_back(std::move(sealed.bytes));
  }
  return txn
      .Exec(kInsertRows, txn.tenant(), run_id, db::Int8Array(lines), db::Int8Array(effects),
            db::ByteaArray(externals), db::ByteaArray(managers), db::ByteaArray(texts),
            db::ByteaArray(places), db::Int8Array(versions), db::TextArray(on), db::TextArray(ends),
            db::Int8Array(end_reasons), db::TextArray(new_ids), db::TextArray(columns),
            db::TextArray(reasons), db::Int8Array(key_versions), db::ByteaArray(sealed_rows))
      .status();
}

absl::Status ForgetEffects(db::Transaction& txn, absl::string_view run_id) {
  RETURN_IF_ERROR(txn.Exec(kForgetLeavers, txn.tenant(), run_id).status());
  return txn.Exec(kForgetEffects, txn.tenant(), run_id).status();
}

absl::Status BeginBulk(db::Transaction& txn) { return txn.Exec(kNoCompiling).status(); }

absl::StatusOr<v1::FeedCounts> CompareRows(db::Transaction& txn, const Comparison& with) {
  const bool snapshot = with.kind == v1::FEED_KIND_SNAPSHOT;
  const std::string today = civil::FormatDay(with.today);
  // The planner has no statistics of rows that were just written, takes a quarter of a million for
  // a few, and would join them by nested loops for hours.
  RETURN_IF_ERROR(txn.Exec(kNestedLoops, "off").status());
  RETURN_IF_ERROR(
      txn.Exec(kRefuseTwice, txn.tenant(), with.run_id, snapshot, with.key_column).status());
  RETURN_IF_ERROR(JudgeRows(txn, with));
  if (snapshot) {
    RETURN_IF_ERROR(txn.Exec(kAddMissing, txn.tenant(), with.run_id, with.source,
                             civil::FormatDay(with.extract_day), with.extract_version)
                        .status());
  }
  RETURN_IF_ERROR(txn.Exec(kNestedLoops, "on").status());
  v1::FeedCounts counts;
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kCount, txn.tenant(), with.run_id));
  for (const pqxx::row& row : rows) {
    const int64_t count = db::Int(row[1]);
    counts.set_rows(counts.rows() + db::Int(row[2]));
    switch (static_cast<v1::FeedEffect>(db::Int(row[0]))) {
      case v1::FEED_EFFECT_JOINER:
        counts.set_joiners(count);
        break;
      case v1::FEED_EFFECT_MOVER:
        counts.set_movers(count);
        break;
      case v1::FEED_EFFECT_LEAVER:
        counts.set_leavers(count);
        break;
      case v1::FEED_EFFECT_REJOINER:
        counts.set_rejoiners(count);
        break;
      case v1::FEED_EFFECT_CHANGE:
        counts.set_changes(count);
        break;
      case v1::FEED_EFFECT_UNCHANGED:
        counts.set_unchanged(count);
        break;
      case v1::FEED_EFFECT_OUTDATED:
        counts.set_outdated(count);
        break;
      case v1::FEED_EFFECT_REFUSED:
        counts.set_refused(count);
        break;
      default:
        return status::Internal("FEED_NOT_COMPARED", "A row of the feed was not compared.");
    }
  }
  ASSIGN_OR_RETURN(const pqxx::row staff, txn.ExecRow(kStaff, txn.tenant(), with.source, today));
  counts.set_staff_before(db::Int(staff[0]));
  return counts;
}

absl::Status JudgeRows(db::Transaction& txn, const Comparison& with) {
  return txn
      .Exec(kCompare, txn.tenant(), with.run_id, with.source, civil::FormatDay(with.today),
            with.manager_column)
      .status();
}

absl::StatusOr<v1::FeedEffect> JudgedRow(db::Transaction& txn, absl::string_view run_id,
                                         int64_t line) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kJudged, txn.tenant(), run_id, line));
  return static_cast<v1::FeedEffect>(db::Int(row[0]));
}

absl::Status ForgetRows(db::Transaction& txn, absl::string_view run_id) {
  return txn.Exec(kDeleteRows, txn.tenant(), run_id).status();
}

absl::StatusOr<std::vector<ChangeRow>> ReadChanges(db::Transaction& txn, const TenantKeys& keys,
                                                   absl::string_view run_id,
                                                   absl::string_view source, int place,
                                                   int64_t after, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadChanges, txn.tenant(), run_id, source, place, after, limit));
  std::vector<ChangeRow> changes;
  changes.reserve(rows.size());
  for (const pqxx::row& row : rows) {
    ChangeRow change;
    change.line = db::Int(row[0]);
    change.effect = static_cast<v1::FeedEffect>(db::Int(row[1]));
    if (const std::string sealed = db::Bytes(row[3]); !sealed.empty()) {
      ASSIGN_OR_RETURN(const std::string bytes,
                       keys.Open(keys.Binding("feed_row", run_id, absl::StrCat(change.line)),
                                 static_cast<int32_t>(db::Int(row[2])), sealed));
      change.person.emplace();
      if (!change.person->ParseFromString(bytes)) {
        return status::DataLoss("FEED_UNREADABLE", "A staged row cannot be read.");
      }
    }
    change.external_token = db::Bytes(row[4]);
    change.row_token = db::Bytes(row[5]);
    change.place_token = db::Bytes(row[6]);
    change.person_id = db::Text(row[7]);
    change.manager_id = db::Text(row[8]);
    change.version = db::Int(row[9]);
    change.effective = OptionalDay(row[10]).value_or(absl::CivilDay());
    change.ends = OptionalDay(row[11]);
    change.employment_id = db::Text(row[12]);
    change.linked_id = db::Text(row[13]);
    change.linked_row_token = db::OptionalBytes(row[14]).value_or("");
    change.linked_place_token = db::OptionalBytes(row[15]).value_or("");
    change.linked_version = db::Int(row[16]);
    change.linked_effective = OptionalDay(row[17]).value_or(absl::CivilDay());
    change.linked_ends = OptionalDay(row[18]);
    change.person_state = static_cast<int>(db::Int(row[19]));
    changes.push_back(std::move(change));
  }
  return changes;
}

absl::StatusOr<int> HighestPlace(db::Transaction& txn, absl::string_view run_id) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kHighestPlace, txn.tenant(), run_id));
  return static_cast<int>(db::Int(row[0]));
}

absl::Status WriteLinks(db::Transaction& txn, absl::string_view run_id, absl::string_view source,
                        const std::vector<LinkWrite>& links) {
  if (links.empty()) return absl::OkStatus();
  std::vector<std::string> externals, people, employments, texts, places;
  std::vector<int64_t> versions;
  std::vector<std::optional<std::string>> on, ends;
  for (const LinkWrite& link : links) {
    externals.push_back(link.external_token);
    people.push_back(link.person_id);
    employments.push_back(link.employment_id);
    texts.push_back(link.row_token);
    places.push_back(link.place_token);
    versions.push_back(link.version);
    on.push_back(civil::FormatDay(link.effective));
    ends.push_back(DayText(link.ends));
  }
  return txn
      .Exec(kWriteLinks, txn.tenant(), source, run_id, db::ByteaArray(externals),
            db::UuidArray(people), db::UuidArray(employments), db::ByteaArray(texts),
            db::ByteaArray(places), db::Int8Array(versions), db::TextArray(on), db::TextArray(ends))
      .status();
}

absl::StatusOr<std::map<std::string, LinkRow>> ReadLinks(
    db::Transaction& txn, absl::string_view source,
    const std::vector<std::string>& external_tokens) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadLinks, txn.tenant(), source, db::ByteaArray(external_tokens)));
  std::map<std::string, LinkRow> links;
  for (const pqxx::row& row : rows) {
    links.emplace(db::Bytes(row[0]), LinkRow{db::Text(row[1]), db::Int(row[2])});
  }
  return links;
}

absl::StatusOr<Ends> CountEnds(db::Transaction& txn, absl::string_view source,
                               absl::CivilDay today) {
  ASSIGN_OR_RETURN(const pqxx::row row,
                   txn.ExecRow(kEnds, txn.tenant(), source, civil::FormatDay(today)));
  return Ends{db::Int(row[0]), db::Int(row[1])};
}

absl::Status RefreshLinks(db::Transaction& txn, absl::string_view run_id,
                          absl::string_view source) {
  RETURN_IF_ERROR(txn.Exec(kNestedLoops, "off").status());
  RETURN_IF_ERROR(txn.Exec(kRefreshLinks, txn.tenant(), run_id, source).status());
  return txn.Exec(kNestedLoops, "on").status();
}

absl::StatusOr<std::vector<v1::FeedRowResult>> ListRows(db::Transaction& txn,
                                                        const TenantKeys& keys,
                                                        absl::string_view run_id,
                                                        v1::FeedEffect effect, int64_t after,
                                                        int limit, int64_t* last) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kListRows, txn.tenant(), run_id,
                                                     static_cast<int>(effect), after, limit));
  std::vector<v1::FeedRowResult> results;
  for (const pqxx::row& row : rows) {
    v1::FeedRowResult& result = results.emplace_back();
    *last = db::Int(row[0]);
    result.set_line(std::max<int64_t>(*last, 0));
    result.set_effect(static_cast<v1::FeedEffect>(db::Int(row[1])));
    if (effect != v1::FEED_EFFECT_JOINER && effect != v1::FEED_EFFECT_REFUSED) {
      result.set_subject_id(db::Text(row[2]));
    }
    if (const std::string sealed = db::Bytes(row[4]); !sealed.empty()) {
      ASSIGN_OR_RETURN(const std::string bytes,
                       keys.Open(keys.Binding("feed_row", run_id, absl::StrCat(*last)),
                                 static_cast<int32_t>(db::Int(row[3])), sealed));
      v1::FeedPerson person;
      if (person.ParseFromString(bytes)) result.set_external_id(person.external_id());
    }
    result.set_column(db::Text(row[5]));
    result.set_reason(db::Text(row[6]));
  }
  return results;
}

}  // namespace waymark::workforce
