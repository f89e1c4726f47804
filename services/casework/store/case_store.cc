#include "services/casework/store/case_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/db/fields.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "waymark/options/v1/sensitivity.pb.h"

namespace waymark::casework {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Columns 0 to 5 of every statement that reads cases.
constexpr char kColumns[] =
    "r.case_id, r.version, r.key_version, r.wrapped_key, r.body, r.parts_version";

// The row lock makes twins and rivals wait here. Whoever waited sees the row as it is now, but
// everything beside it as it was before the wait: hence parts_version.
constexpr char kLoadForChange[] =
    "SELECT r.case_id, r.version, r.key_version, r.wrapped_key, r.body, r.parts_version,"
    " p.field, p.version, p.key_version, p.wrapped_key, p.body,"
    " EXISTS (SELECT FROM idempotency_key k WHERE k.tenant = $1 AND k.caller = $3"
    "  AND k.method = $4 AND k.request_id = $5::uuid)"
    " FROM case_record r"
    " LEFT JOIN case_part p ON p.tenant = r.tenant AND p.case_id = r.case_id"
    " WHERE r.tenant = $1 AND r.case_id = $2::uuid FOR UPDATE OF r";

constexpr char kLoad[] =
    "SELECT r.case_id, r.version, r.key_version, r.wrapped_key, r.body, r.parts_version,"
    " p.field, p.version, p.key_version, p.wrapped_key, p.body"
    " FROM case_record r"
    " LEFT JOIN case_part p ON p.tenant = r.tenant AND p.case_id = r.case_id"
    " WHERE r.tenant = $1 AND r.case_id = $2::uuid";

constexpr char kList[] =
    " FROM case_record r WHERE r.tenant = $1"
    " AND ($2::smallint IS NULL OR r.state = $2::smallint)"
    " AND ($3::uuid IS NULL OR r.subject_id = $3::uuid)"
    " AND (r.subject_id = $4::uuid"
    "  OR (($5::boolean OR r.assigned_to = $6::text)"
    "   AND ($7::uuid IS NULL OR r.subject_id IS DISTINCT FROM $7::uuid)))"
    " AND ($8::timestamptz IS NULL OR (r.opened_at, r.case_id) < ($8::timestamptz, $9::uuid))"
    " ORDER BY r.opened_at DESC, r.case_id DESC LIMIT $10::integer";

constexpr char kEvents[] =
    "SELECT case_version, body FROM case_event"
    " WHERE tenant = $1 AND case_id = $2::uuid AND case_version > $3::bigint"
    " ORDER BY case_version LIMIT $4::integer";

constexpr char kHistory[] =
    "SELECT case_version, body, held_apart, apart_key_version, apart_wrapped_key FROM case_event"
    " WHERE tenant = $1 AND case_id = $2::uuid AND case_version > $3::bigint"
    " AND case_version <= $4::bigint ORDER BY case_version";

// A copy jumps to the version of what it is a copy of.
constexpr char kCopyRecord[] =
    "INSERT INTO case_record AS r (tenant, case_id, version, state, opened_at, closed_at,"
    " subject_id, subject_kind, jurisdiction, protocol_key, protocol_version, assigned_to,"
    " key_version, wrapped_key, body, parts_version)"
    " SELECT $1, c.* FROM unnest($2::uuid[], $3::bigint[], $4::smallint[], $5::timestamptz[],"
    " $6::timestamptz[], $7::uuid[], $8::smallint[], $9::smallint[], $10::text[], $11::integer[],"
    " $12::text[], $13::integer[], $14::bytea[], $15::bytea[], $16::bigint[]) AS c"
    " ON CONFLICT (tenant, case_id) DO UPDATE SET version = excluded.version,"
    " state = excluded.state, closed_at = excluded.closed_at,"
    " protocol_version = excluded.protocol_version, key_version = excluded.key_version,"
    " wrapped_key = excluded.wrapped_key, body = excluded.body,"
    " parts_version = excluded.parts_version WHERE r.version < excluded.version";
constexpr char kCopyEvents[] =
    "INSERT INTO case_event (tenant, case_id, case_version, event_id, recorded_at, body,"
    " held_apart, apart_key_version, apart_wrapped_key)"
    " SELECT $1, $2::uuid, e.* FROM unnest($3::bigint[], $4::uuid[], $5::timestamptz[],"
    " $6::bytea[], $7::bytea[], $8::integer[], $9::bytea[]) AS e";
constexpr char kCopyParts[] =
    "INSERT INTO case_part (tenant, case_id, field, version, key_version, wrapped_key, body)"
    " SELECT $1, p.* FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::integer[],"
    " $6::bytea[], $7::bytea[]) AS p"
    " ON CONFLICT (tenant, case_id, field) DO UPDATE SET version = excluded.version,"
    " key_version = excluded.key_version, wrapped_key = excluded.wrapped_key,"
    " body = excluded.body";

// The function of migration 0003, its parameters in the order of Write below.
constexpr char kWriteAct[] =
    "SELECT first_time, same_request, answer, saved FROM write_act("
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"
    " $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37)";

constexpr char kVersions[] =
    "SELECT case_id, version FROM case_record WHERE tenant = $1 AND case_id > $2::uuid"
    " ORDER BY case_id LIMIT $3::integer";

constexpr char kOldCaseKeys[] =
    "SELECT case_id, ''::text, key_version, wrapped_key FROM case_record"
    " WHERE tenant = $1 AND key_version <> $2::integer LIMIT $3::integer";
constexpr char kOldPartKeys[] =
    "SELECT case_id, field, key_version, wrapped_key FROM case_part"
    " WHERE tenant = $1 AND key_version <> $2::integer LIMIT $3::integer";
constexpr char kOldEventKeys[] =
    "SELECT case_id, case_version::text, apart_key_version, apart_wrapped_key FROM case_event"
    " WHERE tenant = $1 AND apart_key_version <> $2::integer LIMIT $3::integer";
// The version that was read guards against a change that wrapped the key in the meantime.
constexpr char kRewrapCases[] =
    "UPDATE case_record r SET key_version = $2::integer, wrapped_key = k.wrapped_key"
    " FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::bytea[])"
    "  AS k(case_id, part, was, wrapped_key)"
    " WHERE r.tenant = $1 AND r.case_id = k.case_id AND r.key_version = k.was";
constexpr char kRewrapParts[] =
    "UPDATE case_part p SET key_version = $2::integer, wrapped_key = k.wrapped_key"
    " FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::bytea[])"
    "  AS k(case_id, part, was, wrapped_key)"
    " WHERE p.tenant = $1 AND p.case_id = k.case_id AND p.field = k.part"
    "  AND p.key_version = k.was";
constexpr char kRewrapEvents[] =
    "UPDATE case_event e SET apart_key_version = $2::integer, apart_wrapped_key = k.wrapped_key"
    " FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::bytea[])"
    "  AS k(case_id, part, was, wrapped_key)"
    " WHERE e.tenant = $1 AND e.case_id = k.case_id AND e.case_version = k.part::bigint"
    "  AND e.apart_key_version = k.was";

constexpr char kClosedBefore[] =
    "SELECT case_id, version FROM case_record"
    " WHERE tenant = $1 AND state = 2 AND closed_at < $2::timestamptz LIMIT $3::integer";
constexpr char kSent[] =
    "SELECT number, event_id FROM outbox"
    " WHERE tenant = $1 AND destination = $2 AND number > $3::bigint"
    " ORDER BY number LIMIT $4::integer";
constexpr char kLastNumber[] =
    "SELECT last_number FROM outbox_counter WHERE tenant = $1 AND destination = $2";
constexpr char kDelivered[] =
    "SELECT EXISTS (SELECT FROM outbox o LEFT JOIN outbox_counter c"
    "  ON c.tenant = o.tenant AND c.destination = o.destination"
    " WHERE o.tenant = $1 AND o.destination = $2 AND o.event_id = $3::uuid"
    " AND (o.number IS NULL OR o.number > c.delivered_through))";
constexpr char kErase[] =
    "DELETE FROM case_record WHERE tenant = $1 AND case_id = ANY ($2::uuid[])";

std::string CaseBinding(absl::string_view tenant, absl::string_view case_id, int64_t version) {
  return crypto::BindingOf({tenant, "case_record", case_id, absl::StrCat(version)});
}

std::string EventBinding(absl::string_view tenant, absl::string_view case_id, int64_t version) {
  return crypto::BindingOf({tenant, "case_event", case_id, absl::StrCat(version)});
}

std::string EventApartBinding(absl::string_view tenant, absl::string_view case_id,
                              int64_t version) {
  return crypto::BindingOf({tenant, "case_event.held_apart", case_id, absl::StrCat(version)});
}

std::string PartBinding(absl::string_view tenant, absl::string_view case_id,
                        absl::string_view field, int64_t version) {
  return crypto::BindingOf({tenant, "case_part", case_id, field, absl::StrCat(version)});
}

absl::Status Unreadable() {
  return status::DataLoss("CASE_UNREADABLE", "A stored case cannot be read.");
}

std::string AsBytes(const crypto::Digest& digest) {
  return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

}  // namespace

db::SchemaRange CaseworkSchema() {
  return {.line = std::string(kCaseworkLine), .current = 3, .min_compatible = 3};
}

// The rows of case_record, case_event and case_part, one element a row.
struct CaseStore::Sealed {
  std::vector<std::string> case_ids;
  std::vector<int64_t> versions;
  std::vector<int64_t> states;
  std::vector<absl::Time> opened;
  std::vector<std::optional<absl::Time>> closed;
  std::vector<std::optional<std::string>> subjects;
  std::vector<int64_t> subject_kinds;
  std::vector<int64_t> jurisdictions;
  std::vector<std::string> protocol_keys;
  std::vector<int64_t> protocol_versions;
  std::vector<std::optional<std::string>> assigned;
  std::vector<int64_t> key_versions;
  std::vector<std::string> wrapped_keys;
  std::vector<std::string> bodies;
  std::vector<int64_t> parts_versions;

