#include "services/scheduling/store/notices.h"

#include <pqxx/result>

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::scheduling {
namespace {

using casework::ToTimestamp;

#define WAYMARK_NOTICE_COLUMNS                                                             \
  "n.step_ref, n.revision, n.rung, n.recipient, n.kind, n.audience, n.fired_at, s.due_at," \
  " n.state, n.attempts"

// Two look-ups by index rather than one condition with OR.
#define WAYMARK_NOTICES_OF(who, compare, order)          \
  "(SELECT * FROM notice WHERE tenant = $1 AND " who     \
  " AND (fired_at, step_ref, revision, rung) " compare   \
  " ($4::timestamptz, $5::uuid, $6::bigint, $7::bigint)" \
  " ORDER BY fired_at " order ", step_ref " order ", revision " order ", rung " order " LIMIT $8)"
#define WAYMARK_NOTICES(compare, order) \
  "SELECT " WAYMARK_NOTICE_COLUMNS                                                              \
  " FROM (" WAYMARK_NOTICES_OF("recipient = $2", compare, order) " UNION ALL "                  \
  WAYMARK_NOTICES_OF("recipient = '' AND audience = ANY ($3::smallint[])", compare, order) ") n" \
  " JOIN step s ON s.tenant = $1 AND s.step_ref = n.step_ref"                                   \
  " ORDER BY n.fired_at " order ", n.step_ref " order ", n.revision " order ", n.rung " order   \
  " LIMIT $8"

constexpr char kNoticesBefore[] = WAYMARK_NOTICES("<", "DESC");
constexpr char kNoticesAfter[] = WAYMARK_NOTICES(">", "ASC");

#define WAYMARK_LEASE                                                            \
  " UPDATE notice n SET next_attempt_at = $3, attempts = n.attempts + 1"         \
  " FROM waiting w JOIN step s ON s.tenant = $1 AND s.step_ref = w.step_ref"     \
  " WHERE n.tenant = $1 AND n.step_ref = w.step_ref AND n.revision = w.revision" \
  " AND n.rung = w.rung AND n.recipient = w.recipient"                           \
  " RETURNING " WAYMARK_NOTICE_COLUMNS ", n.rota_entry_id, s.case_ref, s.closes_at"

constexpr char kLeaseNotices[] =
    "WITH waiting AS (SELECT step_ref, revision, rung, recipient FROM notice"
    "  WHERE tenant = $1 AND state = 1 AND NOT digest AND next_attempt_at <= $2"
    "  ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED)" WAYMARK_LEASE;

constexpr char kLeaseDigest[] =
    "WITH waiting AS (SELECT step_ref, revision, rung, recipient FROM notice"
    "  WHERE tenant = $1 AND state = 1 AND digest AND next_attempt_at <= $2 AND recipient = ("
    "   SELECT recipient FROM notice WHERE tenant = $1 AND state = 1 AND digest"
    "    AND next_attempt_at <= $2 ORDER BY next_attempt_at LIMIT 1)"
    "  ORDER BY fired_at LIMIT $4 FOR UPDATE SKIP LOCKED)" WAYMARK_LEASE;

constexpr char kCountPages[] =
    "INSERT INTO page_count AS p (tenant, audience, hour, pages) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (tenant, audience, hour) DO UPDATE SET pages = p.pages + excluded.pages"
    " RETURNING pages";

constexpr char kPurgePageCounts[] = "DELETE FROM page_count WHERE tenant = $1 AND hour < $2";

#define WAYMARK_THIS_NOTICE                                              \
  " WHERE tenant = $1 AND step_ref = $2 AND revision = $3 AND rung = $4" \
  " AND recipient = $5 AND state = 1"

#define WAYMARK_NAMED_BY(values, columns)                                         \
  " FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[]" values        \
  ") AS u (step_ref, revision, rung, recipient" columns                           \
  ") WHERE n.tenant = $1 AND n.step_ref = u.step_ref AND n.revision = u.revision" \
  " AND n.rung = u.rung AND n.recipient = u.recipient AND n.state = 1"

constexpr char kMarkDelivered[] =
    "UPDATE notice n SET state = 2, delivered_at = $6" WAYMARK_NAMED_BY("", "");

constexpr char kRetryAt[] =
    "UPDATE notice n SET next_attempt_at = u.at" WAYMARK_NAMED_BY(", $6::timestamptz[]", ", at");

constexpr char kPutIntoDigest[] =
    "UPDATE notice SET digest = true, attempts = 0, next_attempt_at = $6" WAYMARK_THIS_NOTICE;

constexpr char kWithdraw[] = "UPDATE notice SET state = 4" WAYMARK_THIS_NOTICE;

constexpr char kGiveUp[] =
    "WITH given_up AS (UPDATE notice SET state = 3" WAYMARK_THIS_NOTICE
    " RETURNING step_ref)"
    " INSERT INTO step (tenant, step_ref, case_ref, revision, responsible, opens_at, due_at,"
    "  closes_at, task)"
    " SELECT $1, $6::uuid, s.case_ref, 1, $7, '-infinity', $8, 'infinity', $9"
    " FROM given_up g JOIN step s ON s.tenant = $1 AND s.step_ref = g.step_ref"
    " ON CONFLICT (tenant, step_ref) DO NOTHING";

constexpr char kPurgeNotices[] =
    "DELETE FROM notice WHERE tenant = $1 AND ctid = ANY (ARRAY("
    " SELECT ctid FROM notice WHERE tenant = $1 AND state <> 1 AND fired_at < $2 LIMIT $3))";

NoticeKey ReadKey(const pqxx::row& row) {
  return {db::Text(row[0]), db::Int(row[1]), static_cast<int>(db::Int(row[2])), db::Text(row[3])};
}

v1::Notice ReadNotice(const pqxx::row& row) {
  v1::Notice notice;
  notice.set_notice_id(NoticeId(ReadKey(row)));
  notice.set_step_ref(db::Text(row[0]));
  notice.set_rung(static_cast<int>(db::Int(row[2])));
  notice.set_kind(static_cast<v1::RungKind>(db::Int(row[4])));
  notice.set_audience(static_cast<options::v1::Role>(db::Int(row[5])));
  *notice.mutable_fired_time() = ToTimestamp(db::Instant(row[6]));
  *notice.mutable_due_time() = ToTimestamp(db::Instant(row[7]));
  notice.set_state(static_cast<v1::NoticeState>(db::Int(row[8])));
  notice.set_attempts(static_cast<int>(db::Int(row[9])));
  return notice;
}

absl::StatusOr<std::vector<ListedNotice>> ReadNotices(db::Transaction& txn, const char* sql,
                                                      absl::string_view person,
                                                      const std::vector<options::v1::Role>& roles,
                                                      const NoticePlace& place, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(sql, txn.tenant(), person,
                            db::Int8Array(std::vector<int64_t>(roles.begin(), roles.end())),
                            place.fired, place.step_ref, place.revision, place.rung, limit));
  std::vector<ListedNotice> notices;
  for (const pqxx::row& row : rows) {
    const NoticeKey key = ReadKey(row);
    notices.push_back(
        {ReadNotice(row), {db::Instant(row[6]), key.step_ref, key.revision, key.rung}});
  }
  return notices;
}

// Notices' names column by column, as unnest wants them.
struct KeyColumns {
  std::vector<std::string> step_ref, recipient;
  std::vector<int64_t> revision, rung;

  void Add(const NoticeKey& key) {
    step_ref.push_back(key.step_ref);
    revision.push_back(key.revision);
    rung.push_back(key.rung);
    recipient.push_back(key.recipient);
  }
};

absl::StatusOr<std::vector<LeasedNotice>> Lease(db::Transaction& txn, const char* sql,
                                                absl::Time real_now, absl::Time lease_until,
                                                int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(sql, txn.tenant(), real_now, lease_until, limit));
  std::vector<LeasedNotice> leased;
  for (const pqxx::row& row : rows) {
    leased.push_back({ReadNotice(row), ReadKey(row),
                      db::Optional<std::string>(row[10]).value_or(""), db::Text(row[11]),
                      db::Instant(row[12])});
  }
  return leased;
}

}  // namespace

