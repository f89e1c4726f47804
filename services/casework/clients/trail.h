// The trail of a service that is no pathway: acts are appended to the outbox in the transaction in
// which they happen, and a relay carries them to audit. A pathway's acts are written with its case.
#ifndef WAYMARK_SERVICES_CASEWORK_CLIENTS_TRAIL_H_
#define WAYMARK_SERVICES_CASEWORK_CLIENTS_TRAIL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/outbox/relay.h"
#include "common/rpc/call.h"
#include "waymark/audit/v1/audit_entry.pb.h"

namespace grpc {
class Channel;
}

namespace waymark::casework {

class AuditClient;

// What a call did or showed.
struct Act {
  audit::v1::Action action = audit::v1::ACTION_UNSPECIFIED;
  // Lower snake case: "worklist", "rota_entry", "person".
  std::string object_type;
  // Empty for a list.
  std::string object_id;
  // How many objects a list showed.
  int object_count = 0;
  // Empty: about nobody.
  std::string subject_id;
  // For ACTION_REFUSED.
  std::string reason;
};

class AuditTrail {
 public:
  // `source` is the service's name. Without a channel (tests) acts stay in the outbox.
  AuditTrail(std::string source, db::Database& database, db::Tenants& tenants,
             const crypto::KeyProvider& keys, const clock::Clock& real,
             std::shared_ptr<grpc::Channel> channel);
  ~AuditTrail();

  // Appends in `txn` and wakes the relay after its commit: no trail, no act.
  absl::Status Append(db::Transaction& txn, const rpc::Call& call, const std::vector<Act>& acts);

  // Asks the audit service, for every tenant, how far it has come, and sends again what it lost: it
  // may have been restored from a backup. At start and hourly.
  absl::Status Reconcile();

  void Start();
  void Stop();

 private:
  const std::string source_;
  db::Tenants& tenants_;
  const crypto::KeyProvider& keys_;
  const clock::Clock& real_;
  const std::unique_ptr<AuditClient> client_;
  outbox::Relay relay_;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_CLIENTS_TRAIL_H_
