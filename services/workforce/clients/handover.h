// Carries offers and answers from one force to another. Both forces live in this database, each
// behind its own row-level security: no transaction sees two of them, so what one commits is
// carried over by a relay, and arriving twice changes nothing. Once the other force has accepted,
// the pathways are told, and the person's open cases follow.
#ifndef WAYMARK_SERVICES_WORKFORCE_CLIENTS_HANDOVER_H_
#define WAYMARK_SERVICES_WORKFORCE_CLIENTS_HANDOVER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/outbox/relay.h"
#include "services/workforce/clients/pathways.h"
#include "services/workforce/vault/vault.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

class Handover {
 public:
  Handover(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
           Vault& vault, const clock::Clock& clinical, Pathways& pathways);

  // Appends in `txn`. `event_id` is a UUID, the same for the same event.
  absl::Status Append(db::Transaction& txn, const std::string& event_id,
                      const v1::HandoverMessage& message);

  // One turn for one tenant, for tests: carries what has committed.
  absl::Status Turn(absl::string_view tenant);
  void Start() { relay_.Start(); }
  void Stop() { relay_.Stop(); }

  // The forces there are.
  absl::StatusOr<bool> IsForce(absl::Time deadline, absl::string_view tenant);

 private:
  absl::Status Deliver(absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                       absl::Time deadline);

  db::Database& database_;
  db::Tenants& tenants_;
  const crypto::KeyProvider& keys_;
  Vault& vault_;
  const clock::Clock& clock_;
  Pathways& pathways_;
  outbox::Relay relay_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_CLIENTS_HANDOVER_H_