  absl::Time recorded;
  std::vector<std::string> event_ids;
  std::vector<std::string> events;
  std::vector<std::optional<std::string>> events_apart;
  std::vector<std::optional<std::string>> events_apart_versions;
  std::vector<std::optional<std::string>> events_apart_keys;

  std::vector<std::string> part_cases;
  std::vector<std::string> part_fields;
  std::vector<int64_t> part_versions;
  std::vector<int64_t> part_key_versions;
  std::vector<std::string> part_keys;
  std::vector<std::string> part_bodies;

  std::vector<SavedCase> saved;
};

CaseStore::CaseStore(const Message& prototype, const crypto::KeyProvider& keys)
    : prototype_(prototype), keys_(keys) {
  const auto* descriptor = prototype.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->options().GetExtension(options::v1::held_apart)) apart_.push_back(field);
  }
}

namespace {

// One row that begins with kColumns. Parts are added by the caller.
absl::StatusOr<StoredCase> OpenCase(const Message& prototype, const crypto::KeyProvider& keys,
                                    absl::string_view tenant, const pqxx::row& row) {
  const std::string case_id = db::Text(row[0]);
  crypto::WrappedKey wrapped{.key_version = static_cast<int32_t>(db::Int(row[2])),
                             .bytes = db::Bytes(row[3])};
  ASSIGN_OR_RETURN(crypto::DataKey key, keys.Unwrap(tenant, wrapped));
  ASSIGN_OR_RETURN(
      const std::string body,
      crypto::Open(key, CaseBinding(tenant, case_id, db::Int(row[1])), db::Bytes(row[4])));
  StoredCase stored{.record = std::unique_ptr<Message>(prototype.New()),
                    .key = std::move(key),
                    .wrapped = std::move(wrapped),
                    .parts_version = db::Int(row[5])};
  if (!stored.record->ParseFromString(body)) return Unreadable();
  return stored;
}

// Adds the part in columns 6 to 10; nothing when the case has none. `newest` keeps the highest
// version seen.
absl::Status OpenPart(const crypto::KeyProvider& keys, absl::string_view tenant,
                      const pqxx::row& row, StoredCase& stored, int64_t& newest) {
  if (row[6].is_null()) return absl::OkStatus();
  const std::string field = db::Text(row[6]);
  const int64_t version = db::Int(row[7]);
  newest = std::max(newest, version);
  ASSIGN_OR_RETURN(const crypto::DataKey key,
                   keys.Unwrap(tenant, {.key_version = static_cast<int32_t>(db::Int(row[8])),
                                        .bytes = db::Bytes(row[9])}));
  ASSIGN_OR_RETURN(
      std::string part,
      crypto::Open(key, PartBinding(tenant, db::Text(row[0]), field, version), db::Bytes(row[10])));
  const FieldDescriptor* descriptor = stored.record->GetDescriptor()->FindFieldByName(field);
  if (descriptor == nullptr) return Unreadable();
  if (!part.empty() && !stored.record->GetReflection()
                            ->MutableMessage(stored.record.get(), descriptor)
                            ->ParseFromString(part)) {
    return Unreadable();
  }
  stored.parts[field] = std::move(part);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<StoredCase>> OpenRows(const Message& prototype,
                                                   const crypto::KeyProvider& keys,
                                                   absl::string_view tenant,
                                                   const pqxx::result& rows, bool& parts_stale) {
  parts_stale = false;
  if (rows.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(StoredCase stored, OpenCase(prototype, keys, tenant, rows[0]));
  // Empty parts are kept as rows too, so that their version is known.
  int64_t newest = 0;
  for (const pqxx::row& row : rows) {
    absl::Status opened = OpenPart(keys, tenant, row, stored, newest);
    if (!opened.ok()) return opened;
  }
  parts_stale = newest != stored.parts_version;
  return stored;
}

}  // namespace

absl::StatusOr<std::optional<StoredCase>> CaseStore::LoadForChange(db::Transaction& txn,
                                                                   const db::OnceKey& once,
                                                                   absl::string_view case_id,
                                                                   bool& answered) const {
  answered = false;
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kLoadForChange, txn.tenant(), case_id,
                                                     once.caller, once.method, once.request_id));
  if (!rows.empty()) answered = db::Bool(rows[0][11]);
  bool parts_stale = false;
  ASSIGN_OR_RETURN(std::optional<StoredCase> stored,
                   OpenRows(prototype_, keys_, txn.tenant(), rows, parts_stale));
  // The row is locked: reading again shows the parts that belong to it.
  if (parts_stale) return Load(txn, case_id);
  return stored;
}

