#include "services/casework/clients/workforce.h"

#include <grpcpp/channel.h>

#include <string>

#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/workforce/v1/fitness_service.grpc.pb.h"

namespace waymark::casework {

Teller WorkforceTeller(const std::shared_ptr<grpc::Channel>& channel) {
  const std::shared_ptr<workforce::v1::FitnessService::Stub> stub =
      workforce::v1::FitnessService::NewStub(channel);
  return [stub](const std::string& payload, absl::Time deadline) -> absl::Status {
    workforce::v1::ProposeFitnessRequest request;
    if (!request.ParseFromString(payload)) {
      return status::DataLoss("MESSAGE_UNREADABLE", "A message in the outbox cannot be read.");
    }
    workforce::v1::ProposeFitnessResponse response;
    return rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
      return stub->ProposeFitness(context, request, &response);
    });
  };
}

}  // namespace waymark::casework
