// What every room of the three services does around its own work: once for each request, with the
// tenant's keys at hand, audited in the same transaction.
#ifndef WAYMARK_SERVICES_WORKFORCE_DESK_H_
#define WAYMARK_SERVICES_WORKFORCE_DESK_H_

#include <google/protobuf/message.h>

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/rpc/call.h"
#include "services/casework/clients/trail.h"
#include "services/workforce/store/people.h"
#include "services/workforce/vault/vault.h"

namespace waymark::workforce {

struct DeskOptions {
  db::Database* database = nullptr;
  db::Tenants* tenants = nullptr;
  const crypto::KeyProvider* keys = nullptr;
  Vault* vault = nullptr;
  casework::AuditTrail* audit = nullptr;
  const clock::Clock* clinical_clock = nullptr;
  const clock::Clock* real_clock = nullptr;
};

// Thread-safe.
class Desk {
 public:
  using Work = absl::FunctionRef<absl::Status(db::Transaction&, const TenantKeys&)>;

  explicit Desk(DeskOptions options) : options_(options) {}

  // Runs `work` in one transaction of the caller's tenant. A refusal that carries the metadata
  // "refused_subject" (CheckSubject's) is audited in a transaction of its own.
  absl::Status Transact(const rpc::Call& call, Work work);
  // The same once for each request_id: a repeat gets the first answer, stored sealed.
  absl::Status Once(const rpc::Call& call, const google::protobuf::Message& request,
                    google::protobuf::Message* response, Work work);

  // Appends to the outbox: no trail, no act.
  absl::Status Audit(db::Transaction& txn, const rpc::Call& call,
                     const std::vector<casework::Act>& acts) {
    return options_.audit->Append(txn, call, acts);
  }
  // One ACTION_CHANGE, one ACTION_READ.
  absl::Status AuditChange(db::Transaction& txn, const rpc::Call& call,
                           absl::string_view object_type, absl::string_view object_id,
                           absl::string_view subject_id);
  absl::Status AuditRead(db::Transaction& txn, const rpc::Call& call, absl::string_view object_type,
                         absl::string_view subject_id);

  const DeskOptions& options() const { return options_; }

 private:
  const DeskOptions options_;
};

// The civil day of the call in London.
absl::CivilDay Today(const rpc::Call& call);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_DESK_H_
