#include "services/scheduling/clients/workforce.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::scheduling {

RouteFinder RoutesOver(std::shared_ptr<grpc::Channel> channel) {
  return [stub = std::shared_ptr(workforce::v1::WorkforceService::NewStub(std::move(channel)))](
             const workforce::v1::ResolveRoutesRequest& request,
             absl::Time deadline) -> absl::StatusOr<workforce::v1::ResolveRoutesResponse> {
    workforce::v1::ResolveRoutesResponse response;
    RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
      return stub->ResolveRoutes(context, request, &response);
    }));
    return response;
  };
}

}  // namespace waymark::scheduling
