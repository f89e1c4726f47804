#include "services/scheduling/store/plans.h"

#include <algorithm>
#include <optional>
#include <pqxx/result>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::scheduling {
namespace {

using casework::FromTimestamp;

constexpr int kMostSteps = 200;
constexpr int kMostRungs = 20;

constexpr char kFindCases[] =
    "SELECT case_ref FROM plan_case"
    " WHERE tenant = $1 AND case_ref = ANY ($2::uuid[])";

constexpr char kFindSteps[] =
    "SELECT step_ref FROM step"
    " WHERE tenant = $1 AND step_ref = ANY ($2::uuid[])";

constexpr char kKnownVersions[] =
    "SELECT case_ref, case_version FROM plan_case"
    " WHERE tenant = $1 AND case_ref = ANY ($2::uuid[])";

constexpr char kReadOpenPlans[] =
    "SELECT case_ref, case_version, key_version, wrapped_key, sealed_plan FROM plan_case"
    " WHERE tenant = $1 AND closed_at IS NULL AND case_ref > $2::uuid"
    " ORDER BY case_ref LIMIT $3";

// Locks like a plan that is being stored, so that none changes meanwhile.
constexpr char kLockOpenPlans[] =
    "SELECT case_ref, case_version, key_version, wrapped_key, sealed_plan FROM plan_case"
    " WHERE tenant = $1 AND closed_at IS NULL AND case_ref = ANY ($2::uuid[])"
    " ORDER BY case_ref FOR UPDATE";

constexpr char kStepsWithoutTimer[] =
    "SELECT DISTINCT u.step_ref FROM unnest($2::uuid[], $3::bigint[]) AS u (step_ref, rung)"
    " LEFT JOIN step s ON s.tenant = $1 AND s.step_ref = u.step_ref"
    " WHERE s.step_ref IS NULL OR s.ending IS NOT NULL"
    " OR NOT EXISTS (SELECT FROM rung r WHERE r.tenant = $1 AND r.step_ref = u.step_ref"
    "   AND r.revision = s.revision AND r.rung = u.rung)"
    " AND NOT EXISTS (SELECT FROM firing f WHERE f.tenant = $1 AND f.step_ref = u.step_ref"
    "   AND f.revision = s.revision AND f.rung = u.rung)";

constexpr char kReadPlans[] =
    "SELECT case_ref, case_version, key_version, wrapped_key, sealed_plan FROM plan_case"
    " WHERE tenant = $1 AND case_ref = ANY ($2::uuid[])";

// The order keeps two batches that share cases from locking each other.
constexpr char kUpsertCases[] =
    "INSERT INTO plan_case (tenant, case_ref, source, case_version, subject_ref, assigned_to,"
    "  closed_at, key_version, wrapped_key, sealed_plan)"
    " SELECT $1, u.case_ref, $2, u.case_version, u.subject_ref, u.assigned_to,"
    "  CASE WHEN u.closed THEN $3::timestamptz END, u.key_version, u.wrapped_key, u.sealed_plan"
    " FROM unnest($4::uuid[], $5::bigint[], $6::uuid[], $7::text[], $8::boolean[], $9::bigint[],"
    "  $10::bytea[], $11::bytea[]) AS u (case_ref, case_version, subject_ref, assigned_to, closed,"
    "  key_version, wrapped_key, sealed_plan)"
    " ORDER BY u.case_ref"
    " ON CONFLICT (tenant, case_ref) DO UPDATE SET source = excluded.source,"
    "  case_version = excluded.case_version, subject_ref = excluded.subject_ref,"
    "  assigned_to = excluded.assigned_to, closed_at = excluded.closed_at,"
    "  key_version = excluded.key_version, wrapped_key = excluded.wrapped_key,"
    "  sealed_plan = excluded.sealed_plan"
    " WHERE plan_case.case_version < excluded.case_version"
    " RETURNING case_ref";

// An acknowledgement holds for the instants it was made for: when they move, it is over.
constexpr char kUpsertSteps[] =
    "INSERT INTO step AS s (tenant, step_ref, case_ref, ordinal, revision, responsible, opens_at,"
    "  due_at, closes_at, ending, ended_at, measure_ref, anchor_at, completed_at)"
    " SELECT $1, u.step_ref, u.case_ref, u.ordinal, u.revision, u.responsible, u.opens_at,"
    "  u.due_at, u.closes_at, nullif(u.ending, 0), u.ended_at, u.measure_ref, u.anchor_at,"
    "  u.completed_at"
    " FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[],"
    "  $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::timestamptz[],"
    "  $12::uuid[], $13::timestamptz[], $14::timestamptz[]) AS u (step_ref, case_ref, ordinal,"
    "  revision, responsible, opens_at, due_at, closes_at, ending, ended_at, measure_ref,"
    "  anchor_at, completed_at)"
    " ON CONFLICT (tenant, step_ref) DO UPDATE SET ordinal = excluded.ordinal,"
    "  revision = CASE"
    "   WHEN excluded.revision > s.revision THEN excluded.revision"
    "   WHEN (excluded.opens_at, excluded.due_at, excluded.closes_at)"
    "    IS DISTINCT FROM (s.opens_at, s.due_at, s.closes_at) THEN s.revision + 1"
    "   ELSE s.revision END,"
    "  acknowledged_until = CASE"
    "   WHEN excluded.revision > s.revision OR (excluded.opens_at, excluded.due_at,"
    "    excluded.closes_at) IS DISTINCT FROM (s.opens_at, s.due_at, s.closes_at) THEN NULL"
    "   ELSE s.acknowledged_until END,"
    "  responsible = excluded.responsible, opens_at = excluded.opens_at,"
    "  due_at = excluded.due_at, closes_at = excluded.closes_at, ending = excluded.ending,"
    "  ended_at = excluded.ended_at, measure_ref = excluded.measure_ref,"
    "  anchor_at = excluded.anchor_at, completed_at = excluded.completed_at";

// Steps that the new plan does not know any more, and, when the case is closed, tasks.
constexpr char kEndMissingSteps[] =
    "UPDATE step SET ending = 4, ended_at = $2"
    " WHERE tenant = $1 AND ending IS NULL"
    " AND ((case_ref = ANY ($3::uuid[]) AND ordinal IS NOT NULL"
    "   AND step_ref <> ALL ($4::uuid[])) OR case_ref = ANY ($5::uuid[]))";

// What is left of the ladders: rungs of an open step's present revision that the plan still has.
constexpr char kDeleteRungs[] =
    "DELETE FROM rung r USING step s"
    " WHERE s.tenant = $1 AND s.case_ref = ANY ($2::uuid[])"
    " AND r.tenant = $1 AND r.step_ref = s.step_ref"
    " AND NOT (s.ending IS NULL AND r.revision = s.revision AND EXISTS ("
    "  SELECT FROM unnest($3::uuid[], $4::bigint[]) AS u (step_ref, rung)"
    "  WHERE u.step_ref = r.step_ref AND u.rung = r.rung))";

// A rung that waits keeps the time an acknowledgement gave it, unless the plan moved it.
constexpr char kUpsertRungs[] =
    "INSERT INTO rung AS r (tenant, step_ref, revision, rung, fire_at, planned_at, overtaken_at,"
    "  audience, kind)"
    " SELECT $1, u.step_ref, s.revision, u.rung, u.fire_at, u.fire_at, u.overtaken_at, u.audience,"
    "  u.kind"
    " FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::bigint[],"
    "  $7::bigint[]) AS u (step_ref, rung, fire_at, overtaken_at, audience, kind)"
    " JOIN step s ON s.tenant = $1 AND s.step_ref = u.step_ref AND s.ending IS NULL"
    " WHERE NOT EXISTS (SELECT FROM firing f WHERE f.tenant = $1 AND f.step_ref = u.step_ref"
    "  AND f.revision = s.revision AND f.rung = u.rung)"
    " ON CONFLICT (tenant, step_ref, revision, rung) DO UPDATE SET"
    "  fire_at = CASE WHEN r.planned_at = excluded.planned_at THEN r.fire_at"
    "   ELSE excluded.fire_at END,"
    "  planned_at = excluded.planned_at, audience = excluded.audience, kind = excluded.kind"
    "  WHERE (r.planned_at, r.audience, r.kind)"
    "   IS DISTINCT FROM (excluded.planned_at, excluded.audience, excluded.kind)";

// Changes nothing where the ladder stands as it was planned.
constexpr char kSetOvertaken[] =
    "UPDATE rung r SET overtaken_at = u.overtaken_at FROM ("
    "  SELECT b.step_ref, b.revision, b.rung, least("
    "   (SELECT min(h.fire_at) FROM rung h WHERE h.tenant = $1 AND h.step_ref = b.step_ref"
    "     AND h.revision = b.revision AND h.rung > b.rung),"
    "   (SELECT min(h.fire_at) FROM firing h WHERE h.tenant = $1 AND h.step_ref = b.step_ref"
    "     AND h.revision = b.revision AND h.rung > b.rung), 'infinity') AS overtaken_at"
    "  FROM rung b WHERE b.tenant = $1 AND b.step_ref = ANY ($2::uuid[])) u"
    " WHERE r.tenant = $1 AND r.step_ref = u.step_ref AND r.revision = u.revision"
    " AND r.rung = u.rung AND r.overtaken_at <> u.overtaken_at";

constexpr char kWithdrawNotices[] =
    "UPDATE notice n SET state = 4 FROM step s"
    " WHERE s.tenant = $1 AND s.case_ref = ANY ($2::uuid[]) AND s.ending IS NOT NULL"
    " AND n.tenant = $1 AND n.step_ref = s.step_ref AND n.state = 1";

constexpr char kInsertMeasures[] =
    "INSERT INTO measure (tenant, measure_ref, key_version, wrapped_key, sealed_key)"
    " SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::bytea[], $5::bytea[])"
    " ON CONFLICT (tenant, measure_ref) DO NOTHING";

// The last statement of whatever makes a rung earlier: it waits for the firing loop's own look at
// the next instant, and makes that one wait for us, so that no instant is lost between the two.
constexpr char kLowerNextInstant[] =
    "UPDATE due_tenant SET next_at = least(next_at, $2) WHERE tenant = $1";

constexpr char kPurgeClosed[] =
    "WITH gone AS (DELETE FROM plan_case WHERE tenant = $1 AND case_ref IN ("
    "  SELECT case_ref FROM plan_case WHERE tenant = $1 AND closed_at < $2 LIMIT $3)"
    "  RETURNING case_ref),"
    " steps AS (SELECT step_ref FROM step WHERE tenant = $1"
    "  AND case_ref IN (SELECT case_ref FROM gone)),"
    " firings AS (DELETE FROM firing WHERE tenant = $1"
    "  AND step_ref IN (SELECT step_ref FROM steps)),"
    " notices AS (DELETE FROM notice WHERE tenant = $1"
    "  AND step_ref IN (SELECT step_ref FROM steps))"
    " SELECT count(*) FROM gone";

SealedPlan ReadSealed(const pqxx::row& row) {
  return {db::Text(row[0]), db::Int(row[1]), static_cast<int32_t>(db::Int(row[2])),
          db::Bytes(row[3]), db::Bytes(row[4])};
}

template <typename Name>
bool IsPresent(const Name& text, size_t most) {
  return !text.empty() && text.size() <= most;
}

bool IsUpperSnake(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void CheckStep(const v1::PlannedStep& step, const std::string& at,
               status::FieldViolations& violations) {
  const auto add = [&](absl::string_view field, absl::string_view reason,
                       absl::string_view description) {
    violations.Add(absl::StrCat(at, ".", field), reason, description);
  };
  if (!IsPresent(step.step_key(), 128)) add("step_key", "LENGTH", "1 to 128 characters.");
  if (!IsPresent(step.title(), 200)) add("title", "LENGTH", "1 to 200 characters.");
  if (step.stage().size() > 64) add("stage", "LENGTH", "At most 64 characters.");
  if (step.responsible() == options::v1::ROLE_UNSPECIFIED) {
    add("responsible", "REQUIRED", "Every step has a role that answers for it.");
  }
  if (!step.has_due_time()) add("due_time", "REQUIRED", "Every step has an aim.");
  if (step.has_closes_time() &&
      FromTimestamp(step.closes_time()) < FromTimestamp(step.due_time())) {
    add("closes_time", "BEFORE_DUE", "A window does not shut before its step is due.");
  }
  if (step.revision() < 1) add("revision", "RANGE", "1 or more.");
  if (step.has_end() &&
      (step.end().ending() == casework::v1::ENDING_UNSPECIFIED || !step.end().has_time())) {
    add("end", "INCOMPLETE", "An end says how and when.");
  }
  if (step.rungs_size() > kMostRungs) add("rungs", "TOO_MANY", "At most 20 rungs a step.");
  int last = 0;
  for (const v1::Rung& rung : step.rungs()) {
    if (rung.number() <= last || rung.number() > 99) {
      add("rungs", "RUNGS_OUT_OF_ORDER", "Numbers from 1 to 99, each higher than the one before.");
    }
    last = rung.number();
    if (!rung.has_fire_time() || rung.audience() == options::v1::ROLE_UNSPECIFIED ||
        rung.kind() == v1::RUNG_KIND_UNSPECIFIED) {
      add("rungs", "INCOMPLETE", "A rung has a time, an audience and a kind.");
    }
  }
  if (step.has_measure()) {
    if (!IsPresent(step.measure().key(), 64) || !IsUpperSnake(step.measure().key())) {
      add("measure.key", "FORM", "1 to 64 of A-Z, 0-9 and _.");
    }
    if (!step.measure().has_anchor_time()) {
      add("measure.anchor_time", "REQUIRED", "A measure has a start.");
    }
  }
}

// Rows gathered column by column, as unnest wants them.
struct CaseRows {
  std::vector<std::string> case_ref, wrapped_key, sealed_plan;
  std::vector<std::optional<std::string>> subject_ref, assigned_to;
  std::vector<int64_t> case_version, key_version;
  std::vector<bool> closed;
};
struct StepRows {
  std::vector<std::string> step_ref, case_ref;
  std::vector<int64_t> ordinal, revision, responsible, ending;
  std::vector<absl::Time> opens, due, closes;
  std::vector<std::optional<absl::Time>> ended, anchor, completed;
  std::vector<std::optional<std::string>> measure_ref;
};
struct RungRows {
  std::vector<std::string> step_ref;
  std::vector<int64_t> rung, audience, kind;
  std::vector<absl::Time> fire, overtaken;
};

// Of the references that one thing may be stored under, the one it is stored under; the newest for
// something new. Asks the database only while an older key version is live.
absl::Status PickStored(db::Transaction& txn, const char* sql,
                        std::vector<std::vector<std::string>>& candidates,
                        std::vector<std::string>& picked) {
  picked.clear();
  absl::flat_hash_set<std::string> stored;
  std::vector<std::string> older;
  for (const auto& one : candidates) older.insert(older.end(), one.begin(), one.end());
  if (older.size() > candidates.size()) {
    ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(sql, txn.tenant(), db::UuidArray(older)));
    for (const pqxx::row& row : rows) stored.insert(db::Text(row[0]));
  }
  for (auto& one : candidates) {
    const auto found = std::find_if(one.begin(), one.end(), [&](const std::string& reference) {
      return stored.contains(reference);
    });
    picked.push_back(found == one.end() ? one.front() : *found);
  }
  return absl::OkStatus();
}

std::optional<std::string> NonEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::string PlanBinding(absl::string_view tenant, absl::string_view case_ref, int64_t version) {
  return crypto::BindingOf({tenant, "plan_case", case_ref, std::to_string(version)});
}

absl::Status AddCase(absl::string_view tenant, const crypto::KeyProvider& keys,
                     const References& references, const v1::Plan& plan,
                     const std::string& case_ref, CaseRows& rows) {
  const crypto::DataKey key = crypto::NewDataKey();
  ASSIGN_OR_RETURN(crypto::WrappedKey wrapped, keys.Wrap(tenant, key));
  rows.case_ref.push_back(case_ref);
  rows.case_version.push_back(plan.case_version());
  rows.subject_ref.push_back(
      plan.subject_id().empty()
          ? std::nullopt
          : std::optional(references.Subject(tenant, plan.subject_id()).front()));
  rows.assigned_to.push_back(NonEmpty(plan.assigned_to()));
  rows.closed.push_back(plan.closed());
  rows.key_version.push_back(wrapped.key_version);
  rows.wrapped_key.push_back(std::move(wrapped.bytes));
  rows.sealed_plan.push_back(crypto::Seal(key, PlanBinding(tenant, case_ref, plan.case_version()),
                                          plan.SerializeAsString()));
  return absl::OkStatus();
}

void AddStep(absl::string_view tenant, const References& references, const v1::Plan& plan,
             int ordinal, const std::string& case_ref, const std::string& step_ref, absl::Time now,
             StepRows& rows, RungRows& rungs) {
  const v1::PlannedStep& step = plan.steps(ordinal);
  rows.step_ref.push_back(step_ref);
  rows.case_ref.push_back(case_ref);
  rows.ordinal.push_back(ordinal);
  rows.revision.push_back(step.revision());
  rows.responsible.push_back(step.responsible());
  rows.opens.push_back(step.has_opens_time() ? FromTimestamp(step.opens_time())
                                             : absl::InfinitePast());
  rows.due.push_back(FromTimestamp(step.due_time()));
  rows.closes.push_back(step.has_closes_time() ? FromTimestamp(step.closes_time())
                                               : absl::InfiniteFuture());
  // A step still open when its case closes has ended with it.
  const bool ended = step.has_end() || plan.closed();
  rows.ending.push_back(step.has_end() ? step.end().ending()
                        : ended        ? casework::v1::ENDING_SUPERSEDED
                                       : casework::v1::ENDING_UNSPECIFIED);
  rows.ended.push_back(step.has_end() ? std::optional(FromTimestamp(step.end().time()))
                       : ended        ? std::optional(now)
                                      : std::nullopt);
  if (step.has_measure()) {
    rows.measure_ref.push_back(references.Measure(tenant, step.measure().key()).front());
    rows.anchor.push_back(FromTimestamp(step.measure().anchor_time()));
    rows.completed.push_back(step.measure().has_completed_time()
                                 ? std::optional(FromTimestamp(step.measure().completed_time()))
                                 : std::nullopt);
  } else {
    rows.measure_ref.push_back(std::nullopt);
    rows.anchor.push_back(std::nullopt);
    rows.completed.push_back(std::nullopt);
  }
  if (ended) return;
  for (const v1::Rung& rung : step.rungs()) {
    absl::Time overtaken = absl::InfiniteFuture();
    for (const v1::Rung& other : step.rungs()) {
      if (other.number() <= rung.number()) continue;
      overtaken = std::min(overtaken, FromTimestamp(other.fire_time()));
    }
    rungs.overtaken.push_back(overtaken);
    rungs.step_ref.push_back(step_ref);
    rungs.rung.push_back(rung.number());
    rungs.fire.push_back(FromTimestamp(rung.fire_time()));
    rungs.audience.push_back(rung.audience());
    rungs.kind.push_back(rung.kind());
  }
}

absl::Status PutMeasures(db::Transaction& txn, const crypto::KeyProvider& keys,
                         const References& references, const std::set<std::string>& measures) {
  if (measures.empty()) return absl::OkStatus();
  std::vector<std::string> refs, wrapped, sealed;
  std::vector<int64_t> versions;
  for (const std::string& key : measures) {
    refs.push_back(references.Measure(txn.tenant(), key).front());
    ASSIGN_OR_RETURN(
        crypto::Envelope envelope,
        crypto::SealEnvelope(keys, txn.tenant(),
                             crypto::BindingOf({txn.tenant(), "measure", refs.back()}), key));
    versions.push_back(envelope.key.key_version);
    wrapped.push_back(std::move(envelope.key.bytes));
    sealed.push_back(std::move(envelope.sealed));
  }
  return txn
      .Exec(kInsertMeasures, txn.tenant(), db::UuidArray(refs), db::Int8Array(versions),
            db::ByteaArray(wrapped), db::ByteaArray(sealed))
      .status();
}

// Stores the steps and ladders of plans whose rows are locked; `case_refs` are theirs. The earliest
// rung among them.
absl::StatusOr<absl::Time> PutSteps(db::Transaction& txn, const crypto::KeyProvider& keys,
                                    const References& references,
                                    const std::vector<const v1::Plan*>& plans,
                                    const std::vector<std::string>& case_refs, absl::Time now) {
  const std::string& tenant = txn.tenant();
  StepRows steps;
  RungRows rungs;
  std::vector<std::string> closed_refs;
  std::set<std::string> measures;
  std::vector<std::vector<std::string>> candidates;
  for (size_t i = 0; i < plans.size(); ++i) {
    if (plans[i]->closed()) closed_refs.push_back(case_refs[i]);
    for (const v1::PlannedStep& step : plans[i]->steps()) {
      candidates.push_back(references.Step(tenant, plans[i]->case_id(), step.step_key()));
      if (step.has_measure()) measures.insert(step.measure().key());
    }
  }
  std::vector<std::string> step_refs;
  RETURN_IF_ERROR(PickStored(txn, kFindSteps, candidates, step_refs));
  size_t next_step = 0;
  for (size_t i = 0; i < plans.size(); ++i) {
    for (int ordinal = 0; ordinal < plans[i]->steps_size(); ++ordinal) {
      AddStep(tenant, references, *plans[i], ordinal, case_refs[i], step_refs[next_step++], now,
              steps, rungs);
    }
  }
  RETURN_IF_ERROR(PutMeasures(txn, keys, references, measures));
  RETURN_IF_ERROR(txn.Exec(kUpsertSteps, tenant, db::UuidArray(steps.step_ref),
                           db::UuidArray(steps.case_ref), db::Int8Array(steps.ordinal),
                           db::Int8Array(steps.revision), db::Int8Array(steps.responsible),
                           db::InstantArray(steps.opens), db::InstantArray(steps.due),
                           db::InstantArray(steps.closes), db::Int8Array(steps.ending),
                           db::InstantArray(steps.ended), db::TextArray(steps.measure_ref),
                           db::InstantArray(steps.anchor), db::InstantArray(steps.completed))
                      .status());
  const db::Literal case_array = db::UuidArray(case_refs);
  RETURN_IF_ERROR(txn.Exec(kEndMissingSteps, tenant, now, case_array, db::UuidArray(steps.step_ref),
                           db::UuidArray(closed_refs))
                      .status());
  RETURN_IF_ERROR(txn.Exec(kDeleteRungs, tenant, case_array, db::UuidArray(rungs.step_ref),
                           db::Int8Array(rungs.rung))
                      .status());
  RETURN_IF_ERROR(txn.Exec(kWithdrawNotices, tenant, case_array).status());
  if (rungs.step_ref.empty()) return absl::InfiniteFuture();
  RETURN_IF_ERROR(txn.Exec(kUpsertRungs, tenant, db::UuidArray(rungs.step_ref),
                           db::Int8Array(rungs.rung), db::InstantArray(rungs.fire),
                           db::InstantArray(rungs.overtaken), db::Int8Array(rungs.audience),
                           db::Int8Array(rungs.kind))
                      .status());
  RETURN_IF_ERROR(SetOvertaken(txn, step_refs));
  const absl::Time earliest = *std::min_element(rungs.fire.begin(), rungs.fire.end());
  RETURN_IF_ERROR(txn.Exec(kLowerNextInstant, tenant, earliest).status());
  return earliest;
}

// Open plans that can be read, and the case of each.
struct OpenPlans {
  std::vector<v1::Plan> plans;
  std::vector<std::string> case_refs;
  // Rows whose plan cannot be read: what was sealed is broken, or its key is gone.
  int unreadable = 0;
};
// Fails only when the keys cannot be asked at all.
absl::StatusOr<OpenPlans> OpenEach(const crypto::KeyProvider& keys, absl::string_view tenant,
                                   const pqxx::result& rows) {
  OpenPlans open;
  for (const pqxx::row& row : rows) {
    absl::StatusOr<v1::Plan> plan = OpenPlan(keys, tenant, ReadSealed(row));
    if (IsUnreadable(plan.status())) {
      ++open.unreadable;
      continue;
    }
    RETURN_IF_ERROR(plan.status());
    open.plans.push_back(*std::move(plan));
    open.case_refs.push_back(db::Text(row[0]));
  }
  return open;
}

struct Lost {
  // Open steps that are not there, or of which a planned rung neither waits nor has fired.
  int steps = 0;
  // Their cases.
  std::vector<std::string> cases;
};
absl::StatusOr<Lost> FindLost(db::Transaction& txn, const References& references,
                              const OpenPlans& open) {
  const std::vector<v1::Plan>& plans = open.plans;
  std::vector<std::vector<std::string>> candidates;
  for (const v1::Plan& plan : plans) {
    for (const v1::PlannedStep& step : plan.steps()) {
      candidates.push_back(references.Step(txn.tenant(), plan.case_id(), step.step_key()));
    }
  }
  std::vector<std::string> step_refs;
  RETURN_IF_ERROR(PickStored(txn, kFindSteps, candidates, step_refs));
  std::vector<std::string> rung_steps;
  std::vector<int64_t> rungs;
  absl::flat_hash_map<std::string, std::string> case_of;
  size_t next_step = 0;
  for (size_t i = 0; i < plans.size(); ++i) {
    for (const v1::PlannedStep& step : plans[i].steps()) {
      const std::string& step_ref = step_refs[next_step++];
      if (step.has_end()) continue;
      case_of[step_ref] = open.case_refs[i];
      for (const v1::Rung& rung : step.rungs()) {
        rung_steps.push_back(step_ref);
        rungs.push_back(rung.number());
      }
    }
  }
  ASSIGN_OR_RETURN(
      const pqxx::result rows,
      txn.Exec(kStepsWithoutTimer, txn.tenant(), db::UuidArray(rung_steps), db::Int8Array(rungs)));
  std::set<std::string> cases;
  for (const pqxx::row& row : rows) cases.insert(case_of[db::Text(row[0])]);
  return Lost{static_cast<int>(rows.size()), {cases.begin(), cases.end()}};
}

}  // namespace

