#include "services/workforce/desk.h"

#include <memory>
#include <optional>

#include "common/civil/civil.h"
#include "common/crypto/crypto.h"
#include "common/crypto/sealed.h"
#include "common/db/idempotency.h"
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
  const std::string& tenant = call.caller.tenant;
  const db::OnceKey key = {call.actor(), call.method, call.request_id,
                           std::string(crypto::Bytes(crypto::Sha256(request.SerializeAsString())))};
  const std::string binding =
      crypto::BindingOf({tenant, "answer", key.caller, key.method, key.request_id});
  return Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::optional<std::string> answered,
                     db::ClaimOnce(txn, key, options_.real_clock->Now()));
    if (answered) {
      ASSIGN_OR_RETURN(const std::string bytes,
                       crypto::OpenAlone(*options_.keys, tenant, binding, *answered));
      if (response->ParseFromString(bytes)) return absl::OkStatus();
      return status::DataLoss("ANSWER_UNREADABLE", "The stored answer cannot be read.");
    }
    RETURN_IF_ERROR(work(txn, keys));
    ASSIGN_OR_RETURN(const std::string sealed, crypto::SealAlone(*options_.keys, tenant, binding,
                                                                 response->SerializeAsString()));
    return db::StoreOnce(txn, key, sealed);
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
