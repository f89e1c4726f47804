#include "services/scheduling/store/notices.h"

#include <pqxx/result>
#include <utility>

#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::scheduling {
namespace {

using casework::ToTimestamp;

#define WAYMARK_NOTICE_COLUMNS                                                           \
  "n.notice_id, n.step_ref, n.kind, n.rung, n.audience, n.fired_at, s.due_at, n.state, " \
  "n.attempts"

// Two look-ups by index rather than one condition with OR.
#define WAYMARK_NOTICES(compare, order)                                       \
  "SELECT " WAYMARK_NOTICE_COLUMNS                                            \
  " FROM ((SELECT * FROM notice WHERE tenant = $1 AND recipient = $2"         \
  "   AND (fired_at, notice_id) " compare                                     \
  " ($4::timestamptz, $5::uuid)"                                              \
  "   ORDER BY fired_at " order ", notice_id " order                          \
  " LIMIT $6)"                                                                \
  "  UNION ALL (SELECT * FROM notice WHERE tenant = $1 AND recipient IS NULL" \
  "   AND audience = ANY ($3::smallint[]) AND (fired_at, notice_id) " compare \
  " ($4::timestamptz, $5::uuid)"                                              \
  "   ORDER BY fired_at " order ", notice_id " order                          \
  " LIMIT $6)) n"                                                             \
  " JOIN step s ON s.tenant = $1 AND s.step_ref = n.step_ref"                 \
  " ORDER BY n.fired_at " order ", n.notice_id " order " LIMIT $6"

constexpr char kNoticesBefore[] = WAYMARK_NOTICES("<", "DESC");
constexpr char kNoticesAfter[] = WAYMARK_NOTICES(">", "ASC");

constexpr char kLeaseNotices[] =
    "UPDATE notice n SET next_attempt_at = $3, attempts = n.attempts + 1 FROM step s"
    " WHERE n.tenant = $1 AND n.notice_id = ANY (ARRAY("
    "   SELECT notice_id FROM notice WHERE tenant = $1 AND state = 1 AND next_attempt_at <= $2"
    "   ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED))"
    "  AND s.tenant = $1 AND s.step_ref = n.step_ref"
    " RETURNING " WAYMARK_NOTICE_COLUMNS ", n.rota_entry_id, s.closes_at";

constexpr char kMarkDelivered[] =
    "UPDATE notice SET state = 2, delivered_at = $3"
    " WHERE tenant = $1 AND notice_id = ANY ($2::uuid[]) AND state = 1";

constexpr char kRetryAt[] =
    "UPDATE notice SET next_attempt_at = $3 WHERE tenant = $1 AND notice_id = $2 AND state = 1";

constexpr char kGiveUp[] =
    "WITH given_up AS (UPDATE notice SET state = 3"
    "  WHERE tenant = $1 AND notice_id = $2 AND state = 1 RETURNING step_ref)"
    " INSERT INTO step (tenant, step_ref, case_ref, revision, responsible, opens_at, due_at,"
    "  closes_at)"
    " SELECT $1, $3::uuid, s.case_ref, 1, $4, '-infinity', $5, 'infinity'"
    " FROM given_up g JOIN step s ON s.tenant = $1 AND s.step_ref = g.step_ref"
    " ON CONFLICT (tenant, step_ref) DO NOTHING";

constexpr char kPurgeNotices[] =
    "DELETE FROM notice WHERE tenant = $1 AND ctid = ANY (ARRAY("
    " SELECT ctid FROM notice WHERE tenant = $1 AND state <> 1 AND fired_at < $2 LIMIT $3))";

v1::Notice ReadNotice(const pqxx::row& row) {
  v1::Notice notice;
  notice.set_notice_id(db::Text(row[0]));
  notice.set_step_ref(db::Text(row[1]));
  notice.set_kind(static_cast<v1::RungKind>(db::Int(row[2])));
  notice.set_rung(static_cast<int>(db::Int(row[3])));
  notice.set_audience(static_cast<options::v1::Role>(db::Int(row[4])));
  *notice.mutable_fired_time() = ToTimestamp(db::Instant(row[5]));
  *notice.mutable_due_time() = ToTimestamp(db::Instant(row[6]));
  notice.set_state(static_cast<v1::NoticeState>(db::Int(row[7])));
  notice.set_attempts(static_cast<int>(db::Int(row[8])));
  return notice;
}

absl::StatusOr<std::vector<v1::Notice>> ReadNotices(db::Transaction& txn, const char* sql,
                                                    absl::string_view person,
                                                    const std::vector<options::v1::Role>& roles,
                                                    const NoticePlace& place, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(sql, txn.tenant(), person,
                            db::Int8Array(std::vector<int64_t>(roles.begin(), roles.end())),
                            place.fired, place.notice_id, limit));
  std::vector<v1::Notice> notices;
  for (const pqxx::row& row : rows) notices.push_back(ReadNotice(row));
  return notices;
}

}  // namespace

absl::StatusOr<std::vector<v1::Notice>> NoticesBefore(db::Transaction& txn,
                                                      absl::string_view person,
                                                      const std::vector<options::v1::Role>& roles,
                                                      const NoticePlace& place, int limit) {
  return ReadNotices(txn, kNoticesBefore, person, roles, place, limit);
}

absl::StatusOr<std::vector<v1::Notice>> NoticesAfter(db::Transaction& txn, absl::string_view person,
                                                     const std::vector<options::v1::Role>& roles,
                                                     const NoticePlace& place, int limit) {
  return ReadNotices(txn, kNoticesAfter, person, roles, place, limit);
}

absl::StatusOr<std::vector<LeasedNotice>> LeaseNotices(db::Transaction& txn, absl::Time real_now,
                                                       absl::Time lease_until, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kLeaseNotices, txn.tenant(), real_now, lease_until, limit));
  std::vector<LeasedNotice> leased;
  for (const pqxx::row& row : rows) {
    leased.push_back(
        {ReadNotice(row), db::Optional<std::string>(row[9]).value_or(""), db::Instant(row[10])});
  }
  return leased;
}

absl::Status MarkDelivered(db::Transaction& txn, const std::vector<std::string>& notice_ids,
                           absl::Time now) {
  return txn.Exec(kMarkDelivered, txn.tenant(), db::UuidArray(notice_ids), now).status();
}

absl::Status RetryAt(db::Transaction& txn, absl::string_view notice_id, absl::Time real_time) {
  return txn.Exec(kRetryAt, txn.tenant(), notice_id, real_time).status();
}

absl::Status GiveUp(db::Transaction& txn, absl::string_view notice_id,
                    options::v1::Role responsible, absl::Time now) {
  // Derived, so that giving up twice opens one task.
  return txn
      .Exec(kGiveUp, txn.tenant(), notice_id, ids::DeriveUuid("waymark.scheduling.task", notice_id),
            static_cast<int>(responsible), now)
      .status();
}

absl::StatusOr<int> PurgeNotices(db::Transaction& txn, absl::Time before, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kPurgeNotices, txn.tenant(), before, limit));
  return static_cast<int>(rows.affected_rows());
}

}  // namespace waymark::scheduling
