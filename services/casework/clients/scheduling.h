// Tells scheduling a pathway's deadlines.
#ifndef WAYMARK_SERVICES_CASEWORK_CLIENTS_SCHEDULING_H_
#define WAYMARK_SERVICES_CASEWORK_CLIENTS_SCHEDULING_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/outbox/relay.h"
#include "waymark/scheduling/v1/scheduling_service.pb.h"

namespace grpc {
class Channel;
}

namespace waymark::casework {

// Thread-safe.
class SchedulingClient {
 public:
  // `source` is this service's name; `keys` open what the outbox holds sealed.
  SchedulingClient(std::string source, const crypto::KeyProvider& keys,
                   std::shared_ptr<grpc::Channel> channel);
  ~SchedulingClient();

  // Asked to send again from a number that scheduling is missing; set before the first delivery.
  void set_resend(std::function<void(absl::string_view tenant, int64_t number)> resend) {
    resend_ = std::move(resend);
  }

  // For outbox::Relay. A batch is stored together or not at all; when it is refused its plans are
  // sent one by one. A plan that is refused alone is logged, counted
  // (waymark_casework_plans_refused_total) and passed over: scheduling then alarms on the gap, and
  // one case's fault does not hold up everybody's deadlines.
  absl::Status Deliver(absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                       absl::Time deadline);

  // Puts a plan (as UntypedCases::PlanAgain makes it) outside the outbox, for reconciliation.
  absl::Status PutAgain(absl::string_view tenant, const std::string& plan, absl::Time deadline);

  absl::StatusOr<scheduling::v1::ReconcileResponse> Reconcile(
      const scheduling::v1::ReconcileRequest& request, absl::Time deadline);

 private:
  absl::Status Put(const scheduling::v1::PutPlanRequest& request, absl::Time deadline);

  struct Stub;
  const std::string source_;
  const crypto::KeyProvider& keys_;
  const std::unique_ptr<Stub> stub_;
  std::function<void(absl::string_view, int64_t)> resend_;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_CLIENTS_SCHEDULING_H_
