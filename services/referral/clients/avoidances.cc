#include "services/referral/clients/avoidances.h"

#include <grpcpp/channel.h>

#include <utility>

#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::referral {

std::function<absl::StatusOr<Avoided>(const rpc::Call& call, const std::string& subject_id)>
AvoidedOver(std::shared_ptr<grpc::Channel> channel) {
  std::shared_ptr<workforce::v1::WorkforceService::Stub> stub =
      workforce::v1::WorkforceService::NewStub(std::move(channel));
  return [stub](const rpc::Call& call, const std::string& subject_id) -> absl::StatusOr<Avoided> {
    workforce::v1::ResolveRoutesRequest request;
    request.set_tenant(call.caller.tenant);
    request.add_subject_ids(subject_id);
    workforce::v1::ResolveRoutesResponse response;
    RETURN_IF_ERROR(rpc::Invoke({.deadline = call.deadline}, [&](grpc::ClientContext* context) {
      return stub->ResolveRoutes(context, request, &response);
    }));
    Avoided avoided;
    for (const workforce::v1::Reachable& person : response.people()) {
      for (const workforce::v1::Avoidance& place : person.avoid()) {
        (place.kind() == workforce::v1::AVOIDANCE_KIND_AREA ? avoided.areas : avoided.venues)
            .push_back(place.code());
      }
    }
    return avoided;
  };
}

}  // namespace waymark::referral
