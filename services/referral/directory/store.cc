#include "services/referral/directory/store.h"

#include <pqxx/result>
#include <utility>

#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::referral {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;

constexpr char kLockEntry[] =
    "SELECT version, body FROM directory_entry"
    " WHERE tenant = $1 AND organisation_code = $2 FOR UPDATE";

constexpr char kWriteEntry[] =
    "INSERT INTO directory_entry (tenant, organisation_code, version, body)"
    " VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (tenant, organisation_code) DO UPDATE SET version = excluded.version,"
    "  body = excluded.body";

// A claim in force refuses by its foreign key; one that has run out does not.
constexpr char kDropClaims[] =
    "DELETE FROM slot_claim c USING slot s, directory_service d"
    " WHERE d.tenant = $1 AND d.organisation_code = $2 AND d.service_id <> ALL ($3::uuid[])"
    " AND s.tenant = $1 AND s.service_id = d.service_id"
    " AND c.tenant = $1 AND c.slot_id = s.slot_id AND (c.held_until <= $4 OR s.ends_at <= $4)";

constexpr char kDropServices[] =
    "DELETE FROM directory_service"
    " WHERE tenant = $1 AND organisation_code = $2 AND service_id <> ALL ($3::uuid[])";

constexpr char kWriteServices[] =
    "INSERT INTO directory_service AS d (tenant, service_id, organisation_code, care_service)"
    " SELECT $1, n.service_id, $2, n.care_service"
    " FROM unnest($3::uuid[], $4::smallint[]) AS n(service_id, care_service)"
    " ON CONFLICT (tenant, service_id) DO UPDATE SET care_service = excluded.care_service"
    "  WHERE d.organisation_code = excluded.organisation_code";

constexpr char kReadEntries[] =
    "SELECT version, body FROM directory_entry e"
    " WHERE tenant = $1 AND organisation_code > $3 AND ($2::smallint = 0 OR EXISTS"
    "  (SELECT FROM directory_service d WHERE d.tenant = $1 AND d.care_service = $2"
    "   AND d.organisation_code = e.organisation_code))"
    " ORDER BY organisation_code LIMIT $4";

constexpr char kOrganisationOf[] =
    "SELECT organisation_code FROM directory_service WHERE tenant = $1 AND service_id = $2";

constexpr char kDropSlots[] =
    "WITH gone AS (DELETE FROM slot_claim c USING slot s WHERE s.tenant = $1"
    "  AND s.service_id = $2 AND s.starts_at >= $3 AND s.starts_at < $4"
    "  AND c.tenant = $1 AND c.slot_id = s.slot_id AND c.held_until <= $5"
    "  RETURNING c.slot_id)"
    " DELETE FROM slot s WHERE tenant = $1 AND service_id = $2"
    " AND starts_at >= $3 AND starts_at < $4 AND NOT EXISTS"
    "  (SELECT FROM slot_claim c WHERE c.tenant = $1 AND c.slot_id = s.slot_id"
    "   AND c.slot_id NOT IN (SELECT slot_id FROM gone))";

constexpr char kWriteSlots[] =
    "INSERT INTO slot (tenant, slot_id, service_id, starts_at, ends_at, place)"
    " SELECT $1, n.slot_id, $2, n.starts_at, n.ends_at, n.place"
    " FROM unnest($3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::text[])"
    "  AS n(slot_id, starts_at, ends_at, place)"
    " ON CONFLICT (tenant, slot_id) DO NOTHING";

constexpr char kCountClaimed[] =
    "SELECT count(*) FROM slot s JOIN slot_claim c ON c.tenant = $1 AND c.slot_id = s.slot_id"
    " WHERE s.tenant = $1 AND s.service_id = $2 AND s.starts_at >= $3 AND s.starts_at < $4";

#define WAYMARK_SLOT_COLUMNS                                                     \
  "s.slot_id, s.service_id, s.starts_at, s.ends_at, s.place, c.slot_id IS NULL," \
  " coalesce(c.held_until, 'infinity') "
#define WAYMARK_CLAIM_IN_FORCE(now)                          \
  "LEFT JOIN slot_claim c ON c.tenant = $1"                  \
  " AND c.slot_id = s.slot_id AND (c.held_until IS NULL OR " \
  "c.held_until > " now ") "
constexpr char kReadSlots[] =
    "SELECT s.* FROM unnest($2::uuid[]) AS wanted(service_id) CROSS JOIN LATERAL"
    " (SELECT " WAYMARK_SLOT_COLUMNS "FROM slot s " WAYMARK_CLAIM_IN_FORCE("$6")
    " WHERE s.tenant = $1 AND s.service_id = wanted.service_id AND s.starts_at >= $3"
    "  AND s.starts_at < $4 AND (NOT $5::boolean OR c.slot_id IS NULL)"
    "  ORDER BY s.starts_at, s.slot_id LIMIT $7) AS s"
    " ORDER BY s.starts_at, s.slot_id";

