#include "services/audit/store.h"

#include <pqxx/result>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/status/status.h"

namespace waymark::audit::store {
namespace {

// Held to the end of the transaction. A clash of two tenants' hashes only makes one wait.
constexpr char kLock[] = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))";

constexpr char kReadEnd[] =
    "SELECT sequence, leaf_hash FROM entry WHERE tenant = $1 ORDER BY sequence DESC LIMIT 1";

// One look-up in the unique index for each id, whatever the statistics say: with `= ANY` a table
// that was never analysed is read from end to end.
constexpr char kPresent[] =
    "SELECT f.event_id FROM unnest($2::uuid[]) AS a (id), LATERAL"
    " (SELECT e.event_id FROM entry e WHERE e.tenant = $1 AND e.event_id = a.id LIMIT 1) AS f";

// Words go in as bytes: an array of text would be quoted and unquoted letter by letter.
constexpr char kInsertEntries[] =
    "INSERT INTO entry (tenant, sequence, event_id, leaf, leaf_hash, subject_token, actor_token,"
    " method, occurred_at, sequenced_at)"
    " SELECT $1, $2::bigint + e.place - 1, e.event_id, convert_from(e.leaf, 'UTF8'), e.leaf_hash,"
    " convert_from(e.subject_token, 'UTF8'), convert_from(e.actor_token, 'UTF8'),"
    " convert_from(e.method, 'UTF8'), e.occurred_at, $3::timestamptz"
    " FROM unnest($4::uuid[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[],"
    " $10::timestamptz[]) WITH ORDINALITY"
    " AS e (event_id, leaf, leaf_hash, subject_token, actor_token, method, occurred_at, place)";

constexpr char kInsertContents[] =
    "INSERT INTO entry_content (tenant, sequence, key_id, sealed)"
    " SELECT $1, $2::bigint + e.place - 1, $3::integer, e.sealed"
    " FROM unnest($4::bytea[]) WITH ORDINALITY AS e (sealed, place)";

constexpr char kInsertOutcomes[] =
    "INSERT INTO outcome (tenant, sequence, key_id, sealed)"
    " SELECT $1, e.sequence, $2::integer, e.sealed"
    " FROM unnest($3::bigint[], $4::bytea[]) AS e (sequence, sealed)";

constexpr char kInsertRepeats[] =
    "INSERT INTO repeat (tenant, source, number, event_id)"
    " SELECT $1, e.source, e.number, e.event_id"
    " FROM unnest($2::text[], $3::bigint[], $4::uuid[]) AS e (source, number, event_id)"
    " ON CONFLICT DO NOTHING";

constexpr char kReadRepeats[] =
    "SELECT source, number, event_id FROM repeat"
    " WHERE tenant = $1 AND (source, number) > ($2, $3::bigint)"
    " ORDER BY source, number LIMIT $4::integer";

constexpr char kReadEntries[] =
    "SELECT e.sequence, e.leaf, e.leaf_hash, e.sequenced_at, c.key_id, c.sealed"
    " FROM entry e LEFT JOIN entry_content c ON c.tenant = e.tenant AND c.sequence = e.sequence"
    " WHERE e.tenant = $1 AND e.sequence >= $2::bigint AND e.sequence < $3::bigint"
    " ORDER BY e.sequence";

constexpr char kReadRows[] =
    "SELECT sequence, leaf, leaf_hash, event_id, coalesce(subject_token, ''),"
    " coalesce(actor_token, ''), method FROM entry"
    " WHERE tenant = $1 AND sequence >= $2::bigint AND sequence < $3::bigint ORDER BY sequence";

constexpr char kSequenceOf[] =
    "SELECT sequence FROM entry WHERE tenant = $1 AND event_id = $2::uuid";

// Search is put together from these pieces; every value is a parameter.
constexpr char kSearchHead[] =
    "SELECT e.sequence, e.leaf, e.leaf_hash, e.sequenced_at, c.key_id, c.sealed"
    " FROM entry e LEFT JOIN entry_content c ON c.tenant = e.tenant AND c.sequence = e.sequence"
    " WHERE e.tenant = $1 AND e.sequence < $2::bigint";
constexpr char kSearchTail[] = " ORDER BY e.sequence DESC LIMIT $3::integer";

constexpr char kReadOutcomes[] =
    "SELECT sequence, key_id, sealed FROM outcome"
    " WHERE tenant = $1 AND sequence >= $2::bigint ORDER BY sequence LIMIT $3::integer";

constexpr char kEraseOutcomes[] =
    "DELETE FROM outcome o USING entry e WHERE o.tenant = $1 AND e.tenant = $1"
    " AND e.sequence = o.sequence AND e.subject_token = ANY($2::text[])";
