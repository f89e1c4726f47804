#include "services/gateway/clients/workforce.h"

#include <grpcpp/channel.h>

#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::gateway {

absl::StatusOr<std::string> SubjectOf(const std::shared_ptr<grpc::Channel>& workforce,
                                      absl::Time deadline, const std::string& tenant,
                                      const std::string& user_id) {
  workforce::v1::WorkforceService::Stub stub(workforce);
  workforce::v1::FindSubjectRequest request;
  request.set_tenant(tenant);
  request.set_user_id(user_id);
  workforce::v1::FindSubjectResponse response;
  RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
    return stub.FindSubject(context, request, &response);
  }));
  return response.subject_id();
}

}  // namespace waymark::gateway
