#include "services/scheduling/store/worklist.h"

#include <map>
#include <pqxx/result>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/crypto/crypto.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/scheduling/domain/instants.h"
#include "services/scheduling/store/plans.h"

namespace waymark::scheduling {
namespace {

using casework::ToTimestamp;

// TabAt of domain/instants.h in SQL, over step s at $2; a test walks both over every boundary.
#define WAYMARK_TAB_AT         \
  "CASE WHEN s.closes_at < $2" \
  " THEN 4 WHEN s.due_at < $2 THEN 3 WHEN s.opens_at > $2 THEN 5 ELSE 2 END"

// Titles are joined to the page only; the count never touches them.
constexpr char kReadWorklist[] =
    "WITH own AS (SELECT case_ref FROM plan_case"
    "  WHERE tenant = $1 AND subject_ref = ANY ($6::uuid[])),"
    " matching AS (SELECT s.* FROM step s"
    "  WHERE s.tenant = $1 AND s.ending IS NULL"
    "  AND s.case_ref NOT IN (SELECT case_ref FROM own)"
    "  AND ($3 = 1 OR " WAYMARK_TAB_AT
    " = $3)"
    "  AND ($4 = 0 OR s.responsible = $4)"
    "  AND ($5::uuid[] = '{}' OR s.case_ref = ANY ($5::uuid[]))"
    "  AND ($7::text[] = '{}' OR coalesce(s.claimed_by, (SELECT c.assigned_to FROM plan_case c"
    "   WHERE c.tenant = $1 AND c.case_ref = s.case_ref)) = ANY ($7::text[]))),"
    " page AS (SELECT * FROM matching"
    "  WHERE (due_at, closes_at, step_ref) > ($8::timestamptz, $9::timestamptz, $10::uuid)"
    "  ORDER BY due_at, closes_at, step_ref LIMIT $11)"
    " SELECT t.total, p.step_ref, p.case_ref, p.ordinal, p.responsible, p.opens_at, p.due_at,"
    "  p.closes_at, p.claimed_by, p.acknowledged_until, c.assigned_to, c.case_version,"
    "  c.key_version, c.wrapped_key, c.sealed_plan,"
    "  (SELECT max(f.rung) FROM firing f WHERE f.tenant = $1 AND f.step_ref = p.step_ref"
    "    AND f.revision = p.revision AND f.told IS NOT NULL), p.task"
    " FROM (SELECT count(*) AS total FROM matching) t"
    " LEFT JOIN page p ON true"
    " LEFT JOIN plan_case c ON c.tenant = $1 AND c.case_ref = p.case_ref"
    " ORDER BY p.due_at, p.closes_at, p.step_ref";

constexpr char kReadMeasured[] =
    "SELECT s.measure_ref, s.opens_at, s.due_at, s.closes_at, s.ending, s.anchor_at,"
    "  s.completed_at FROM step s"
    " WHERE s.tenant = $1 AND s.measure_ref IS NOT NULL"
    " AND s.anchor_at >= $2 AND s.anchor_at < $3";

constexpr char kReadMeasures[] =
    "SELECT measure_ref, key_version, wrapped_key, sealed_key FROM measure"
    " WHERE tenant = $1";

constexpr char kTaskTitle[] =
    "A notice about this case could not be delivered: tell whoever is on duty in person";
constexpr char kRingTitle[] =
    "A reminder could not reach the officer: ring them about their next appointment";
constexpr int64_t kRing = 2;
constexpr char kUnreadableTitle[] =
    "A step of a case whose plan cannot be read: look in the pathways' own lists for what is due";

}  // namespace

absl::StatusOr<WorklistLines> ReadWorklist(db::Transaction& txn, const crypto::KeyProvider& keys,
                                           const References& references,
                                           const WorklistQuery& query) {
  const std::string& tenant = txn.tenant();
  const std::vector<std::string> none;
  ASSIGN_OR_RETURN(
      const pqxx::result rows,
      txn.Exec(
          kReadWorklist, tenant, query.as_of, static_cast<int>(query.tab),
          static_cast<int>(query.responsible),
          db::UuidArray(query.case_id.empty() ? none : references.Case(tenant, query.case_id)),
          db::UuidArray(query.not_subject ? references.Subject(tenant, *query.not_subject) : none),
          db::TextArray(query.people), query.after.due, query.after.closes, query.after.step_ref,
          query.limit + 1));
  WorklistLines lines;
  lines.total = db::Int(rows[0][0]);
  // One case has many lines: each plan is opened once.
  absl::flat_hash_map<std::string, v1::Plan> plans;
  for (const pqxx::row& row : rows) {
    if (row[1].is_null()) break;
    if (static_cast<int>(lines.items.size()) == query.limit) {
      lines.more = true;
      break;
    }
    v1::WorklistItem& item = lines.items.emplace_back();
    lines.last = {db::Instant(row[6]), db::Instant(row[7]), db::Text(row[1])};
    const std::string case_ref = db::Text(row[2]);
    auto found = plans.find(case_ref);
    if (found == plans.end()) {
      absl::StatusOr<v1::Plan> plan =
          OpenPlan(keys, tenant,
                   {case_ref, db::Int(row[11]), static_cast<int32_t>(db::Int(row[12])),
                    db::Bytes(row[13]), db::Bytes(row[14])});
      // Its deadline is known all the same, and one case does not hide the others.
      if (IsUnreadable(plan.status())) plan = v1::Plan();
      RETURN_IF_ERROR(plan.status());
      found = plans.emplace(case_ref, *std::move(plan)).first;
    }
    const v1::Plan& plan = found->second;
    lines.subjects.push_back(plan.subject_id());
    item.set_step_ref(lines.last.step_ref);
    item.set_case_id(plan.case_id());
    item.set_subject_id(plan.subject_id());
    item.set_pathway(plan.pathway());
    item.set_jurisdiction(plan.jurisdiction());
    if (plan.case_id().empty()) {
      item.set_title(kUnreadableTitle);
    } else if (row[3].is_null()) {
      item.set_title(db::Optional<int64_t>(row[16]).value_or(1) == kRing ? kRingTitle : kTaskTitle);
    } else {
      const v1::PlannedStep& step = plan.steps(static_cast<int>(db::Int(row[3])));
      item.set_step_key(step.step_key());
      item.set_title(step.title());
      item.set_stage(step.stage());
    }
    item.set_responsible(static_cast<options::v1::Role>(db::Int(row[4])));
    const StepInstants instants = {
        .opens = db::Instant(row[5]), .due = lines.last.due, .closes = lines.last.closes};
    if (instants.opens != absl::InfinitePast()) {
      *item.mutable_opens_time() = ToTimestamp(instants.opens);
    }
    *item.mutable_due_time() = ToTimestamp(instants.due);
    if (instants.closes != absl::InfiniteFuture()) {
      *item.mutable_closes_time() = ToTimestamp(instants.closes);
    }
    item.set_status(StatusAt(instants, query.as_of));
    item.set_seconds_left(SecondsLeft(instants, query.as_of));
    item.set_claimed_by(db::Optional<std::string>(row[8]).value_or(""));
    if (const auto until = db::Optional<absl::Time>(row[9]); until && *until > query.as_of) {
      *item.mutable_acknowledged_until() = ToTimestamp(*until);
    }
    item.set_assigned_to(db::Optional<std::string>(row[10]).value_or(""));
    item.set_highest_rung(static_cast<int>(db::Optional<int64_t>(row[15]).value_or(0)));
  }
  return lines;
}

absl::StatusOr<std::vector<v1::ComplianceFigure>> ReadCompliance(db::Transaction& txn,
                                                                 const crypto::KeyProvider& keys,
                                                                 absl::Time from, absl::Time until,
                                                                 absl::Time now) {
  const std::string& tenant = txn.tenant();
  ASSIGN_OR_RETURN(const pqxx::result measured, txn.Exec(kReadMeasured, tenant, from, until));
  absl::flat_hash_map<std::string, std::vector<Measured>> by_reference;
  for (const pqxx::row& row : measured) {
    Measured step;
    step.instants = {
        .opens = db::Instant(row[1]),
        .due = db::Instant(row[2]),
        .closes = db::Instant(row[3]),
        .ending = static_cast<casework::v1::Ending>(db::Optional<int64_t>(row[4]).value_or(0))};
    step.anchor = db::Instant(row[5]);
    step.completed = db::Optional<absl::Time>(row[6]);
    by_reference[db::Text(row[0])].push_back(step);
  }
  ASSIGN_OR_RETURN(const pqxx::result measures, txn.Exec(kReadMeasures, tenant));
  // After a rotation of the pseudonym key one measure may stand under two references.
  std::map<std::string, std::vector<Measured>> by_key;
  for (const pqxx::row& row : measures) {
    const std::string reference = db::Text(row[0]);
    const auto found = by_reference.find(reference);
    if (found == by_reference.end()) continue;
    crypto::Envelope envelope;
    envelope.key = {static_cast<int32_t>(db::Int(row[1])), db::Bytes(row[2])};
    envelope.sealed = db::Bytes(row[3]);
    ASSIGN_OR_RETURN(
        const std::string key,
        crypto::OpenEnvelope(keys, tenant, crypto::BindingOf({tenant, "measure", reference}),
                             envelope));
    std::vector<Measured>& steps = by_key[key];
    steps.insert(steps.end(), found->second.begin(), found->second.end());
  }
  std::vector<v1::ComplianceFigure> figures;
  figures.reserve(by_key.size());
  for (const auto& [key, steps] : by_key) figures.push_back(Figure(key, steps, now));
  return figures;
}

}  // namespace waymark::scheduling
