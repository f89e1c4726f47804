#include "services/scheduling/scheduling.h"

#include <utility>

#include "common/access/rule.h"
#include "common/ids/ids.h"
#include "common/rpc/once.h"
#include "common/status/status.h"

namespace waymark::scheduling {

Scheduling::Scheduling(SchedulingOptions options) : options_(std::move(options)) {}

absl::Status Scheduling::Transact(const rpc::Call& call, db::Database::Work work) {
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, call.caller.tenant));
  return options_.database->Transact(call.deadline, call.caller.tenant, work);
}

absl::Status Scheduling::Once(const rpc::Call& call, const Message& request, Message* response,
                              absl::FunctionRef<absl::Status(db::Transaction&)> work) {
  absl::Status status = Transact(call, [&](db::Transaction& txn) {
    return rpc::Once(txn, *options_.keys, call, options_.real_clock->Now(), request, response,
                     [&] { return work(txn); });
  });
  if (const std::string subject = status::Metadata(status, "own_case"); !subject.empty()) {
    RETURN_IF_ERROR(Transact(call, [&](db::Transaction& txn) {
      return options_.audit->Append(txn, call,
                                    {{.action = audit::v1::ACTION_REFUSED,
                                      .object_type = "step",
                                      .subject_id = subject,
                                      .reason = "OWN_CASE_AS_STAFF"}});
    }));
    return status::NotFound("STEP_NOT_FOUND", "There is no such step on your force's list.");
  }
  return status;
}

absl::StatusOr<LockedStep> Scheduling::StepFor(db::Transaction& txn, const rpc::Call& call,
                                               absl::string_view step_ref) {
  if (!ids::IsUuid(step_ref)) {
    status::FieldViolations violations;
    violations.Add("step_ref", "NOT_A_UUID", "As it stands on the worklist or in a notice.");
    return violations.ToStatus();
  }
  ASSIGN_OR_RETURN(LockedStep step, LockStep(txn, *options_.keys, step_ref));
  const absl::Status related = access::CheckRelation(call.granted, call.caller,
                                                     {.tenant = txn.tenant(),
                                                      .subject_id = step.plan.subject_id(),
                                                      .assigned_to = step.plan.assigned_to()});
  // Once audits it, and says nothing of it.
  if (!related.ok()) return status::WithMetadata(related, "own_case", step.plan.subject_id());
  return step;
}

absl::Status Scheduling::AuditChange(db::Transaction& txn, const rpc::Call& call,
                                     absl::string_view object_type, absl::string_view object_id,
                                     absl::string_view subject_id) {
  return options_.audit->Append(txn, call,
                                {{.action = audit::v1::ACTION_CHANGE,
                                  .object_type = std::string(object_type),
                                  .object_id = std::string(object_id),
                                  .subject_id = std::string(subject_id)}});
}

}  // namespace waymark::scheduling
