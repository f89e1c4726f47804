// The test service with rooms that a test fills in.
#ifndef WAYMARK_COMMON_SERVER_TESTING_ECHO_H_
#define WAYMARK_COMMON_SERVER_TESTING_ECHO_H_

#include <functional>
#include <memory>

#include "absl/time/clock.h"
#include "common/rpc/intake.h"
#include "common/rpc/stream.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "waymark/testing/v1/echo_service.grpc.pb.h"

namespace waymark::testing {

class EchoServer final : public v1::EchoService::CallbackService {
 public:
  explicit EchoServer(rpc::Corridor& corridor) : corridor_(corridor) {}

  std::function<absl::Status(const rpc::Call&, const v1::EchoRequest&, v1::EchoResponse*)> on_echo =
      [](const rpc::Call&, const v1::EchoRequest& request, v1::EchoResponse* response) {
        response->set_text(request.text());
        return absl::OkStatus();
      };
  std::function<absl::Status(const rpc::Call&, const v1::ChangeRequest&, v1::ChangeResponse*)>
      on_change =
          [](const rpc::Call&, const v1::ChangeRequest& request, v1::ChangeResponse* response) {
            response->set_text(request.text());
            return absl::OkStatus();
          };
  std::function<absl::Status(const rpc::Call&, std::shared_ptr<rpc::Feed<v1::WatchResponse>>)>
      on_watch = [](const rpc::Call&, const std::shared_ptr<rpc::Feed<v1::WatchResponse>>&) {
        return absl::OkStatus();
      };

  std::function<absl::Status(const rpc::Call&, rpc::Incoming<v1::CollectRequest>&,
                             v1::CollectResponse*)>
      on_collect = [](const rpc::Call&, rpc::Incoming<v1::CollectRequest>& in,
                      v1::CollectResponse* response) -> absl::Status {
    v1::CollectRequest message = in.first();
    for (bool more = true; more;) {
      response->set_sum(response->sum() + message.number());
      response->set_count(response->count() + 1);
      ASSIGN_OR_RETURN(more, in.Next(&message, absl::Now() + absl::Seconds(10)));
    }
    return absl::OkStatus();
  };

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const v1::EchoRequest* request,
                                 v1::EchoResponse* response) override {
    return rpc::Unary(corridor_, context, request, response, on_echo);
  }
  grpc::ServerUnaryReactor* Change(grpc::CallbackServerContext* context,
                                   const v1::ChangeRequest* request,
                                   v1::ChangeResponse* response) override {
    return rpc::Unary(corridor_, context, request, response, on_change);
  }
  grpc::ServerUnaryReactor* Deliver(grpc::CallbackServerContext* context,
                                    const v1::DeliverRequest* request,
                                    v1::DeliverResponse* response) override {
    return rpc::Unary(
        corridor_, context, request, response,
        [](const rpc::Call& call, const v1::DeliverRequest&, v1::DeliverResponse* response) {
          response->set_tenant(call.caller.tenant);
          response->set_actor(call.actor());
          return absl::OkStatus();
        });
  }
  grpc::ServerUnaryReactor* Unruled(grpc::CallbackServerContext* context,
                                    const v1::UnruledRequest* request,
                                    v1::UnruledResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [](const rpc::Call&, const v1::UnruledRequest&, v1::UnruledResponse*) {
                        return absl::OkStatus();
                      });
  }
  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(grpc::CallbackServerContext* context,
                                                     const v1::WatchRequest* request) override {
    return rpc::Watch<v1::WatchResponse>(
        corridor_, context, request,
        [this](const rpc::Call& call, const v1::WatchRequest&,
               std::shared_ptr<rpc::Feed<v1::WatchResponse>> feed) {
          return on_watch(call, std::move(feed));
        });
  }
  grpc::ServerWriteReactor<v1::ExportResponse>* Export(grpc::CallbackServerContext* context,
                                                       const v1::ExportRequest* request) override {
    return rpc::Export<v1::ExportResponse>(
        corridor_, context, request,
        [](const rpc::Call&, const v1::ExportRequest& request, auto write) -> absl::Status {
          for (int i = 0; i < request.count(); ++i) {
            v1::ExportResponse response;
            response.set_number(i);
            response.set_filling(std::string(request.bytes_each(), 'x'));
            RETURN_IF_ERROR(write(std::move(response)));
          }
          return absl::OkStatus();
        });
  }
  grpc::ServerReadReactor<v1::CollectRequest>* Collect(grpc::CallbackServerContext* context,
                                                       v1::CollectResponse* response) override {
    return rpc::Intake<v1::CollectRequest>(corridor_, context, response, on_collect);
  }

 private:
  rpc::Corridor& corridor_;
};

}  // namespace waymark::testing

#endif  // WAYMARK_COMMON_SERVER_TESTING_ECHO_H_