absl::StatusOr<std::optional<StoredCase>> CaseStore::Load(db::Transaction& txn,
                                                          absl::string_view case_id) const {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kLoad, txn.tenant(), case_id));
  bool parts_stale = false;
  ASSIGN_OR_RETURN(std::optional<StoredCase> stored,
                   OpenRows(prototype_, keys_, txn.tenant(), rows, parts_stale));
  if (parts_stale) {
    log::Error("parts of a case are not those it was saved with");
    return Unreadable();
  }
  return stored;
}

absl::StatusOr<std::vector<StoredCase>> CaseStore::List(db::Transaction& txn,
                                                        const ListFilter& filter) const {
  static const std::string* const kSql = new std::string(absl::StrCat("SELECT ", kColumns, kList));
  std::optional<int> state;
  if (filter.state) state = *filter.state;
  std::optional<std::string> after_id;
  if (filter.after_opened) after_id = filter.after_case_id;
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(*kSql, txn.tenant(), state, filter.subject_id, filter.scope.own_subject,
                            filter.scope.whole_force, filter.scope.assigned_to,
                            filter.scope.not_subject, filter.after_opened, after_id, filter.limit));
  std::vector<StoredCase> cases;
  cases.reserve(rows.size());
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(StoredCase stored, OpenCase(prototype_, keys_, txn.tenant(), row));
    cases.push_back(std::move(stored));
  }
  return cases;
}

