#include "services/scheduling/store/steps.h"

#include <algorithm>
#include <pqxx/result>

#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/scheduling/store/plans.h"

namespace waymark::scheduling {
namespace {

constexpr char kLockStep[] =
    "SELECT s.revision, s.ending IS NOT NULL, s.ordinal IS NULL, s.claimed_by, s.case_ref,"
    "  c.case_version, c.key_version, c.wrapped_key, c.sealed_plan"
    " FROM step s JOIN plan_case c ON c.tenant = $1 AND c.case_ref = s.case_ref"
    " WHERE s.tenant = $1 AND s.step_ref = $2 FOR UPDATE OF s";

constexpr char kLockLadder[] =
    "SELECT rung, planned_at, fire_at, audience, kind FROM rung"
    " WHERE tenant = $1 AND step_ref = $2 AND revision = $3 ORDER BY rung FOR UPDATE";

constexpr char kAcknowledge[] =
    "UPDATE step SET acknowledged_until = $3, acknowledged_by = $4"
    " WHERE tenant = $1 AND step_ref = $2";

constexpr char kSetLadder[] =
    "UPDATE rung r SET fire_at = u.fire_at"
    " FROM unnest($4::bigint[], $5::timestamptz[]) AS u (rung, fire_at)"
    " WHERE r.tenant = $1 AND r.step_ref = $2 AND r.revision = $3 AND r.rung = u.rung";

constexpr char kWithdrawNotices[] =
    "UPDATE notice SET state = 4 WHERE tenant = $1 AND step_ref = $2 AND state = 1";

constexpr char kLowerNextInstant[] =
    "UPDATE due_tenant SET next_at = least(next_at, $2) WHERE tenant = $1";

constexpr char kSetClaim[] =
    "UPDATE step SET claimed_by = nullif($3, '') WHERE tenant = $1 AND step_ref = $2";

constexpr char kEndTask[] =
    "UPDATE step SET ending = 1, ended_at = $3 WHERE tenant = $1 AND step_ref = $2";

}  // namespace

absl::StatusOr<LockedStep> LockStep(db::Transaction& txn, const crypto::KeyProvider& keys,
                                    absl::string_view step_ref) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kLockStep, txn.tenant(), step_ref));
  if (rows.empty()) {
    return status::NotFound("STEP_NOT_FOUND", "There is no such step on your force's list.");
  }
  const pqxx::row row = rows[0];
  LockedStep step;
  step.step_ref = std::string(step_ref);
  step.revision = static_cast<int>(db::Int(row[0]));
  step.ended = db::Bool(row[1]);
  step.is_task = db::Bool(row[2]);
  step.claimed_by = db::Optional<std::string>(row[3]).value_or("");
  ASSIGN_OR_RETURN(
      step.plan, OpenPlan(keys, txn.tenant(),
                          {db::Text(row[4]), db::Int(row[5]), static_cast<int32_t>(db::Int(row[6])),
                           db::Bytes(row[7]), db::Bytes(row[8])}));
  return step;
}

absl::StatusOr<std::vector<PendingRung>> LockLadder(db::Transaction& txn, const LockedStep& step) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kLockLadder, txn.tenant(), step.step_ref, step.revision));
  std::vector<PendingRung> rungs;
  for (const pqxx::row& row : rows) {
    rungs.push_back({static_cast<int>(db::Int(row[0])), db::Instant(row[1]), db::Instant(row[2]),
                     static_cast<options::v1::Role>(db::Int(row[3])),
                     static_cast<v1::RungKind>(db::Int(row[4]))});
  }
  return rungs;
}

absl::Status Acknowledge(db::Transaction& txn, const LockedStep& step,
                         const std::vector<PendingRung>& rungs, absl::string_view person,
                         absl::Time until) {
  RETURN_IF_ERROR(txn.Exec(kAcknowledge, txn.tenant(), step.step_ref, until, person).status());
  RETURN_IF_ERROR(txn.Exec(kWithdrawNotices, txn.tenant(), step.step_ref).status());
  if (rungs.empty()) return absl::OkStatus();
  std::vector<int64_t> numbers;
  std::vector<absl::Time> fires;
  for (const PendingRung& rung : rungs) {
    numbers.push_back(rung.number);
    fires.push_back(rung.fires);
  }
  RETURN_IF_ERROR(txn.Exec(kSetLadder, txn.tenant(), step.step_ref, step.revision,
                           db::Int8Array(numbers), db::InstantArray(fires))
                      .status());
  RETURN_IF_ERROR(SetOvertaken(txn, {step.step_ref}));
  return txn.Exec(kLowerNextInstant, txn.tenant(), *std::min_element(fires.begin(), fires.end()))
      .status();
}

absl::Status SetClaim(db::Transaction& txn, const LockedStep& step, absl::string_view person) {
  return txn.Exec(kSetClaim, txn.tenant(), step.step_ref, person).status();
}

absl::Status EndTask(db::Transaction& txn, const LockedStep& step, absl::Time now) {
  return txn.Exec(kEndTask, txn.tenant(), step.step_ref, now).status();
}

}  // namespace waymark::scheduling
