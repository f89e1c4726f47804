#include "services/scheduling/store/firing.h"

#include <pqxx/result>

#include "absl/status/status.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/scheduling/store/notices.h"
#include "waymark/scheduling/v1/plan.pb.h"

namespace waymark::scheduling {
namespace {

// Looks at other rungs of a step only when nobody of a rung's audience can be reached.
constexpr char kFireDue[] =
    "WITH taken AS ("
    "  DELETE FROM rung WHERE tenant = $1 AND ctid = ANY (ARRAY("
    "   SELECT ctid FROM rung WHERE tenant = $1 AND fire_at <= $2"
    "   ORDER BY fire_at LIMIT $3 FOR UPDATE SKIP LOCKED))"
    "  RETURNING step_ref, revision, rung, fire_at, overtaken_at, audience, kind),"
    " fired AS (INSERT INTO firing"
    "   (tenant, step_ref, revision, rung, fire_at, fired_at, audience, kind, told)"
    "  SELECT $1, t.step_ref, t.revision, t.rung, t.fire_at, $2, t.audience, t.kind, CASE"
    "   WHEN t.overtaken_at <= $2 THEN NULL"
    "   WHEN t.audience = ANY ($4::smallint[]) THEN t.audience"
    "   ELSE coalesce((SELECT h.audience FROM rung h WHERE h.tenant = $1"
    "     AND h.step_ref = t.step_ref AND h.revision = t.revision AND h.rung > t.rung"
    "     AND h.audience = ANY ($4::smallint[]) ORDER BY h.rung LIMIT 1), 0) END"
    "  FROM taken t"
    "  ON CONFLICT (tenant, step_ref, revision, rung) DO NOTHING"
    "  RETURNING step_ref, revision, rung, fire_at, audience, kind, told),"
    " notices AS (INSERT INTO notice (tenant, step_ref, revision, rung, kind, audience,"
    "   recipient, rota_entry_id, channel, fired_at, state, next_attempt_at, delivered_at)"
    "  SELECT $1, f.step_ref, f.revision, f.rung, f.kind, f.audience, r.person,"
    "   r.rota_entry_id, r.channel, $2,"
    "   CASE WHEN r.channel = 1 THEN 2 ELSE 1 END, $9,"
    "   CASE WHEN r.channel = 1 THEN $2::timestamptz END"
    "  FROM fired f JOIN unnest($5::smallint[], $6::text[], $7::uuid[], $8::smallint[])"
    "   AS r (role, person, rota_entry_id, channel) ON r.role = f.told"
    "  ON CONFLICT (tenant, step_ref, revision, rung, recipient) DO NOTHING),"
    " officers AS (INSERT INTO notice (tenant, step_ref, revision, rung, kind, audience,"
    "   recipient, channel, fired_at, state, next_attempt_at)"
    "  SELECT $1, f.step_ref, f.revision, f.rung, f.kind, $10, $11, 0, $2, 1, $9"
    "  FROM fired f JOIN step s ON s.tenant = $1 AND s.step_ref = f.step_ref"
    "  JOIN plan_case c ON c.tenant = $1 AND c.case_ref = s.case_ref"
    "  WHERE f.kind = 1 AND f.told IS NOT NULL AND c.subject_ref IS NOT NULL"
    "   AND s.due_at >= f.fire_at + interval '168 hours' AND s.due_at > $2"
    "  ON CONFLICT (tenant, step_ref, revision, rung, recipient) DO NOTHING)"
    " SELECT extract(epoch FROM $2::timestamptz - f.fire_at)::double precision,"
    "  f.told IS NULL, f.told IS DISTINCT FROM f.audience, f.kind::bigint"
    " FROM fired f"
    " UNION ALL SELECT NULL, NULL, NULL, count(*) FROM taken";

constexpr char kLockDueTenant[] = "SELECT FROM due_tenant WHERE tenant = $1 FOR UPDATE";

constexpr char kSettle[] =
    "UPDATE due_tenant SET next_at = coalesce("
    "  (SELECT min(fire_at) FROM rung WHERE tenant = $1), 'infinity')"
    " WHERE tenant = $1 RETURNING next_at";

constexpr char kReadDueTenants[] = "SELECT tenant, next_at FROM due_tenant ORDER BY next_at";

constexpr char kReadBacklog[] =
    "SELECT EXISTS (SELECT FROM due_tenant WHERE tenant = $1),"
    " (SELECT count(*) FROM rung WHERE tenant = $1 AND fire_at <= $2),"
    " (SELECT min(fire_at) FROM rung WHERE tenant = $1),"
    " (SELECT count(*) FROM notice WHERE tenant = $1 AND state = 1)";

}  // namespace

absl::StatusOr<Fired> FireDue(db::Transaction& txn, const Reachable& reachable, absl::Time now,
                              absl::Time real_now, int limit) {
  std::vector<int64_t> roles, told_roles, channels;
  std::vector<std::string> people;
  std::vector<std::optional<std::string>> entries;
  for (const Recipient& recipient : reachable.recipients) {
    roles.push_back(recipient.role);
    told_roles.push_back(recipient.role);
    people.emplace_back(recipient.person);
    entries.push_back(recipient.rota_entry_id.empty() ? std::nullopt
                                                      : std::optional(recipient.rota_entry_id));
    channels.push_back(recipient.channel);
  }
  if (reachable.duty_channel != v1::CHANNEL_UNSPECIFIED) {
    told_roles.push_back(0);
    people.emplace_back();
    entries.emplace_back(std::nullopt);
    channels.push_back(reachable.duty_channel);
  }
  ASSIGN_OR_RETURN(
      const pqxx::result rows,
      txn.Exec(kFireDue, txn.tenant(), now, limit, db::Int8Array(roles), db::Int8Array(told_roles),
               db::TextArray(people), db::TextArray(entries), db::Int8Array(channels), real_now,
               static_cast<int>(options::v1::ROLE_OFFICER), kOfficer));
  Fired fired;
  fired.lags.reserve(rows.size());
  for (const pqxx::row& row : rows) {
    if (row[0].is_null()) {
      fired.taken = static_cast<int>(db::Int(row[3]));
      continue;
    }
    fired.lags.push_back(absl::Seconds(db::Double(row[0])));
    if (db::Int(row[3]) == v1::RUNG_KIND_BREACH) ++fired.missed_aims;
    if (db::Bool(row[1])) {
      ++fired.overtaken;
    } else if (db::Bool(row[2])) {
      ++fired.climbed;
    }
  }
  return fired;
}

absl::StatusOr<absl::Time> Settle(db::Transaction& txn) {
  RETURN_IF_ERROR(txn.Exec(kLockDueTenant, txn.tenant()).status());
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kSettle, txn.tenant()));
  return rows.empty() ? absl::InfiniteFuture() : db::Instant(rows[0][0]);
}

absl::StatusOr<std::vector<DueTenant>> ReadDueTenants(db::Database& database, absl::Time deadline) {
  std::vector<DueTenant> tenants;
  RETURN_IF_ERROR(database.TransactWithoutTenant(
      deadline, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
        tenants.clear();
        ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadDueTenants));
        for (const pqxx::row& row : rows) {
          tenants.push_back({db::Text(row[0]), db::Instant(row[1])});
        }
        return absl::OkStatus();
      }));
  return tenants;
}

absl::StatusOr<Backlog> ReadBacklog(db::Transaction& txn, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kReadBacklog, txn.tenant(), now));
  return Backlog{db::Bool(row[0]), db::Int(row[1]), db::Optional<absl::Time>(row[2]),
                 db::Int(row[3])};
}

}  // namespace waymark::scheduling