// The lock holds off whoever withdraws the slot meanwhile.
constexpr char kReadSlot[] =
    "SELECT slot_id, service_id, starts_at, ends_at, place, true, 'infinity'::timestamptz"
    " FROM slot WHERE tenant = $1 AND slot_id = $2 FOR KEY SHARE";

// One row when the slot was free, held in vain, or the referral's own.
constexpr char kClaim[] =
    "INSERT INTO slot_claim AS c (tenant, slot_id, referral_id, held_until)"
    " VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (tenant, slot_id) DO UPDATE SET referral_id = excluded.referral_id,"
    "  held_until = CASE WHEN c.referral_id = excluded.referral_id AND c.held_until IS NULL"
    "   THEN NULL ELSE excluded.held_until END"
    "  WHERE c.referral_id = excluded.referral_id OR c.held_until <= $5"
    " RETURNING coalesce(held_until, 'infinity')";

constexpr char kRelease[] =
    "DELETE FROM slot_claim WHERE tenant = $1 AND referral_id = $2"
    " AND (held_until IS NOT NULL OR $3::boolean) AND ($4::uuid IS NULL OR slot_id <> $4::uuid)";

constexpr char kReleaseOne[] =
    "DELETE FROM slot_claim WHERE tenant = $1 AND referral_id = $2 AND slot_id = $3";

constexpr char kPurgeClaims[] =
    "DELETE FROM slot_claim c USING slot s WHERE s.tenant = $1 AND c.tenant = $1"
    " AND c.slot_id = s.slot_id AND (c.held_until <= $3 OR s.ends_at < $2)";
constexpr char kPurgeSlots[] =
    "DELETE FROM slot s WHERE tenant = $1 AND ends_at < $2 AND NOT EXISTS"
    " (SELECT FROM slot_claim c WHERE c.tenant = $1 AND c.slot_id = s.slot_id)";

absl::StatusOr<v1::DirectoryEntry> EntryOf(const pqxx::field& version, const pqxx::field& body) {
  v1::DirectoryEntry entry;
  if (!entry.ParseFromString(db::Bytes(body))) {
    return status::DataLoss("ENTRY_UNREADABLE", "An entry of the directory cannot be read.");
  }
  entry.set_version(db::Int(version));
  return entry;
}

v1::Slot SlotOf(const pqxx::row& row) {
  v1::Slot slot;
  slot.set_slot_id(db::Text(row[0]));
  slot.set_service_id(db::Text(row[1]));
  *slot.mutable_start_time() = ToTimestamp(db::Instant(row[2]));
  *slot.mutable_end_time() = ToTimestamp(db::Instant(row[3]));
  slot.set_place(db::Text(row[4]));
  const absl::Time held_until = db::Instant(row[6]);
  if (db::Bool(row[5])) {
    slot.set_state(v1::SLOT_STATE_FREE);
  } else if (held_until == absl::InfiniteFuture()) {
    slot.set_state(v1::SLOT_STATE_BOOKED);
  } else {
    slot.set_state(v1::SLOT_STATE_HELD);
    *slot.mutable_held_until_time() = ToTimestamp(held_until);
  }
  return slot;
}

absl::Status SlotTaken() {
  return status::FailedPrecondition("SLOT_TAKEN",
                                    "Somebody else has this time. Choose another one.");
}

}  // namespace

absl::StatusOr<std::optional<v1::DirectoryEntry>> LockEntry(db::Transaction& txn,
                                                            absl::string_view organisation_code) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kLockEntry, txn.tenant(), organisation_code));
  if (rows.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(v1::DirectoryEntry entry, EntryOf(rows[0][0], rows[0][1]));
  return entry;
}

absl::Status WriteEntry(db::Transaction& txn, const v1::DirectoryEntry& entry, absl::Time now) {
  const std::string& code = entry.organisation_code();
  std::vector<std::string> ids;
  std::vector<int64_t> kinds;
  for (const v1::OfferedService& service : entry.services()) {
    ids.push_back(service.service_id());
    kinds.push_back(service.service());
  }
  v1::DirectoryEntry body = entry;
  body.clear_version();
  RETURN_IF_ERROR(txn.Exec(kWriteEntry, txn.tenant(), code, entry.version(),
                           db::Bytea{body.SerializeAsString()})
                      .status());
  RETURN_IF_ERROR(txn.Exec(kDropClaims, txn.tenant(), code, db::UuidArray(ids), now).status());
  const absl::Status dropped =
      txn.Exec(kDropServices, txn.tenant(), code, db::UuidArray(ids)).status();
  if (status::Reason(dropped) == "CONSTRAINT_VIOLATED") return SlotTaken();
  RETURN_IF_ERROR(dropped);
  ASSIGN_OR_RETURN(const pqxx::result written, txn.Exec(kWriteServices, txn.tenant(), code,
                                                        db::UuidArray(ids), db::Int8Array(kinds)));
  if (written.affected_rows() == ids.size()) return absl::OkStatus();
  return status::AlreadyExists("SERVICE_EXISTS",
                               "A service_id is another entry's. Choose a new UUID.");
}

