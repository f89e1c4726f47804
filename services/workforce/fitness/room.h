// What each method of the fitness service does, in the caller's thread and one transaction. The
// gRPC face is fitness_service.cc.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_ROOM_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_ROOM_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/call.h"
#include "common/webhook/webhook.h"
#include "services/workforce/desk.h"
#include "services/workforce/fitness/statement.h"
#include "services/workforce/fitness/store.h"
#include "services/workforce/relations/sight.h"
#include "waymark/scheduling/v1/plan.pb.h"
#include "waymark/workforce/v1/fitness_service.pb.h"

namespace waymark::workforce {

using TellScheduling = std::function<absl::Status(db::Transaction&, const scheduling::v1::Plan&)>;

struct FitnessOptions {
  // What the webhook may be reached over.
  webhook::Transport webhooks = webhook::Transport::kTlsOrLoopback;
  // After every commit that released something, or put the webhook anew. Cheap, from any thread.
  std::function<void(absl::string_view tenant)> released = [](absl::string_view) {};
  // Tells scheduling what waits, in the transaction that makes it so.
  TellScheduling tell = [](db::Transaction&, const scheduling::v1::Plan&) {
    return absl::OkStatus();
  };
};

// Thread-safe.
class FitnessRoom {
 public:
  // After a rotation of the webhook's secret both sign for so long.
  static constexpr absl::Duration kSecretOverlap = absl::Hours(24);

  FitnessRoom(Desk& desk, FitnessOptions options) : desk_(desk), options_(std::move(options)) {}

  // statements.cc
  absl::Status IssueFitness(const rpc::Call& call, const v1::IssueFitnessRequest& request,
                            v1::IssueFitnessResponse* response);
  absl::Status WithdrawFitness(const rpc::Call& call, const v1::WithdrawFitnessRequest& request,
                               v1::WithdrawFitnessResponse* response);
  absl::Status ReleaseFitness(const rpc::Call& call, const v1::ReleaseFitnessRequest& request,
                              v1::ReleaseFitnessResponse* response);
  absl::Status AnswerFitness(const rpc::Call& call, const v1::AnswerFitnessRequest& request,
                             v1::AnswerFitnessResponse* response);
  absl::Status ProposeFitness(const rpc::Call& call, const v1::ProposeFitnessRequest& request,
                              v1::ProposeFitnessResponse* response);
  absl::Status DismissFitnessProposal(const rpc::Call& call,
                                      const v1::DismissFitnessProposalRequest& request,
                                      v1::DismissFitnessProposalResponse* response);
  // Ends every statement of the tenant whose last day has passed, and says so to the employer where
  // they have it. For a duty.
  absl::Status ExpireStatements(const std::string& tenant);

  // lists.cc
  absl::Status ListFitnessTasks(const rpc::Call& call, const v1::ListFitnessTasksRequest& request,
                                v1::ListFitnessTasksResponse* response);
  absl::Status ListStatements(const rpc::Call& call, const v1::ListStatementsRequest& request,
                              v1::ListStatementsResponse* response);
  absl::Status ListFitness(const rpc::Call& call, const v1::ListFitnessRequest& request,
                           v1::ListFitnessResponse* response);
  absl::Status ListFitnessReleases(const rpc::Call& call,
                                   const v1::ListFitnessReleasesRequest& request,
                                   v1::ListFitnessReleasesResponse* response);
  // For a watch: what the caller may see today of the releases after `sequence`, which moves on to
  // where the next look begins; audited. `more` when there is more already.
  absl::StatusOr<v1::WatchFitnessResponse> ReleasesFor(const rpc::Call& call, int64_t& sequence,
                                                       bool& more);
  // The newest number of the caller's force.
  absl::StatusOr<int64_t> NewestSequence(const rpc::Call& call);

  // deliveries.cc
  absl::Status PutFitnessWebhook(const rpc::Call& call, const v1::PutFitnessWebhookRequest& request,
                                 v1::PutFitnessWebhookResponse* response);
  absl::Status ResendFitness(const rpc::Call& call, const v1::ResendFitnessRequest& request,
                             v1::ResendFitnessResponse* response);
  absl::Status GetFitnessDelivery(const rpc::Call& call,
                                  const v1::GetFitnessDeliveryRequest& request,
                                  v1::GetFitnessDeliveryResponse* response);

  Desk& desk() { return desk_; }
  const FitnessOptions& options() const { return options_; }

 private:
  // Of those among `rows` whom the caller may see today and who live: what they are shown as, by
  // the person of the row.
  absl::StatusOr<std::map<std::string, std::string>> ShownTo(
      db::Transaction& txn, const rpc::Call& call, const std::vector<std::string>& people);
  // Stores a statement, and what waits because of it.
  absl::Status Keep(db::Transaction& txn, const TenantKeys& keys, const StoredStatement& stored);
  absl::Status EndProposal(db::Transaction& txn, const StoredProposal& proposal, absl::Time now);
  // Stores what became of a statement and sends out what leaves.
  absl::Status Settle(db::Transaction& txn, const TenantKeys& keys, StoredStatement& stored,
                      v1::ReleaseKind leaves, absl::Time now);
  absl::Status AuditShown(db::Transaction& txn, const rpc::Call& call,
                          absl::string_view object_type, const std::vector<std::string>& subjects);

  Desk& desk_;
  const FitnessOptions options_;
};

// In whose name a duty's act stands in the audit log: the service's own, for the purpose of
// `method`.
rpc::Call CallOfDuty(const std::string& tenant, absl::string_view method, absl::Time now);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_ROOM_H_