absl::Status CheckPlan(const v1::Plan& plan) {
  status::FieldViolations violations;
  if (!ids::IsUuid(plan.case_id())) violations.Add("case_id", "NOT_A_UUID", "A lower-case UUID.");
  if (plan.case_version() < 1) violations.Add("case_version", "RANGE", "1 or more.");
  if (!plan.subject_id().empty() && !ids::IsUuid(plan.subject_id())) {
    violations.Add("subject_id", "NOT_A_UUID", "A lower-case UUID, or nothing.");
  }
  if (!IsPresent(plan.pathway(), 64)) violations.Add("pathway", "LENGTH", "1 to 64 characters.");
  if (plan.assigned_to().size() > 128) {
    violations.Add("assigned_to", "LENGTH", "At most 128 characters.");
  }
  if (plan.steps_size() > kMostSteps) {
    violations.Add("steps", "TOO_MANY", "At most 200 steps a case.");
  }
  std::set<absl::string_view> step_keys;
  for (int i = 0; i < plan.steps_size(); ++i) {
    CheckStep(plan.steps(i), absl::StrCat("steps[", i, "]"), violations);
    if (!step_keys.insert(plan.steps(i).step_key()).second) {
      violations.Add(absl::StrCat("steps[", i, "].step_key"), "STEP_KEY_REPEATED",
                     "A key names one step of the case.");
    }
  }
  return violations.ToStatus();
}