absl::StatusOr<std::vector<v1::DirectoryEntry>> ReadEntries(db::Transaction& txn,
                                                            v1::CareService service,
                                                            absl::string_view after, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadEntries, txn.tenant(), static_cast<int>(service), after, limit));
  std::vector<v1::DirectoryEntry> entries;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(entries.emplace_back(), EntryOf(row[0], row[1]));
  }
  return entries;
}

absl::StatusOr<std::optional<std::string>> OrganisationOf(db::Transaction& txn,
                                                          const std::string& service_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kOrganisationOf, txn.tenant(), service_id));
  if (rows.empty()) return std::nullopt;
  return db::Text(rows[0][0]);
}

absl::StatusOr<Published> WriteSlots(db::Transaction& txn, const std::string& service_id,
                                     absl::Time from, absl::Time until,
                                     const std::vector<v1::Slot>& slots, absl::Time now) {
  std::vector<std::string> ids, places;
  std::vector<absl::Time> starts, ends;
  for (const v1::Slot& slot : slots) {
    ids.push_back(slot.slot_id());
    places.push_back(slot.place());
    starts.push_back(FromTimestamp(slot.start_time()));
    ends.push_back(FromTimestamp(slot.end_time()));
  }
  RETURN_IF_ERROR(txn.Exec(kDropSlots, txn.tenant(), service_id, from, until, now).status());
  ASSIGN_OR_RETURN(const pqxx::row kept,
                   txn.ExecRow(kCountClaimed, txn.tenant(), service_id, from, until));
  ASSIGN_OR_RETURN(
      const pqxx::result written,
      txn.Exec(kWriteSlots, txn.tenant(), service_id, db::UuidArray(ids), db::InstantArray(starts),
               db::InstantArray(ends), db::TextArray(places)));
  return Published{.published = static_cast<int>(written.affected_rows()),
                   .kept = static_cast<int>(db::Int(kept[0]))};
}

absl::StatusOr<std::vector<v1::Slot>> ReadSlots(db::Transaction& txn,
                                                const std::vector<std::string>& service_ids,
                                                absl::Time from, absl::Time until, bool free_only,
                                                int limit, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadSlots, txn.tenant(), db::UuidArray(service_ids), from, until,
                            free_only, now, limit));
  std::vector<v1::Slot> slots;
  for (const pqxx::row& row : rows) slots.push_back(SlotOf(row));
  return slots;
}

absl::StatusOr<v1::Slot> ClaimSlot(db::Transaction& txn, const std::string& slot_id,
                                   const std::string& referral_id,
                                   std::optional<absl::Time> held_until, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadSlot, txn.tenant(), slot_id));
  if (rows.empty()) {
    return status::NotFound("SLOT_NOT_FOUND", "There is no such time any more. Read them again.");
  }
  v1::Slot slot = SlotOf(rows[0]);
  if (FromTimestamp(slot.start_time()) <= now) {
    return status::FailedPrecondition("SLOT_PAST", "This time has passed. Choose another one.");
  }
  ASSIGN_OR_RETURN(const pqxx::result claimed,
                   txn.Exec(kClaim, txn.tenant(), slot_id, referral_id, held_until, now));
  if (claimed.empty()) return SlotTaken();
  RETURN_IF_ERROR(ReleaseSlots(txn, referral_id, /*booked=*/false, slot_id));
  const absl::Time until = db::Instant(claimed[0][0]);
  slot.set_state(until == absl::InfiniteFuture() ? v1::SLOT_STATE_BOOKED : v1::SLOT_STATE_HELD);
  if (slot.state() == v1::SLOT_STATE_HELD) {
    *slot.mutable_held_until_time() = ToTimestamp(until);
  }
  return slot;
}

absl::Status ReleaseSlots(db::Transaction& txn, const std::string& referral_id, bool booked,
                          const std::optional<std::string>& keep) {
  return txn.Exec(kRelease, txn.tenant(), referral_id, booked, keep).status();
}

absl::Status ReleaseSlot(db::Transaction& txn, const std::string& referral_id,
                         const std::string& slot_id) {
  return txn.Exec(kReleaseOne, txn.tenant(), referral_id, slot_id).status();
}

absl::Status PurgeSlots(db::Transaction& txn, absl::Time before, absl::Time now) {
  RETURN_IF_ERROR(txn.Exec(kPurgeClaims, txn.tenant(), before, now).status());
  return txn.Exec(kPurgeSlots, txn.tenant(), before).status();
}

}  // namespace waymark::referral