std::string NoticeId(const NoticeKey& key) {
  return ids::DeriveUuid(key.step_ref,
                         absl::StrCat(key.revision, "/", key.rung, "/", key.recipient));
}

absl::StatusOr<std::vector<ListedNotice>> NoticesBefore(db::Transaction& txn,
                                                        absl::string_view person,
                                                        const std::vector<options::v1::Role>& roles,
                                                        const NoticePlace& place, int limit) {
  return ReadNotices(txn, kNoticesBefore, person, roles, place, limit);
}

absl::StatusOr<std::vector<ListedNotice>> NoticesAfter(db::Transaction& txn,
                                                       absl::string_view person,
                                                       const std::vector<options::v1::Role>& roles,
                                                       const NoticePlace& place, int limit) {
  return ReadNotices(txn, kNoticesAfter, person, roles, place, limit);
}

absl::StatusOr<std::vector<LeasedNotice>> LeaseNotices(db::Transaction& txn, absl::Time real_now,
                                                       absl::Time lease_until, int limit) {
  return Lease(txn, kLeaseNotices, real_now, lease_until, limit);
}

absl::StatusOr<std::vector<LeasedNotice>> LeaseDigest(db::Transaction& txn, absl::Time real_now,
                                                      absl::Time lease_until, int limit) {
  return Lease(txn, kLeaseDigest, real_now, lease_until, limit);
}