constexpr char kEraseContents[] =
    "DELETE FROM entry_content c USING entry e WHERE c.tenant = $1 AND e.tenant = $1"
    " AND e.sequence = c.sequence AND e.subject_token = ANY($2::text[])";

constexpr char kReadContentKeys[] =
    "SELECT key_id, wrapping_version, wrapped, created_at FROM content_key"
    " WHERE tenant = $1 ORDER BY key_id DESC";
constexpr char kInsertContentKey[] =
    "INSERT INTO content_key (tenant, key_id, wrapping_version, wrapped, created_at)"
    " VALUES ($1, $2::integer, $3::integer, $4, $5::timestamptz) ON CONFLICT DO NOTHING";

constexpr char kReadLeafHashes[] =
    "SELECT leaf_hash FROM entry"
    " WHERE tenant = $1 AND sequence >= $2::bigint AND sequence < $3::bigint ORDER BY sequence";
constexpr char kReadNodes[] =
    "SELECT hash FROM node WHERE tenant = $1 AND level = $4::integer"
    " AND position >= $2::bigint AND position < $3::bigint ORDER BY position";
constexpr char kInsertNodes[] =
    "INSERT INTO node (tenant, level, position, hash)"
    " SELECT $1, n.level, n.position, n.hash"
    " FROM unnest($2::bigint[], $3::bigint[], $4::bytea[]) AS n (level, position, hash)";

constexpr char kNewestHead[] =
    "SELECT size, root FROM tree_head WHERE tenant = $1 ORDER BY size DESC LIMIT 1";
constexpr char kInsertHead[] =
    "INSERT INTO tree_head (tenant, size, root, integrated_at)"
    " VALUES ($1, $2::bigint, $3, $4::timestamptz)";

constexpr char kReadCheckpoints[] =
    "SELECT c.size, h.root, c.note, c.signed_at"
    " FROM checkpoint c JOIN tree_head h ON h.tenant = c.tenant AND h.size = c.size"
    " WHERE c.tenant = $1 AND c.size < $2::bigint ORDER BY c.size DESC LIMIT $3::integer";
constexpr char kReadCheckpointsBetween[] =
    "SELECT c.size, h.root, c.note, c.signed_at"
    " FROM checkpoint c JOIN tree_head h ON h.tenant = c.tenant AND h.size = c.size"
    " WHERE c.tenant = $1 AND c.size > $2::bigint AND c.size <= $3::bigint ORDER BY c.size";
constexpr char kInsertCheckpoint[] =
    "INSERT INTO checkpoint (tenant, size, note, signed_at)"
    " VALUES ($1, $2::bigint, $3, $4::timestamptz)";

constexpr char kReadArrivals[] =
    "SELECT number, event_id FROM inbox_arrival WHERE tenant = $1 AND source = $2"
    " AND number >= $3::bigint AND number <= $4::bigint ORDER BY number";

constexpr char kOldestArrival[] =
    "SELECT number FROM inbox_arrival WHERE tenant = $1 AND source = $2 ORDER BY number LIMIT 1";

absl::Status Lock(db::Transaction& txn, absl::string_view what) {
  return txn.Exec(kLock, absl::StrCat("audit ", what, " ", txn.tenant())).status();
}

std::vector<Entry> Entries(const pqxx::result& rows) {
  std::vector<Entry> entries;
  entries.reserve(rows.size());
  for (const auto& row : rows) {
    Entry entry;
    entry.sequence = db::Int(row[0]);
    entry.leaf = db::Text(row[1]);
    entry.leaf_hash = db::Bytes(row[2]);
    entry.sequenced = db::Instant(row[3]);
    if (!row[4].is_null()) {
      entry.content = Sealed{static_cast<int32_t>(db::Int(row[4])), db::Bytes(row[5])};
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<SignedHead> SignedHeads(const pqxx::result& rows) {
  std::vector<SignedHead> heads;
  for (const auto& row : rows) {
    heads.push_back({db::Int(row[0]), db::Bytes(row[1]), db::Text(row[2]), db::Instant(row[3])});
  }
  return heads;
}

}  // namespace

absl::Status LockSequence(db::Transaction& txn) { return Lock(txn, "sequence"); }
absl::Status LockTree(db::Transaction& txn) { return Lock(txn, "tree"); }

absl::StatusOr<LogEnd> ReadEnd(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadEnd, txn.tenant()));
  if (rows.empty()) return LogEnd{0, EmptyRoot()};
  return LogEnd{db::Int(rows[0][0]) + 1, db::Bytes(rows[0][1])};
}

