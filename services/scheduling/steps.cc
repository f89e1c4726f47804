#include "services/scheduling/store/steps.h"

#include <algorithm>

#include "common/access/rule.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/scheduling/scheduling.h"
#include "services/scheduling/store/rota.h"

namespace waymark::scheduling {
namespace {

absl::Status Ended() {
  return status::FailedPrecondition("STEP_ENDED", "The step has ended; nothing is left to do.");
}

// Is `person` the caller, or somebody the caller covers for?
absl::StatusOr<bool> ActsAs(db::Transaction& txn, const rpc::Call& call,
                            const std::string& person) {
  if (person == call.caller.user_id) return true;
  ASSIGN_OR_RETURN(const std::vector<Cover> cover, ReadCover(txn, call.now));
  const std::vector<std::string> people = ActsFor(call.caller.user_id, cover, call.now);
  return std::find(people.begin(), people.end(), person) != people.end();
}

}  // namespace

absl::Status Scheduling::AcknowledgeStep(const rpc::Call& call,
                                         const v1::AcknowledgeStepRequest& request,
                                         v1::AcknowledgeStepResponse* response) {
  if (!request.has_until_time()) {
    status::FieldViolations violations;
    violations.Add("until_time", "REQUIRED", "Until when the ladder holds.");
    return violations.ToStatus();
  }
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const LockedStep step, StepFor(txn, call, request.step_ref()));
    if (step.ended) return Ended();
    const absl::Time until = casework::FromTimestamp(request.until_time());
    ASSIGN_OR_RETURN(std::vector<PendingRung> rungs, LockLadder(txn, step));
    RETURN_IF_ERROR(Hold(call.now, until, rungs));
    RETURN_IF_ERROR(Acknowledge(txn, step, rungs, call.caller.user_id, until));
    *response->mutable_acknowledged_until() = request.until_time();
    absl::Time next_time = absl::InfiniteFuture();
    if (const PendingRung* next = NextRung(rungs)) {
      next_time = next->fires;
      *response->mutable_next_rung_time() = casework::ToTimestamp(next_time);
      response->set_next_audience(next->audience);
    }
    txn.OnCommit([this, tenant = txn.tenant(), next_time] { options_.changed(tenant, next_time); });
    return AuditChange(txn, call, "step", step.plan.case_id(), step.plan.subject_id());
  });
}

absl::Status Scheduling::ClaimStep(const rpc::Call& call, const v1::ClaimStepRequest& request,
                                   v1::ClaimStepResponse* response) {
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const LockedStep step, StepFor(txn, call, request.step_ref()));
    if (step.ended) return Ended();
    if (!step.claimed_by.empty()) {
      ASSIGN_OR_RETURN(const bool own, ActsAs(txn, call, step.claimed_by));
      if (!own) {
        return status::FailedPrecondition(
            "STEP_CLAIMED", "Somebody else has claimed the step; ask them to release it.");
      }
    }
    RETURN_IF_ERROR(SetClaim(txn, step, call.caller.user_id));
    response->set_claimed_by(call.caller.user_id);
    txn.OnCommit(
        [this, tenant = txn.tenant()] { options_.changed(tenant, absl::InfiniteFuture()); });
    return AuditChange(txn, call, "step", step.plan.case_id(), step.plan.subject_id());
  });
}

absl::Status Scheduling::ReleaseStep(const rpc::Call& call, const v1::ReleaseStepRequest& request,
                                     v1::ReleaseStepResponse* response) {
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const LockedStep step, StepFor(txn, call, request.step_ref()));
    if (!step.claimed_by.empty() && !access::HasRole(call.caller, options::v1::ROLE_OH_LEAD)) {
      ASSIGN_OR_RETURN(const bool own, ActsAs(txn, call, step.claimed_by));
      if (!own) {
        return status::FailedPrecondition("NOT_CLAIMED_BY_YOU",
                                          "Whoever claimed the step, or a lead, can release it.");
      }
    }
    RETURN_IF_ERROR(SetClaim(txn, step, ""));
    txn.OnCommit(
        [this, tenant = txn.tenant()] { options_.changed(tenant, absl::InfiniteFuture()); });
    return AuditChange(txn, call, "step", step.plan.case_id(), step.plan.subject_id());
  });
}

absl::Status Scheduling::CompleteTask(const rpc::Call& call, const v1::CompleteTaskRequest& request,
                                      v1::CompleteTaskResponse* response) {
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const LockedStep step, StepFor(txn, call, request.step_ref()));
    if (!step.is_task) {
      return status::NotFound("TASK_NOT_FOUND",
                              "That is a step of a case; its pathway records how it ended.");
    }
    if (step.ended) return Ended();
    RETURN_IF_ERROR(EndTask(txn, step, call.now));
    txn.OnCommit(
        [this, tenant = txn.tenant()] { options_.changed(tenant, absl::InfiniteFuture()); });
    return AuditChange(txn, call, "task", step.plan.case_id(), step.plan.subject_id());
  });
}

}  // namespace waymark::scheduling
