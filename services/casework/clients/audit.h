// Tells audit what was done.
#ifndef WAYMARK_SERVICES_CASEWORK_CLIENTS_AUDIT_H_
#define WAYMARK_SERVICES_CASEWORK_CLIENTS_AUDIT_H_

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
#include "waymark/audit/v1/audit_service.pb.h"

namespace grpc {
class Channel;
}

namespace waymark::casework {

// Thread-safe.
class AuditClient {
 public:
  AuditClient(std::string source, const crypto::KeyProvider& keys,
              std::shared_ptr<grpc::Channel> channel);
  ~AuditClient();

  // Asked to send again from a number that audit is missing; set before the first delivery.
  void set_resend(std::function<void(absl::string_view tenant, int64_t number)> resend) {
    resend_ = std::move(resend);
  }

  // For outbox::Relay. A refused batch is tried again and alarms by its lag: the trail has no
  // holes.
  absl::Status Deliver(absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                       absl::Time deadline);

  absl::StatusOr<audit::v1::ReconcileResponse> Reconcile(const audit::v1::ReconcileRequest& request,
                                                         absl::Time deadline);

 private:
  struct Stub;
  const std::string source_;
  const crypto::KeyProvider& keys_;
  const std::unique_ptr<Stub> stub_;
  std::function<void(absl::string_view, int64_t)> resend_;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_CLIENTS_AUDIT_H_