absl::StatusOr<PutResult> PutPlans(db::Transaction& txn, const crypto::KeyProvider& keys,
                                   const References& references, absl::string_view source,
                                   const std::vector<const v1::Plan*>& plans, absl::Time now) {
  const std::string& tenant = txn.tenant();
  PutResult result;
  // Of several versions in one batch only the newest matters.
  std::map<absl::string_view, const v1::Plan*> newest;
  for (const v1::Plan* plan : plans) {
    const v1::Plan*& kept = newest[plan->case_id()];
    if (kept == nullptr || kept->case_version() < plan->case_version()) kept = plan;
  }
  result.ignored = static_cast<int>(plans.size() - newest.size());

  std::vector<const v1::Plan*> ordered;
  std::vector<std::vector<std::string>> candidates;
  std::vector<std::string> case_refs;
  for (const auto& [case_id, plan] : newest) {
    ordered.push_back(plan);
    candidates.push_back(references.Case(tenant, case_id));
  }
  RETURN_IF_ERROR(PickStored(txn, kFindCases, candidates, case_refs));

  CaseRows cases;
  for (size_t i = 0; i < ordered.size(); ++i) {
    RETURN_IF_ERROR(AddCase(tenant, keys, references, *ordered[i], case_refs[i], cases));
  }
  ASSIGN_OR_RETURN(const pqxx::result upserted,
                   txn.Exec(kUpsertCases, tenant, source, now, db::UuidArray(cases.case_ref),
                            db::Int8Array(cases.case_version), db::TextArray(cases.subject_ref),
                            db::TextArray(cases.assigned_to), db::BoolArray(cases.closed),
                            db::Int8Array(cases.key_version), db::ByteaArray(cases.wrapped_key),
                            db::ByteaArray(cases.sealed_plan)));
  absl::flat_hash_set<std::string> applied;
  for (const pqxx::row& row : upserted) applied.insert(db::Text(row[0]));
  result.applied = static_cast<int>(applied.size());
  result.ignored += static_cast<int>(ordered.size() - applied.size());
  if (applied.empty()) return result;

  std::vector<const v1::Plan*> newer;
  std::vector<std::string> newer_refs;
  for (size_t i = 0; i < ordered.size(); ++i) {
    if (!applied.contains(case_refs[i])) continue;
    newer.push_back(ordered[i]);
    newer_refs.push_back(case_refs[i]);
  }
  ASSIGN_OR_RETURN(result.earliest, PutSteps(txn, keys, references, newer, newer_refs, now));
  return result;
}

