// Scheduling, as workforce needs it: a review that somebody must do becomes a step with a deadline,
// so that a second person is told at once and the matter cannot be forgotten.
#ifndef WAYMARK_SERVICES_WORKFORCE_CLIENTS_SCHEDULING_H_
#define WAYMARK_SERVICES_WORKFORCE_CLIENTS_SCHEDULING_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/outbox/relay.h"
#include "common/rpc/call.h"
#include "waymark/scheduling/v1/plan.pb.h"

namespace grpc {
class Channel;
}

namespace waymark::workforce {

struct Review {
  // Of the break-glass use: stands as the case on the worklist.
  std::string grant_id;
  // 1 when it is opened, 2 when it is done.
  int64_t version = 1;
  absl::Time opened_at;
  absl::Time due_at;
  std::optional<absl::Time> reviewed_at;
};

class Reviews {
 public:
  // Without a channel (tests) messages stay in the outbox.
  Reviews(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
          const clock::Clock& real, std::shared_ptr<grpc::Channel> channel);

  // Appends in `txn`: a lead is told at once, the clinical lead when it is overdue.
  absl::Status Append(db::Transaction& txn, const rpc::Call& call, const Review& review);

  // Appends any other plan in `txn`; scheduling heeds the highest version of each case_id.
  absl::Status AppendPlan(db::Transaction& txn, const scheduling::v1::Plan& plan);

  // Sends again what scheduling lost. At start and hourly.
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

#endif  // WAYMARK_SERVICES_WORKFORCE_CLIENTS_SCHEDULING_H_
