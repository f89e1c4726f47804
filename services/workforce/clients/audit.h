// The audit service, as workforce needs it: acts are appended to the outbox in the transaction in
// which they happen, and a relay carries them over.
#ifndef WAYMARK_SERVICES_WORKFORCE_CLIENTS_AUDIT_H_
#define WAYMARK_SERVICES_WORKFORCE_CLIENTS_AUDIT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
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

namespace waymark::workforce {

// What a call did or showed.
struct Act {
  audit::v1::Action action = audit::v1::ACTION_UNSPECIFIED;
  // Lower snake case: "person", "employment", "feed_run".
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
  // Without a channel (tests) acts stay in the outbox.
  AuditTrail(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
             const clock::Clock& real, std::shared_ptr<grpc::Channel> channel);

  // Appends in `txn` and wakes the relay after its commit: no trail, no act.
  absl::Status Append(db::Transaction& txn, const rpc::Call& call, const std::vector<Act>& acts);

  // Asks the audit service, for every tenant, how far it has come, and sends again what it lost: it
  // may have been restored from a backup. At start and hourly.
  absl::Status Reconcile();

  void Start();
  void Stop();

 private:
  absl::Status Deliver(absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                       absl::Time deadline);

  db::Tenants& tenants_;
  const crypto::KeyProvider& keys_;
  const clock::Clock& real_;
  const std::shared_ptr<grpc::Channel> channel_;
  outbox::Relay relay_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_CLIENTS_AUDIT_H_
