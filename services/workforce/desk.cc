#include "services/workforce/desk.h"

#include <memory>
#include <string>

#include "common/civil/civil.h"
#include "common/rpc/once.h"
#include "common/status/status.h"

namespace waymark::workforce {

absl::CivilDay Today(const rpc::Call& call) { return civil::DateOf(call.now, civil::London()); }

absl::Status Desk::Transact(const rpc::Call& call, Work work) {
  const std::string& tenant = call.caller.tenant;
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, tenant));
  ASSIGN_OR_RETURN(const std::shared_ptr<const TenantKeys> keys,
                   options_.vault->KeysOf(call.deadline, tenant));
  const absl::Status status = options_.database->Transact(
      call.deadline, tenant, [&](db::Transaction& txn) { return work(txn, *keys); });
  const std::string refused = status::Metadata(status, "refused_subject");
  if (refused.empty()) return status;
  RETURN_IF_ERROR(options_.database->Transact(call.deadline, tenant, [&](db::Transaction& txn) {
    return Audit(txn, call,
                 {{.action = audit::v1::ACTION_REFUSED,
                   .object_type = "person",
                   .subject_id = refused,
                   .reason = status::Reason(status)}});
  }));
  // Without the metadata: that there is such a person is not for this caller.
  return status::NotFound("SUBJECT_UNKNOWN", "There is no such person for this caller.");
}

absl::Status Desk::Once(const rpc::Call& call, const google::protobuf::Message& request,
                        google::protobuf::Message* response, Work work) {
  return Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) {
    return rpc::Once(txn, *options_.keys, call, options_.real_clock->Now(), request, response,
                     [&] { return work(txn, keys); });
  });
}

absl::Status Desk::AuditChange(db::Transaction& txn, const rpc::Call& call,
                               absl::string_view object_type, absl::string_view object_id,
                               absl::string_view subject_id) {
  return Audit(txn, call,
               {{.action = audit::v1::ACTION_CHANGE,
                 .object_type = std::string(object_type),
                 .object_id = std::string(object_id),
                 .subject_id = std::string(subject_id)}});
}

absl::Status Desk::AuditRead(db::Transaction& txn, const rpc::Call& call,
                             absl::string_view object_type, absl::string_view subject_id) {
  return Audit(txn, call,
               {{.action = audit::v1::ACTION_READ,
                 .object_type = std::string(object_type),
                 .subject_id = std::string(subject_id)}});
}

}  // namespace waymark::workforce