absl::StatusOr<std::map<std::string, int64_t>> KnownVersions(
    db::Transaction& txn, const References& references, const std::vector<std::string>& case_ids) {
  absl::flat_hash_map<std::string, std::string> id_of;
  std::vector<std::string> refs;
  for (const std::string& case_id : case_ids) {
    for (std::string& reference : references.Case(txn.tenant(), case_id)) {
      refs.push_back(reference);
      id_of.emplace(std::move(reference), case_id);
    }
  }
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kKnownVersions, txn.tenant(), db::UuidArray(refs)));
  std::map<std::string, int64_t> versions;
  for (const pqxx::row& row : rows) versions[id_of[db::Text(row[0])]] = db::Int(row[1]);
  return versions;
}

absl::StatusOr<v1::Plan> OpenPlan(const crypto::KeyProvider& keys, absl::string_view tenant,
                                  const SealedPlan& row) {
  ASSIGN_OR_RETURN(const crypto::DataKey key,
                   keys.Unwrap(tenant, {row.key_version, row.wrapped_key}));
  ASSIGN_OR_RETURN(
      const std::string bytes,
      crypto::Open(key, PlanBinding(tenant, row.case_ref, row.case_version), row.sealed));
  v1::Plan plan;
  if (!plan.ParseFromString(bytes)) {
    return status::DataLoss("PLAN_UNREADABLE", "A stored plan cannot be read.");
  }
  return plan;
}

