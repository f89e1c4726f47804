#include "common/rpc/unary.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "common/rpc/admission.h"
#include "common/status/status.h"
#include "common/status/status_grpc.h"

namespace waymark::rpc {

grpc::ServerUnaryReactor* UnaryMessages(Corridor& corridor, grpc::CallbackServerContext* context,
                                        const google::protobuf::Message* request,
                                        google::protobuf::Message* response,
                                        absl::AnyInvocable<absl::Status(const Call&)> room) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto admission =
      std::make_shared<Admission>(corridor, *context, *request, response->GetDescriptor());
  const bool taken =
      corridor.options().workers->TrySubmit([reactor, admission, room = std::move(room)]() mutable {
        absl::Status status = admission->Admit(/*stream=*/false);
        if (status.ok()) status = Admission::Guard(room, admission->call());
        // What the room holds goes first: Finish frees the request, response and context it may
        // refer to.
        room = nullptr;
        admission->Forget();
        reactor->Finish(status::ToGrpc(status));
        admission->Report(status);
      });
  if (!taken) {
    const absl::Status busy = Busy();
    // No log line: when calls are refused by the thousand, writing about each makes it worse.
    corridor.metrics().Count(admission->call().method, busy.code(), 0);
    reactor->Finish(status::ToGrpc(busy));
  }
  return reactor;
}

}  // namespace waymark::rpc
