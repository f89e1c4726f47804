#include "services/casework/clients/audit.h"

#include <grpcpp/channel.h>

#include <utility>

#include "common/ids/ids.h"
#include "common/outbox/sealed.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/audit/v1/audit_service.grpc.pb.h"

namespace waymark::casework {

struct AuditClient::Stub {
  std::unique_ptr<audit::v1::AuditService::Stub> service;
};

AuditClient::AuditClient(std::string source, const crypto::KeyProvider& keys,
                         std::shared_ptr<grpc::Channel> channel)
    : source_(std::move(source)),
      keys_(keys),
      stub_(new Stub{audit::v1::AuditService::NewStub(std::move(channel))}) {}

AuditClient::~AuditClient() = default;

absl::Status AuditClient::Deliver(absl::string_view tenant,
                                  const std::vector<outbox::Numbered>& batch, absl::Time deadline) {
  audit::v1::AppendEntriesRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_tenant(std::string(tenant));
  request.set_source(source_);
  for (const outbox::Numbered& row : batch) {
    ASSIGN_OR_RETURN(std::string event,
                     outbox::Opened(keys_, tenant, "audit", row.event_id, row.payload));
    audit::v1::NumberedEvent& numbered = *request.add_events();
    numbered.set_number(row.number);
    numbered.set_event(std::move(event));
  }
  audit::v1::AppendEntriesResponse response;
  RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    return stub_->service->AppendEntries(context, request, &response);
  }));
  if (response.highest_contiguous_number() + 1 < batch.front().number && resend_) {
    resend_(tenant, response.highest_contiguous_number() + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<audit::v1::ReconcileResponse> AuditClient::Reconcile(
    const audit::v1::ReconcileRequest& request, absl::Time deadline) {
  audit::v1::ReconcileResponse response;
  RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    return stub_->service->Reconcile(context, request, &response);
  }));
  return response;
}

}  // namespace waymark::casework
