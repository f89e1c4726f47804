#include "services/workforce/clients/scheduling.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/outbox/sealed.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"

namespace waymark::workforce {
namespace {

using casework::ToTimestamp;

constexpr char kDestination[] = "scheduling";
constexpr char kSource[] = "workforce";

scheduling::v1::Plan PlanOf(const rpc::Call& call, const Review& review) {
  scheduling::v1::Plan plan;
  plan.set_case_id(review.grant_id);
  plan.set_case_version(review.version);
  plan.set_pathway(kSource);
  plan.mutable_actor()->set_user_id(call.caller.user_id);
  if (!call.caller.roles.empty()) plan.mutable_actor()->set_role(call.caller.roles[0]);
  plan.set_closed(review.reviewed_at.has_value());
  scheduling::v1::PlannedStep& step = *plan.add_steps();
  step.set_step_key("review_emergency_access");
  step.set_title("Review a use of emergency access");
  step.set_stage("review");
  step.set_responsible(options::v1::ROLE_OH_LEAD);
  *step.mutable_opens_time() = ToTimestamp(review.opened_at);
  *step.mutable_due_time() = ToTimestamp(review.due_at);
  step.set_revision(1);
  const auto rung = [&](int number, absl::Time at, options::v1::Role audience,
                        scheduling::v1::RungKind kind) {
    scheduling::v1::Rung& one = *step.add_rungs();
    one.set_number(number);
    *one.mutable_fire_time() = ToTimestamp(at);
    one.set_audience(audience);
    one.set_kind(kind);
  };
  rung(1, review.opened_at, options::v1::ROLE_OH_LEAD, scheduling::v1::RUNG_KIND_REMINDER);
  rung(2, review.due_at, options::v1::ROLE_OH_LEAD, scheduling::v1::RUNG_KIND_BREACH);
  rung(3, review.due_at + absl::Hours(24), options::v1::ROLE_CLINICAL_LEAD,
       scheduling::v1::RUNG_KIND_ESCALATION);
  if (review.reviewed_at) {
    step.mutable_end()->set_ending(casework::v1::ENDING_DONE);
    *step.mutable_end()->mutable_time() = ToTimestamp(*review.reviewed_at);
  }
  return plan;
}

}  // namespace

Reviews::Reviews(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
                 const clock::Clock& real, std::shared_ptr<grpc::Channel> channel)
    : tenants_(tenants),
      keys_(keys),
      real_(real),
      channel_(std::move(channel)),
      relay_(database, tenants, {.destination = kDestination},
             [this](absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                    absl::Time deadline) { return Deliver(tenant, batch, deadline); }) {}

absl::Status Reviews::Append(db::Transaction& txn, const rpc::Call& call, const Review& review) {
  return AppendPlan(txn, PlanOf(call, review));
}

absl::Status Reviews::AppendPlan(db::Transaction& txn, const scheduling::v1::Plan& plan) {
  const std::string event_id = ids::DeriveUuid(plan.case_id(), absl::StrCat(plan.case_version()));
  ASSIGN_OR_RETURN(outbox::Message sealed, outbox::Sealed(keys_, txn.tenant(), kDestination,
                                                          event_id, plan.SerializeAsString()));
  RETURN_IF_ERROR(outbox::Append(txn, {std::move(sealed)}));
  txn.OnCommit([this, tenant = txn.tenant()] { relay_.Wake(tenant); });
  return absl::OkStatus();
}

absl::Status Reviews::Deliver(absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                              absl::Time deadline) {
  scheduling::v1::PutPlanRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_tenant(std::string(tenant));
  request.set_source(kSource);
  for (const outbox::Numbered& one : batch) {
    scheduling::v1::NumberedPlan& plan = *request.add_plans();
    plan.set_number(one.number);
    plan.set_event_id(one.event_id);
    ASSIGN_OR_RETURN(const std::string opened,
                     outbox::Opened(keys_, tenant, kDestination, one.event_id, one.payload));
    if (!plan.mutable_plan()->ParseFromString(opened)) {
      return status::DataLoss("MESSAGE_UNREADABLE", "A message in the outbox cannot be read.");
    }
  }
  scheduling::v1::PutPlanResponse response;
  const auto stub = scheduling::v1::SchedulingService::NewStub(channel_);
  RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    return stub->PutPlan(context, request, &response);
  }));
  if (response.highest_contiguous_number() < batch.back().number) {
    relay_.ResendFrom(tenant, response.highest_contiguous_number() + 1);
  }
  return absl::OkStatus();
}

absl::Status Reviews::Reconcile() {
  if (channel_ == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants,
                   tenants_.All(real_.Now() + absl::Seconds(10)));
  const auto stub = scheduling::v1::SchedulingService::NewStub(channel_);
  for (const std::string& tenant : tenants) {
    scheduling::v1::ReconcileRequest request;
    request.set_tenant(tenant);
    request.set_source(kSource);
    scheduling::v1::ReconcileResponse response;
    RETURN_IF_ERROR(rpc::Invoke({.deadline = real_.Now() + absl::Seconds(10)},
                                [&](grpc::ClientContext* context) {
                                  return stub->Reconcile(context, request, &response);
                                }));
    relay_.ResendFrom(tenant, response.highest_contiguous_number() + 1);
  }
  return absl::OkStatus();
}

void Reviews::Start() {
  if (channel_ != nullptr) relay_.Start();
}

void Reviews::Stop() { relay_.Stop(); }

}  // namespace waymark::workforce