bool IsUnreadable(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsFailedPrecondition(status);
}

absl::StatusOr<std::map<std::string, std::string>> SubjectsOf(
    db::Transaction& txn, const crypto::KeyProvider& keys,
    const std::vector<std::string>& case_refs) {
  std::map<std::string, std::string> subjects;
  if (case_refs.empty()) return subjects;
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadPlans, txn.tenant(), db::UuidArray(case_refs)));
  for (const pqxx::row& row : rows) {
    const absl::StatusOr<v1::Plan> plan = OpenPlan(keys, txn.tenant(), ReadSealed(row));
    if (IsUnreadable(plan.status())) continue;
    RETURN_IF_ERROR(plan.status());
    if (!plan->subject_id().empty()) subjects[db::Text(row[0])] = plan->subject_id();
  }
  return subjects;
}

absl::StatusOr<TimerCheck> CheckTimers(db::Transaction& txn, const crypto::KeyProvider& keys,
                                       const References& references, absl::string_view after,
                                       int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadOpenPlans, txn.tenant(), after, limit));
  TimerCheck check;
  if (rows.empty()) return check;
  ASSIGN_OR_RETURN(const OpenPlans open, OpenEach(keys, txn.tenant(), rows));
  check.cases = static_cast<int>(rows.size());
  check.unreadable = open.unreadable;
  check.last = db::Text(rows[rows.size() - 1][0]);
  ASSIGN_OR_RETURN(Lost lost, FindLost(txn, references, open));
  check.suspects = std::move(lost.cases);
  return check;
}