absl::StatusOr<std::vector<v1::CaseEvent>> CaseStore::Events(db::Transaction& txn,
                                                             absl::string_view case_id,
                                                             const crypto::DataKey& key,
                                                             int64_t after_version,
                                                             int limit) const {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kEvents, txn.tenant(), case_id, after_version, limit));
  std::vector<v1::CaseEvent> events;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(
        const std::string body,
        crypto::Open(key, EventBinding(txn.tenant(), case_id, db::Int(row[0])), db::Bytes(row[1])));
    if (!events.emplace_back().ParseFromString(body)) return Unreadable();
  }
  return events;
}

absl::StatusOr<std::vector<PastEvent>> CaseStore::History(db::Transaction& txn,
                                                          absl::string_view case_id,
                                                          const crypto::DataKey& key,
                                                          int64_t after_version,
                                                          int64_t through_version) const {
  const std::string& tenant = txn.tenant();
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kHistory, tenant, case_id, after_version, through_version));
  std::vector<PastEvent> history;
  for (const pqxx::row& row : rows) {
    const int64_t version = db::Int(row[0]);
    PastEvent& past = history.emplace_back();
    ASSIGN_OR_RETURN(const std::string body,
                     crypto::Open(key, EventBinding(tenant, case_id, version), db::Bytes(row[1])));
    if (!past.event.ParseFromString(body)) return Unreadable();
    if (row[2].is_null()) continue;
    ASSIGN_OR_RETURN(
        past.held_apart,
        crypto::OpenEnvelope(keys_, tenant, EventApartBinding(tenant, case_id, version),
                             {.key = {.key_version = static_cast<int32_t>(db::Int(row[3])),
                                      .bytes = db::Bytes(row[4])},
                              .sealed = db::Bytes(row[2])}));
  }
  return history;
}