absl::StatusOr<std::vector<std::string>> Present(db::Transaction& txn,
                                                 const std::vector<std::string>& event_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kPresent, txn.tenant(), db::UuidArray(event_ids)));
  std::vector<std::string> present;
  for (const auto& row : rows) present.push_back(db::Text(row[0]));
  return present;
}

absl::Status InsertEntries(db::Transaction& txn, int64_t first, int32_t key_id,
                           const NewEntries& entries, absl::Time sequenced) {
  RETURN_IF_ERROR(
      txn.Exec(kInsertEntries, txn.tenant(), first, sequenced, db::UuidArray(entries.event_ids),
               db::ByteaArray(entries.leaves), db::ByteaArray(entries.leaf_hashes),
               db::ByteaArray(entries.subject_tokens), db::ByteaArray(entries.actor_tokens),
               db::ByteaArray(entries.methods), db::InstantArray(entries.occurred))
          .status());
  RETURN_IF_ERROR(
      txn.Exec(kInsertContents, txn.tenant(), first, key_id, db::ByteaArray(entries.sealed))
          .status());
  if (entries.outcome_sequences.empty()) return absl::OkStatus();
  return txn
      .Exec(kInsertOutcomes, txn.tenant(), key_id, db::Int8Array(entries.outcome_sequences),
            db::ByteaArray(entries.sealed_outcomes))
      .status();
}

absl::Status InsertRepeats(db::Transaction& txn, const std::vector<Repeat>& repeats) {
  std::vector<std::string> sources, event_ids;
  std::vector<int64_t> numbers;
  for (const Repeat& repeat : repeats) {
    sources.push_back(repeat.source);
    numbers.push_back(repeat.number);
    event_ids.push_back(repeat.event_id);
  }
  return txn
      .Exec(kInsertRepeats, txn.tenant(), db::TextArray(sources), db::Int8Array(numbers),
            db::UuidArray(event_ids))
      .status();
}

absl::StatusOr<std::vector<Repeat>> ReadRepeats(db::Transaction& txn, absl::string_view source,
                                                int64_t number, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadRepeats, txn.tenant(), source, number, limit));
  std::vector<Repeat> repeats;
  for (const auto& row : rows) {
    repeats.push_back({db::Text(row[0]), db::Int(row[1]), db::Text(row[2])});
  }
  return repeats;
}

absl::StatusOr<std::vector<Entry>> ReadEntries(db::Transaction& txn, int64_t first, int64_t last) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadEntries, txn.tenant(), first, last));
  return Entries(rows);
}

absl::StatusOr<std::vector<Row>> ReadRows(db::Transaction& txn, int64_t first, int64_t last) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadRows, txn.tenant(), first, last));
  std::vector<Row> read;
  read.reserve(rows.size());
  for (const auto& row : rows) {
    read.push_back({db::Int(row[0]), db::Text(row[1]), db::Bytes(row[2]), db::Text(row[3]),
                    db::Text(row[4]), db::Text(row[5]), db::Text(row[6])});
  }
  return read;
}

absl::StatusOr<int64_t> SequenceOf(db::Transaction& txn, absl::string_view event_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kSequenceOf, txn.tenant(), event_id));
  if (rows.empty()) {
    return status::NotFound("ENTRY_NOT_FOUND", "The log has no entry for this event.");
  }
  return db::Int(rows[0][0]);
}

absl::StatusOr<std::vector<Entry>> Search(db::Transaction& txn, const Filter& filter) {
  db::Params params;
  params.Add(txn.tenant());
  params.Add(filter.before);
  params.Add(filter.limit);
  std::string sql = kSearchHead;
  const auto condition = [&](absl::string_view before, const auto& value, absl::string_view after) {
    params.Add(value);
    absl::StrAppend(&sql, before, "$", params.size(), after);
  };
  if (!filter.subject_tokens.empty()) {
    condition(" AND e.subject_token = ANY(", db::TextArray(filter.subject_tokens), "::text[])");
  }
  if (!filter.actor_tokens.empty()) {
    condition(" AND e.actor_token = ANY(", db::TextArray(filter.actor_tokens), "::text[])");
  }
  if (!filter.not_subject_tokens.empty()) {
    condition(" AND (e.subject_token IS NULL OR e.subject_token <> ALL(",
              db::TextArray(filter.not_subject_tokens), "::text[]))");
  }
  if (!filter.method.empty()) condition(" AND e.method = ", filter.method, "");
  if (filter.from) condition(" AND e.occurred_at >= ", *filter.from, "::timestamptz");
  if (filter.until) condition(" AND e.occurred_at < ", *filter.until, "::timestamptz");
  absl::StrAppend(&sql, kSearchTail);
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.ExecParams(sql, params));
  return Entries(rows);
}