absl::StatusOr<MendedTimers> MendTimers(db::Transaction& txn, const crypto::KeyProvider& keys,
                                        const References& references,
                                        const std::vector<std::string>& case_refs, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kLockOpenPlans, txn.tenant(), db::UuidArray(case_refs)));
  ASSIGN_OR_RETURN(const OpenPlans open, OpenEach(keys, txn.tenant(), rows));
  MendedTimers mended;
  // What looked like a loss may have been a plan on its way in.
  ASSIGN_OR_RETURN(const Lost lost, FindLost(txn, references, open));
  mended.steps = lost.steps;
  if (lost.cases.empty()) return mended;
  std::vector<const v1::Plan*> plans;
  std::vector<std::string> lost_refs;
  for (size_t i = 0; i < open.plans.size(); ++i) {
    const std::string& case_ref = open.case_refs[i];
    if (std::find(lost.cases.begin(), lost.cases.end(), case_ref) == lost.cases.end()) continue;
    plans.push_back(&open.plans[i]);
    lost_refs.push_back(case_ref);
  }
  ASSIGN_OR_RETURN(mended.earliest, PutSteps(txn, keys, references, plans, lost_refs, now));
  return mended;
}

absl::Status SetOvertaken(db::Transaction& txn, const std::vector<std::string>& step_refs) {
  return txn.Exec(kSetOvertaken, txn.tenant(), db::UuidArray(step_refs)).status();
}

absl::StatusOr<int> PurgeClosed(db::Transaction& txn, absl::Time before, int limit) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kPurgeClosed, txn.tenant(), before, limit));
  return static_cast<int>(db::Int(row[0]));
}

}  // namespace waymark::scheduling
