#include "services/gateway/gateway_service.h"

#include <memory>

#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "waymark/gateway/v1/gateway_service.grpc.pb.h"

namespace waymark::gateway {
namespace {

class GatewayService final : public v1::GatewayService::CallbackService {
 public:
  GatewayService(rpc::Corridor& corridor, Sessions& sessions)
      : corridor_(corridor), sessions_(sessions) {}

  grpc::ServerUnaryReactor* EndSessions(grpc::CallbackServerContext* context,
                                        const v1::EndSessionsRequest* request,
                                        v1::EndSessionsResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::EndSessionsRequest& asked,
                             v1::EndSessionsResponse* answer) -> absl::Status {
                        if (asked.user_id().empty() || asked.user_id().size() > 128) {
                          return status::InvalidArgument(
                              "USER_ID_INVALID",
                              "Name the person by their user id, as in the audit log.");
                        }
                        // Again is harmless: there are none left then.
                        ASSIGN_OR_RETURN(const int64_t count,
                                         sessions_.EndAllOf(call.deadline, call, asked.user_id()));
                        answer->set_ended_count(static_cast<int32_t>(count));
                        return absl::OkStatus();
                      });
  }

 private:
  rpc::Corridor& corridor_;
  Sessions& sessions_;
};

}  // namespace

server::Exposed MakeGatewayService(rpc::Corridor& corridor, Sessions& sessions) {
  return server::Expose<v1::GatewayService>(std::make_shared<GatewayService>(corridor, sessions));
}

}  // namespace waymark::gateway
