#include "services/casework/clients/scheduling.h"

#include <grpcpp/channel.h>

#include <utility>

#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/outbox/sealed.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"

namespace waymark::casework {
namespace {

constexpr char kDestination[] = "scheduling";

// Refused for what is in it, not for the moment at which it came.
bool IsRefusal(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInvalidArgument ||
         status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kDataLoss;
}

}  // namespace

struct SchedulingClient::Stub {
  std::unique_ptr<scheduling::v1::SchedulingService::Stub> service;
};

SchedulingClient::SchedulingClient(std::string source, const crypto::KeyProvider& keys,
                                   std::shared_ptr<grpc::Channel> channel)
    : source_(std::move(source)),
      keys_(keys),
      stub_(new Stub{scheduling::v1::SchedulingService::NewStub(std::move(channel))}) {}

SchedulingClient::~SchedulingClient() = default;

absl::Status SchedulingClient::Put(const scheduling::v1::PutPlanRequest& request,
                                   absl::Time deadline) {
  scheduling::v1::PutPlanResponse response;
  RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    return stub_->service->PutPlan(context, request, &response);
  }));
  const int64_t first = request.plans(0).number();
  if (first > 0 && response.highest_contiguous_number() + 1 < first && resend_) {
    resend_(request.tenant(), response.highest_contiguous_number() + 1);
  }
  return absl::OkStatus();
}

absl::Status SchedulingClient::Deliver(absl::string_view tenant,
                                       const std::vector<outbox::Numbered>& batch,
                                       absl::Time deadline) {
  static const metrics::Counter refused = metrics::Default().GetCounter(
      "waymark_casework_plans_refused_total", "Plans that scheduling refused for their content.");
  const auto put = [&](size_t from, size_t to) -> absl::Status {
    scheduling::v1::PutPlanRequest request;
    request.set_request_id(ids::NewUuid());
    request.set_tenant(std::string(tenant));
    request.set_source(source_);
    for (size_t i = from; i < to; ++i) {
      ASSIGN_OR_RETURN(const std::string plan, outbox::Opened(keys_, tenant, kDestination,
                                                              batch[i].event_id, batch[i].payload));
      scheduling::v1::NumberedPlan& numbered = *request.add_plans();
      numbered.set_number(batch[i].number);
      numbered.set_event_id(batch[i].event_id);
      if (!numbered.mutable_plan()->ParseFromString(plan)) {
        return status::DataLoss("PLAN_UNREADABLE", "A plan in the outbox cannot be read.");
      }
    }
    return Put(request, deadline);
  };
  absl::Status together = put(0, batch.size());
  if (together.ok() || !IsRefusal(together)) return together;
  for (size_t i = 0; i < batch.size(); ++i) {
    absl::Status alone = put(i, i + 1);
    if (alone.ok()) continue;
    if (!IsRefusal(alone)) return alone;
    refused.Increment();
    log::Error("scheduling refused a plan; its case's deadlines are not enforced as they stand",
               {{"reason", status::Reason(alone)},
                {"event_id", batch[i].event_id},
                {"number", batch[i].number}});
  }
  return absl::OkStatus();
}

absl::Status SchedulingClient::PutAgain(absl::string_view tenant, const std::string& plan,
                                        absl::Time deadline) {
  scheduling::v1::PutPlanRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_tenant(std::string(tenant));
  request.set_source(source_);
  scheduling::v1::NumberedPlan& numbered = *request.add_plans();
  numbered.set_event_id(ids::NewUuid());
  if (!numbered.mutable_plan()->ParseFromString(plan)) {
    return status::Internal("PLAN_UNREADABLE", "A plan to be sent again cannot be read.");
  }
  return Put(request, deadline);
}

absl::StatusOr<scheduling::v1::ReconcileResponse> SchedulingClient::Reconcile(
    const scheduling::v1::ReconcileRequest& request, absl::Time deadline) {
  scheduling::v1::ReconcileResponse response;
  RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    return stub_->service->Reconcile(context, request, &response);
  }));
  return response;
}

}  // namespace waymark::casework