absl::StatusOr<std::shared_ptr<const CaseStore::Sealed>> CaseStore::Seal(
    absl::string_view tenant, const std::vector<CaseToSave>& cases, absl::Time now) const {
  auto sealed = std::make_shared<Sealed>();
  sealed->recorded = now;
  for (const CaseToSave& save : cases) {
    const v1::CaseHeader& header = HeaderOf(*save.record);
    const std::string& case_id = header.case_id();
    const int64_t version = header.version();
    const crypto::DataKey key =
        save.before == nullptr ? crypto::NewDataKey() : save.before->key.Duplicate();
    crypto::WrappedKey wrapped;
    if (save.before != nullptr && save.before->wrapped.key_version == keys_.NewestVersion()) {
      wrapped = save.before->wrapped;
    } else {
      ASSIGN_OR_RETURN(wrapped, keys_.Wrap(tenant, key));
    }

    // Each part is taken out while the rest is serialised, and put back: no copy of the case.
    const auto* reflection = save.record->GetReflection();
    std::vector<std::unique_ptr<Message>> taken_out;
    for (const FieldDescriptor* field : apart_) {
      taken_out.emplace_back(reflection->ReleaseMessage(save.record, field));
    }
    const std::string body = save.record->SerializeAsString();
    int64_t parts_version = save.before == nullptr ? 0 : save.before->parts_version;
    for (size_t i = 0; i < apart_.size(); ++i) {
      const FieldDescriptor* field = apart_[i];
      const std::string part =
          taken_out[i] == nullptr ? std::string() : taken_out[i]->SerializeAsString();
      if (taken_out[i] != nullptr) {
        reflection->SetAllocatedMessage(save.record, taken_out[i].release(), field);
      }
      std::string was;
      if (save.before != nullptr) {
        const auto found = save.before->parts.find(field->name());
        if (found != save.before->parts.end()) was = found->second;
      }
      if (part == was) continue;
      // A new key each time: what the part said before is gone with the old one.
      const crypto::DataKey part_key = crypto::NewDataKey();
      ASSIGN_OR_RETURN(crypto::WrappedKey part_wrapped, keys_.Wrap(tenant, part_key));
      sealed->part_cases.push_back(case_id);
      sealed->part_fields.push_back(field->name());
      sealed->part_versions.push_back(version);
      sealed->part_key_versions.push_back(part_wrapped.key_version);
      sealed->part_keys.push_back(std::move(part_wrapped.bytes));
      sealed->part_bodies.push_back(
          crypto::Seal(part_key, PartBinding(tenant, case_id, field->name(), version), part));
      parts_version = version;
    }

    sealed->case_ids.push_back(case_id);
    sealed->versions.push_back(version);
    sealed->states.push_back(header.state());
    sealed->opened.push_back(FromTimestamp(header.opened_time()));
    sealed->closed.push_back(header.has_closed_time()
                                 ? std::optional<absl::Time>(FromTimestamp(header.closed_time()))
                                 : std::nullopt);
    sealed->subjects.push_back(header.subject_id().empty()
                                   ? std::nullopt
                                   : std::optional<std::string>(header.subject_id()));
    sealed->subject_kinds.push_back(header.subject_kind());
    sealed->jurisdictions.push_back(header.jurisdiction());
    sealed->protocol_keys.push_back(header.protocol_key());
    sealed->protocol_versions.push_back(header.protocol_version());
    sealed->assigned.push_back(header.assigned_to().empty()
                                   ? std::nullopt
                                   : std::optional<std::string>(header.assigned_to()));
    sealed->key_versions.push_back(wrapped.key_version);
    sealed->wrapped_keys.push_back(std::move(wrapped.bytes));
    sealed->bodies.push_back(crypto::Seal(key, CaseBinding(tenant, case_id, version), body));
    sealed->parts_versions.push_back(parts_version);

    sealed->event_ids.push_back(save.event.event_id());
    sealed->events.push_back(
        crypto::Seal(key, EventBinding(tenant, case_id, version), save.event.SerializeAsString()));
    if (save.held_apart.empty()) {
      sealed->events_apart.push_back(std::nullopt);
      sealed->events_apart_versions.push_back(std::nullopt);
      sealed->events_apart_keys.push_back(std::nullopt);
    } else {
      ASSIGN_OR_RETURN(
          crypto::Envelope apart,
          crypto::SealEnvelope(keys_, tenant, EventApartBinding(tenant, case_id, version),
                               save.held_apart));
      sealed->events_apart.push_back(std::move(apart.sealed));
      sealed->events_apart_versions.push_back(absl::StrCat(apart.key.key_version));
      sealed->events_apart_keys.push_back(std::move(apart.key.bytes));
    }
    sealed->saved.push_back({.event_sha256 = AsBytes(crypto::Sha256(sealed->events.back()))});
  }
  return std::shared_ptr<const Sealed>(std::move(sealed));
}

