#include "services/workforce/clients/audit.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/outbox/outbox.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/store/sealed.h"
#include "waymark/audit/v1/audit_service.grpc.pb.h"

namespace waymark::workforce {
namespace {

constexpr char kDestination[] = "audit";
constexpr char kSource[] = "workforce";

std::string PayloadBinding(absl::string_view tenant, absl::string_view event_id) {
  return crypto::BindingOf({tenant, "outbox", kDestination, event_id});
}

}  // namespace

AuditTrail::AuditTrail(db::Database& database, db::Tenants& tenants,
                       const crypto::KeyProvider& keys, const clock::Clock& real,
                       std::shared_ptr<grpc::Channel> channel)
    : tenants_(tenants),
      keys_(keys),
      real_(real),
      channel_(std::move(channel)),
      relay_(database, tenants, {.destination = kDestination},
             [this](absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                    absl::Time deadline) { return Deliver(tenant, batch, deadline); }) {}

absl::Status AuditTrail::Append(db::Transaction& txn, const rpc::Call& call,
                                const std::vector<Act>& acts) {
  std::vector<outbox::Message> messages;
  for (const Act& act : acts) {
    audit::v1::AuditEvent event;
    event.set_event_id(ids::NewUuid());
    event.set_tenant(txn.tenant());
    *event.mutable_occurred_time() = casework::ToTimestamp(real_.Now());
    event.set_source(kSource);
    event.mutable_actor()->set_user_id(call.caller.user_id);
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
    ASSIGN_OR_RETURN(std::string sealed,
                     SealAlone(keys_, txn.tenant(), PayloadBinding(txn.tenant(), event.event_id()),
                               event.SerializeAsString()));
    messages.push_back({kDestination, event.event_id(), std::move(sealed)});
  }
  RETURN_IF_ERROR(outbox::Append(txn, messages));
  txn.OnCommit([this, tenant = txn.tenant()] { relay_.Wake(tenant); });
  return absl::OkStatus();
}

absl::Status AuditTrail::Deliver(absl::string_view tenant,
                                 const std::vector<outbox::Numbered>& batch, absl::Time deadline) {
  audit::v1::AppendEntriesRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_tenant(std::string(tenant));
  request.set_source(kSource);
  for (const outbox::Numbered& one : batch) {
    audit::v1::NumberedEvent& event = *request.add_events();
    event.set_number(one.number);
    ASSIGN_OR_RETURN(*event.mutable_event(),
                     OpenAlone(keys_, tenant, PayloadBinding(tenant, one.event_id), one.payload));
  }
  audit::v1::AppendEntriesResponse response;
  const auto stub = audit::v1::AuditService::NewStub(channel_);
  RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    return stub->AppendEntries(context, request, &response);
  }));
  if (response.highest_contiguous_number() < batch.back().number) {
    relay_.ResendFrom(tenant, response.highest_contiguous_number() + 1);
  }
  return absl::OkStatus();
}

absl::Status AuditTrail::Reconcile() {
  if (channel_ == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants,
                   tenants_.All(real_.Now() + absl::Seconds(10)));
  const auto stub = audit::v1::AuditService::NewStub(channel_);
  for (const std::string& tenant : tenants) {
    audit::v1::ReconcileRequest request;
    request.set_tenant(tenant);
    request.set_source(kSource);
    audit::v1::ReconcileResponse response;
    RETURN_IF_ERROR(rpc::Invoke({.deadline = real_.Now() + absl::Seconds(10)},
                                [&](grpc::ClientContext* context) {
                                  return stub->Reconcile(context, request, &response);
                                }));
    // Does nothing when the audit service has everything that was delivered.
    relay_.ResendFrom(tenant, response.highest_contiguous_number() + 1);
  }
  return absl::OkStatus();
}

void AuditTrail::Start() {
  if (channel_ != nullptr) relay_.Start();
}

void AuditTrail::Stop() { relay_.Stop(); }

}  // namespace waymark::workforce
