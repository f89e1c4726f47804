#include "services/casework/clients/trail.h"

#include <grpcpp/channel.h>

#include <utility>

#include "common/ids/ids.h"
#include "common/outbox/sealed.h"
#include "common/status/status.h"
#include "services/casework/clients/audit.h"
#include "services/casework/instants.h"

namespace waymark::casework {

AuditTrail::AuditTrail(std::string source, db::Database& database, db::Tenants& tenants,
                       const crypto::KeyProvider& keys, const clock::Clock& real,
                       std::shared_ptr<grpc::Channel> channel)
    : source_(std::move(source)),
      tenants_(tenants),
      keys_(keys),
      real_(real),
      client_(channel == nullptr
                  ? nullptr
                  : std::make_unique<AuditClient>(source_, keys, std::move(channel))),
      relay_(database, tenants, {.destination = "audit"},
             [this](absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                    absl::Time deadline) { return client_->Deliver(tenant, batch, deadline); }) {
  if (client_ == nullptr) return;
  client_->set_resend(
      [this](absl::string_view tenant, int64_t number) { relay_.ResendFrom(tenant, number); });
}

AuditTrail::~AuditTrail() = default;

absl::Status AuditTrail::Append(db::Transaction& txn, const rpc::Call& call,
                                const std::vector<Act>& acts) {
  std::vector<outbox::Message> messages;
  for (const Act& act : acts) {
    audit::v1::AuditEvent event;
    event.set_event_id(ids::NewUuid());
    event.set_tenant(txn.tenant());
    *event.mutable_occurred_time() = ToTimestamp(real_.Now());
    event.set_source(source_);
    const bool on_behalf = !call.caller.is_user() && !call.on_behalf_of.empty();
    event.mutable_actor()->set_user_id(on_behalf ? call.on_behalf_of : call.caller.user_id);
    event.mutable_actor()->set_on_behalf_of(on_behalf);
    for (const options::v1::Role role : call.caller.roles) event.mutable_actor()->add_roles(role);
    event.mutable_actor()->set_service(call.caller.service);
    event.set_action(act.action);
    event.set_method(call.method);
    event.set_purpose(call.rule == nullptr ? "" : call.rule->purpose());
    event.set_object_type(act.object_type);
    event.set_object_id(act.object_id);
    event.set_object_count(act.object_count);
    event.set_subject_id(act.subject_id);
    event.set_request_id(call.request_id);
    event.set_reason(act.reason);
    ASSIGN_OR_RETURN(
        messages.emplace_back(),
        outbox::Sealed(keys_, txn.tenant(), "audit", event.event_id(), event.SerializeAsString()));
  }
  RETURN_IF_ERROR(outbox::Append(txn, messages));
  txn.OnCommit([this, tenant = txn.tenant()] { relay_.Wake(tenant); });
  return absl::OkStatus();
}

absl::Status AuditTrail::Reconcile() {
  if (client_ == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants,
                   tenants_.All(real_.Now() + absl::Seconds(10)));
  for (const std::string& tenant : tenants) {
    audit::v1::ReconcileRequest request;
    request.set_tenant(tenant);
    request.set_source(source_);
    ASSIGN_OR_RETURN(const audit::v1::ReconcileResponse response,
                     client_->Reconcile(request, real_.Now() + absl::Seconds(10)));
    // Does nothing when the audit service has everything that was delivered.
    relay_.ResendFrom(tenant, response.highest_contiguous_number() + 1);
  }
  return absl::OkStatus();
}

void AuditTrail::Start() {
  if (client_ != nullptr) relay_.Start();
}

void AuditTrail::Stop() { relay_.Stop(); }

}  // namespace waymark::casework