const std::vector<SavedCase>& CaseStore::Saved(const Sealed& sealed) { return sealed.saved; }

absl::StatusOr<db::OnceOutcome> CaseStore::Write(
    db::Transaction& txn, const db::OnceKey& once, absl::string_view sealed_response,
    absl::Time real_now, const Sealed& sealed, const std::vector<outbox::Message>& messages) const {
  db::Params params;
  db::AddOnce(txn.tenant(), once, sealed_response, real_now, params);
  params.Add(db::UuidArray(sealed.case_ids));
  params.Add(db::Int8Array(sealed.versions));
  params.Add(db::Int8Array(sealed.states));
  params.Add(db::InstantArray(sealed.opened));
  params.Add(db::InstantArray(sealed.closed));
  params.Add(db::TextArray(sealed.subjects));
  params.Add(db::Int8Array(sealed.subject_kinds));
  params.Add(db::Int8Array(sealed.jurisdictions));
  params.Add(db::TextArray(sealed.protocol_keys));
  params.Add(db::Int8Array(sealed.protocol_versions));
  params.Add(db::TextArray(sealed.assigned));
  params.Add(db::Int8Array(sealed.key_versions));
  params.Add(db::ByteaArray(sealed.wrapped_keys));
  params.Add(db::ByteaArray(sealed.bodies));
  params.Add(db::Int8Array(sealed.parts_versions));
  params.Add(sealed.recorded);
  params.Add(db::UuidArray(sealed.event_ids));
  params.Add(db::ByteaArray(sealed.events));
  params.Add(db::ByteaArray(sealed.events_apart));
  params.Add(db::TextArray(sealed.events_apart_versions));
  params.Add(db::ByteaArray(sealed.events_apart_keys));
  params.Add(db::UuidArray(sealed.part_cases));
  params.Add(db::TextArray(sealed.part_fields));
  params.Add(db::Int8Array(sealed.part_versions));
  params.Add(db::Int8Array(sealed.part_key_versions));
  params.Add(db::ByteaArray(sealed.part_keys));
  params.Add(db::ByteaArray(sealed.part_bodies));
  outbox::AddMessages(messages, params);
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRowParams(kWriteAct, params));
  ASSIGN_OR_RETURN(db::OnceOutcome outcome, db::ReadOnce(row));
  if (outcome.first_time && db::Int(row[3]) != static_cast<int64_t>(sealed.case_ids.size())) {
    return status::Internal("CASE_NOT_SAVED", "A case is not at the version it was read at.");
  }
  return outcome;
}

