// Tells every pathway that a person has moved, so that their open cases follow. Which of them has
// any is nothing that workforce knows: all are told, and none says.
#ifndef WAYMARK_SERVICES_WORKFORCE_CLIENTS_PATHWAYS_H_
#define WAYMARK_SERVICES_WORKFORCE_CLIENTS_PATHWAYS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/outbox/relay.h"
#include "waymark/casework/v1/handover.pb.h"

namespace grpc {
class Channel;
}

namespace waymark::workforce {

class Pathways {
 public:
  // A channel for each pathway's name; without one (tests) its messages stay in the outbox.
  Pathways(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
           const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels);
  ~Pathways();

  // Their names, as in deploy/services.
  static std::vector<std::string> Names();

  // Appends in `txn`, which is of the force that the person leaves. `offered_by` is whoever offered
  // them there.
  absl::Status TransferCases(db::Transaction& txn, const casework::v1::Actor& offered_by,
                             const casework::v1::CaseTransfer& transfer);

  void Start();
  void Stop();

 private:
  struct Told {
    std::string name;
    outbox::Relay relay;
  };
  const crypto::KeyProvider& keys_;
  std::vector<std::unique_ptr<Told>> told_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_CLIENTS_PATHWAYS_H_