absl::StatusOr<std::vector<OutcomeRow>> ReadOutcomes(db::Transaction& txn, int64_t first,
                                                     int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadOutcomes, txn.tenant(), first, limit));
  std::vector<OutcomeRow> outcomes;
  for (const auto& row : rows) {
    outcomes.push_back(
        {db::Int(row[0]), {static_cast<int32_t>(db::Int(row[1])), db::Bytes(row[2])}});
  }
  return outcomes;
}

absl::StatusOr<int64_t> Erase(db::Transaction& txn,
                              const std::vector<std::string>& subject_tokens) {
  const db::Literal tokens = db::TextArray(subject_tokens);
  RETURN_IF_ERROR(txn.Exec(kEraseOutcomes, txn.tenant(), tokens).status());
  ASSIGN_OR_RETURN(const pqxx::result erased, txn.Exec(kEraseContents, txn.tenant(), tokens));
  return static_cast<int64_t>(erased.affected_rows());
}

absl::StatusOr<std::vector<ContentKey>> ReadContentKeys(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadContentKeys, txn.tenant()));
  std::vector<ContentKey> keys;
  for (const auto& row : rows) {
    keys.push_back({static_cast<int32_t>(db::Int(row[0])), static_cast<int32_t>(db::Int(row[1])),
                    db::Bytes(row[2]), db::Instant(row[3])});
  }
  return keys;
}

absl::Status InsertContentKey(db::Transaction& txn, const ContentKey& key) {
  return txn
      .Exec(kInsertContentKey, txn.tenant(), key.key_id, key.wrapping_version,
            db::Bytea{key.wrapped}, key.created)
      .status();
}

absl::StatusOr<std::vector<Hash>> ReadHashes(db::Transaction& txn, int level, int64_t first,
                                             int64_t last) {
  absl::StatusOr<pqxx::result> rows = level == 0
                                          ? txn.Exec(kReadLeafHashes, txn.tenant(), first, last)
                                          : txn.Exec(kReadNodes, txn.tenant(), first, last, level);
  if (!rows.ok()) return rows.status();
  std::vector<Hash> hashes;
  hashes.reserve(rows->size());
  for (const auto& row : *rows) hashes.push_back(db::Bytes(row[0]));
  return hashes;
}

absl::Status InsertNodes(db::Transaction& txn, const std::vector<Node>& nodes) {
  std::vector<int64_t> levels, positions;
  std::vector<std::string> hashes;
  for (const Node& node : nodes) {
    levels.push_back(node.level);
    positions.push_back(node.position);
    hashes.push_back(node.hash);
  }
  return txn
      .Exec(kInsertNodes, txn.tenant(), db::Int8Array(levels), db::Int8Array(positions),
            db::ByteaArray(hashes))
      .status();
}

absl::StatusOr<Head> NewestHead(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kNewestHead, txn.tenant()));
  if (rows.empty()) return Head{0, EmptyRoot()};
  return Head{db::Int(rows[0][0]), db::Bytes(rows[0][1])};
}

absl::Status InsertHead(db::Transaction& txn, const Head& head, absl::Time integrated) {
  return txn.Exec(kInsertHead, txn.tenant(), head.size, db::Bytea{head.root}, integrated).status();
}

absl::StatusOr<std::vector<SignedHead>> ReadCheckpoints(db::Transaction& txn, int64_t before,
                                                        int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadCheckpoints, txn.tenant(), before, limit));
  return SignedHeads(rows);
}

absl::StatusOr<std::vector<SignedHead>> ReadCheckpointsBetween(db::Transaction& txn, int64_t after,
                                                               int64_t up_to) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadCheckpointsBetween, txn.tenant(), after, up_to));
  return SignedHeads(rows);
}

absl::Status InsertCheckpoint(db::Transaction& txn, int64_t size, absl::string_view note,
                              absl::Time signed_at) {
  return txn.Exec(kInsertCheckpoint, txn.tenant(), size, note, signed_at).status();
}

absl::StatusOr<std::vector<Arrived>> ReadArrivals(db::Transaction& txn, absl::string_view source,
                                                  int64_t first, int64_t last) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadArrivals, txn.tenant(), source, first, last));
  std::vector<Arrived> arrived;
  for (const auto& row : rows) arrived.push_back({db::Int(row[0]), db::Text(row[1])});
  return arrived;
}

absl::StatusOr<int64_t> OldestArrival(db::Transaction& txn, absl::string_view source) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kOldestArrival, txn.tenant(), source));
  return rows.empty() ? int64_t{1} : db::Int(rows[0][0]);
}

}  // namespace waymark::audit::store