absl::StatusOr<SavedCase> CaseStore::Copy(db::Transaction& txn, const CaseToSave& latest,
                                          const std::vector<PastEvent>& earlier,
                                          absl::Time now) const {
  const std::string& tenant = txn.tenant();
  ASSIGN_OR_RETURN(const std::shared_ptr<const Sealed> sealed, Seal(tenant, {latest}, now));
  const std::string& case_id = sealed->case_ids.front();
  RETURN_IF_ERROR(
      txn.Exec(kCopyRecord, tenant, db::UuidArray(sealed->case_ids),
               db::Int8Array(sealed->versions), db::Int8Array(sealed->states),
               db::InstantArray(sealed->opened), db::InstantArray(sealed->closed),
               db::TextArray(sealed->subjects), db::Int8Array(sealed->subject_kinds),
               db::Int8Array(sealed->jurisdictions), db::TextArray(sealed->protocol_keys),
               db::Int8Array(sealed->protocol_versions), db::TextArray(sealed->assigned),
               db::Int8Array(sealed->key_versions), db::ByteaArray(sealed->wrapped_keys),
               db::ByteaArray(sealed->bodies), db::Int8Array(sealed->parts_versions))
          .status());

  std::vector<int64_t> versions;
  std::vector<std::string> event_ids, bodies;
  std::vector<absl::Time> recorded;
  std::vector<std::optional<std::string>> apart, apart_versions, apart_keys;
  if (!earlier.empty()) {
    // The key that the record was just sealed under.
    ASSIGN_OR_RETURN(
        const crypto::DataKey key,
        keys_.Unwrap(tenant, {.key_version = static_cast<int32_t>(sealed->key_versions.front()),
                              .bytes = sealed->wrapped_keys.front()}));
    for (const PastEvent& past : earlier) {
      const int64_t version = past.event.case_version();
      versions.push_back(version);
      event_ids.push_back(past.event.event_id());
      recorded.push_back(FromTimestamp(past.event.recorded_time()));
      bodies.push_back(crypto::Seal(key, EventBinding(tenant, case_id, version),
                                    past.event.SerializeAsString()));
      if (past.held_apart.empty()) {
        apart.push_back(std::nullopt);
        apart_versions.push_back(std::nullopt);
        apart_keys.push_back(std::nullopt);
        continue;
      }
      ASSIGN_OR_RETURN(
          crypto::Envelope envelope,
          crypto::SealEnvelope(keys_, tenant, EventApartBinding(tenant, case_id, version),
                               past.held_apart));
      apart.push_back(std::move(envelope.sealed));
      apart_versions.push_back(absl::StrCat(envelope.key.key_version));
      apart_keys.push_back(std::move(envelope.key.bytes));
    }
  }
  versions.push_back(sealed->versions.front());
  event_ids.push_back(sealed->event_ids.front());
  recorded.push_back(FromTimestamp(latest.event.recorded_time()));
  bodies.push_back(sealed->events.front());
  apart.push_back(sealed->events_apart.front());
  apart_versions.push_back(sealed->events_apart_versions.front());
  apart_keys.push_back(sealed->events_apart_keys.front());
  RETURN_IF_ERROR(txn.Exec(kCopyEvents, tenant, case_id, db::Int8Array(versions),
                           db::UuidArray(event_ids), db::InstantArray(recorded),
                           db::ByteaArray(bodies), db::ByteaArray(apart),
                           db::TextArray(apart_versions), db::ByteaArray(apart_keys))
                      .status());
  if (!sealed->part_cases.empty()) {
    RETURN_IF_ERROR(txn.Exec(kCopyParts, tenant, db::UuidArray(sealed->part_cases),
                             db::TextArray(sealed->part_fields),
                             db::Int8Array(sealed->part_versions),
                             db::Int8Array(sealed->part_key_versions),
                             db::ByteaArray(sealed->part_keys), db::ByteaArray(sealed->part_bodies))
                        .status());
  }
  return sealed->saved.front();
}

