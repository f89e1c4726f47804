#include "services/dental/clients/bbv.h"

#include <grpcpp/channel.h>

#include <string>

#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"

namespace waymark::dental {

casework::Teller BbvTeller(const std::shared_ptr<grpc::Channel>& channel) {
  const std::shared_ptr<bbv::v1::BbvService::Stub> stub = bbv::v1::BbvService::NewStub(channel);
  return [stub](const std::string& payload, absl::Time deadline) -> absl::Status {
    bbv::v1::OpenLinkedCaseRequest request;
    if (!request.ParseFromString(payload)) {
      return status::DataLoss("MESSAGE_UNREADABLE", "A message in the outbox cannot be read.");
    }
    bbv::v1::OpenLinkedCaseResponse response;
    return rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
      return stub->OpenLinkedCase(context, request, &response);
    });
  };
}

}  // namespace waymark::dental