absl::StatusOr<int64_t> CountPages(db::Transaction& txn, options::v1::Role audience,
                                   absl::Time real_now, int pages) {
  const absl::Time hour =
      absl::UnixEpoch() + absl::Floor(real_now - absl::UnixEpoch(), absl::Hours(1));
  ASSIGN_OR_RETURN(const pqxx::row row,
                   txn.ExecRow(kCountPages, txn.tenant(), static_cast<int>(audience), hour, pages));
  return db::Int(row[0]);
}

absl::Status MarkDelivered(db::Transaction& txn, const std::vector<NoticeKey>& keys,
                           absl::Time now) {
  if (keys.empty()) return absl::OkStatus();
  KeyColumns columns;
  for (const NoticeKey& key : keys) columns.Add(key);
  return txn
      .Exec(kMarkDelivered, txn.tenant(), db::UuidArray(columns.step_ref),
            db::Int8Array(columns.revision), db::Int8Array(columns.rung),
            db::TextArray(columns.recipient), now)
      .status();
}

absl::Status RetryAt(db::Transaction& txn, const std::vector<Retry>& retries) {
  if (retries.empty()) return absl::OkStatus();
  KeyColumns columns;
  std::vector<absl::Time> at;
  for (const Retry& retry : retries) {
    columns.Add(retry.key);
    at.push_back(retry.real_time);
  }
  return txn
      .Exec(kRetryAt, txn.tenant(), db::UuidArray(columns.step_ref),
            db::Int8Array(columns.revision), db::Int8Array(columns.rung),
            db::TextArray(columns.recipient), db::InstantArray(at))
      .status();
}

absl::Status PutIntoDigest(db::Transaction& txn, const NoticeKey& key, absl::Time real_time) {
  return txn
      .Exec(kPutIntoDigest, txn.tenant(), key.step_ref, key.revision, key.rung, key.recipient,
            real_time)
      .status();
}

absl::Status Withdraw(db::Transaction& txn, const NoticeKey& key) {
  return txn.Exec(kWithdraw, txn.tenant(), key.step_ref, key.revision, key.rung, key.recipient)
      .status();
}

absl::Status GiveUp(db::Transaction& txn, const NoticeKey& key, absl::Time now) {
  const bool officer = key.recipient == kOfficer;
  // Derived, so that giving up twice opens one task.
  return txn
      .Exec(kGiveUp, txn.tenant(), key.step_ref, key.revision, key.rung, key.recipient,
            ids::DeriveUuid("waymark.scheduling.task", NoticeId(key)),
            static_cast<int>(officer ? options::v1::ROLE_OH_NURSE : options::v1::ROLE_OH_LEAD), now,
            officer ? 2 : 1)
      .status();
}

absl::Status PurgePageCounts(db::Transaction& txn, absl::Time real_time) {
  return txn.Exec(kPurgePageCounts, txn.tenant(), real_time).status();
}

absl::StatusOr<int> PurgeNotices(db::Transaction& txn, absl::Time before, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kPurgeNotices, txn.tenant(), before, limit));
  return static_cast<int>(rows.affected_rows());
}

}  // namespace waymark::scheduling