absl::StatusOr<std::vector<CaseStore::IdVersion>> CaseStore::Versions(db::Transaction& txn,
                                                                      absl::string_view after,
                                                                      int limit) const {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kVersions, txn.tenant(), after, limit));
  std::vector<IdVersion> versions;
  for (const pqxx::row& row : rows) versions.push_back({db::Text(row[0]), db::Int(row[1])});
  return versions;
}

absl::StatusOr<int> CaseStore::Rewrap(db::Transaction& txn, int limit) const {
  const int32_t newest = keys_.NewestVersion();
  int found = 0;
  for (const auto& [old_keys, rewrap] :
       {std::pair(kOldCaseKeys, kRewrapCases), std::pair(kOldPartKeys, kRewrapParts),
        std::pair(kOldEventKeys, kRewrapEvents)}) {
    if (found >= limit) break;
    ASSIGN_OR_RETURN(const pqxx::result rows,
                     txn.Exec(old_keys, txn.tenant(), newest, limit - found));
    if (rows.empty()) continue;
    std::vector<std::string> case_ids, parts, wrapped_keys;
    std::vector<int64_t> were;
    for (const pqxx::row& row : rows) {
      const crypto::WrappedKey was{.key_version = static_cast<int32_t>(db::Int(row[2])),
                                   .bytes = db::Bytes(row[3])};
      ASSIGN_OR_RETURN(const crypto::DataKey key, keys_.Unwrap(txn.tenant(), was));
      ASSIGN_OR_RETURN(crypto::WrappedKey wrapped, keys_.Wrap(txn.tenant(), key));
      if (wrapped.key_version != newest) continue;  // rotated meanwhile: the next round takes it
      case_ids.push_back(db::Text(row[0]));
      parts.push_back(db::Text(row[1]));
      were.push_back(was.key_version);
      wrapped_keys.push_back(std::move(wrapped.bytes));
    }
    RETURN_IF_ERROR(txn.Exec(rewrap, txn.tenant(), newest, db::UuidArray(case_ids),
                             db::TextArray(parts), db::Int8Array(were),
                             db::ByteaArray(wrapped_keys))
                        .status());
    found += static_cast<int>(rows.size());
  }
  return found;
}

absl::StatusOr<std::vector<CaseStore::IdVersion>> CaseStore::ClosedBefore(db::Transaction& txn,
                                                                          absl::Time before,
                                                                          int limit) const {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kClosedBefore, txn.tenant(), before, limit));
  std::vector<IdVersion> versions;
  for (const pqxx::row& row : rows) versions.push_back({db::Text(row[0]), db::Int(row[1])});
  return versions;
}

absl::Status CaseStore::Erase(db::Transaction& txn,
                              const std::vector<std::string>& case_ids) const {
  return txn.Exec(kErase, txn.tenant(), db::UuidArray(case_ids)).status();
}

absl::StatusOr<std::vector<SentEvent>> SentEvents(db::Transaction& txn,
                                                  absl::string_view destination,
                                                  int64_t after_number, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kSent, txn.tenant(), destination, after_number, limit));
  std::vector<SentEvent> sent;
  for (const pqxx::row& row : rows) sent.push_back({db::Int(row[0]), db::Text(row[1])});
  return sent;
}

absl::StatusOr<int64_t> LastNumber(db::Transaction& txn, absl::string_view destination) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kLastNumber, txn.tenant(), destination));
  return rows.empty() ? int64_t{0} : db::Int(rows[0][0]);
}

absl::StatusOr<bool> IsDelivered(db::Transaction& txn, absl::string_view destination,
                                 absl::string_view event_id) {
  ASSIGN_OR_RETURN(const pqxx::row waits,
                   txn.ExecRow(kDelivered, txn.tenant(), destination, event_id));
  return !db::Bool(waits[0]);
}

const v1::CaseHeader& HeaderOf(const Message& record) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName("header");
  return static_cast<const v1::CaseHeader&>(record.GetReflection()->GetMessage(record, field));
}

v1::CaseHeader& MutableHeaderOf(Message& record) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName("header");
  return static_cast<v1::CaseHeader&>(*record.GetReflection()->MutableMessage(&record, field));
}

}  // namespace waymark::casework
