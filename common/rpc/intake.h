// The corridor of a client-streaming call: many messages in, one answer out.
//
//   grpc::ServerReadReactor<v1::SyncPeopleRequest>* HrFeedService::SyncPeople(
//       grpc::CallbackServerContext* context, v1::SyncPeopleResponse* response) {
//     return rpc::Intake<v1::SyncPeopleRequest>(
//         corridor_, context, response,
//         [this](const rpc::Call& call, rpc::Incoming<v1::SyncPeopleRequest>& in,
//                v1::SyncPeopleResponse* out) { return feed_.Sync(call, in, out); });
//   }
//
// The corridor is that of rpc::Unary, walked once the first message is there and with that message
// as the request; no deadline is asked for. The room runs on a worker, at most a quarter of them at
// once, and takes message after message; gRPC reads no further than one message ahead, so a client
// that sends faster than the room works is held back and memory stays flat. A client that falls
// silent ends the call (DEADLINE_EXCEEDED CLIENT_SILENT), and so does the end of its token.
// Call::deadline is that of an ordinary call from the beginning: a room that takes in for longer
// gives each of its transactions a deadline of its own.
#ifndef WAYMARK_COMMON_RPC_INTAKE_H_
#define WAYMARK_COMMON_RPC_INTAKE_H_

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/corridor.h"

namespace waymark::rpc {

// What the corridor asks of a reactor.
class IntakeSource {
 public:
  virtual ~IntakeSource() = default;
  virtual void StartReadMessage(google::protobuf::Message* message) = 0;
  virtual void FinishCall(const absl::Status& status) = 0;
};

// One call: the state between reactor and room. Thread-safe.
class IntakeCore : public std::enable_shared_from_this<IntakeCore> {
 public:
  IntakeCore(Corridor& corridor, grpc::CallbackServerContext* context,
             google::protobuf::Message* first, const google::protobuf::Descriptor* response,
             absl::AnyInvocable<absl::Status(const Call&, IntakeCore&)> room);
  ~IntakeCore();

  // The reactor's side.
  void Start(IntakeSource* source);
  void ReadDone(bool ok);
  void Cancelled();

  // The room's side: false when the client has closed its side. DEADLINE_EXCEEDED CLIENT_SILENT
  // when nothing came until `until`; CANCELLED CLIENT_GONE; UNAUTHENTICATED TOKEN_EXPIRED; and what
  // looking at the rights again each minute finds.
  absl::StatusOr<bool> Next(google::protobuf::Message* message, absl::Time until);

 private:
  // On a worker: the corridor, then the room, then the end.
  void Run();
  struct State;
  const std::unique_ptr<State> state_;
};

template <class Request>
class Incoming {
 public:
  Incoming(IntakeCore& core, const Request& first) : core_(core), first_(first) {}
  // The message that the corridor admitted.
  const Request& first() const { return first_; }
  // The next one; see IntakeCore::Next.
  absl::StatusOr<bool> Next(Request* message, absl::Time until) {
    return core_.Next(message, until);
  }

 private:
  IntakeCore& core_;
  const Request& first_;
};

template <class Request>
class IntakeReactor final : public grpc::ServerReadReactor<Request>, public IntakeSource {
 public:
  Request* first() { return &first_; }
  void Begin(std::shared_ptr<IntakeCore> core) {
    core_ = std::move(core);
    core_->Start(this);
  }
  void OnReadDone(bool ok) override { core_->ReadDone(ok); }
  void OnCancel() override { core_->Cancelled(); }
  void OnDone() override { delete this; }

 private:
  void StartReadMessage(google::protobuf::Message* message) override {
    this->StartRead(static_cast<Request*>(message));
  }
  void FinishCall(const absl::Status& status) override;

  Request first_;
  std::shared_ptr<IntakeCore> core_;
};

grpc::Status IntakeStatus(const absl::Status& status);

template <class Request>
void IntakeReactor<Request>::FinishCall(const absl::Status& status) {
  this->Finish(IntakeStatus(status));
}

// `room` is absl::Status(const Call&, Incoming<Request>&, Response*).
template <class Request, class Response, class Room>
grpc::ServerReadReactor<Request>* Intake(Corridor& corridor, grpc::CallbackServerContext* context,
                                         Response* response, Room room) {
  auto* reactor = new IntakeReactor<Request>;
  Request* const first = reactor->first();
  reactor->Begin(std::make_shared<IntakeCore>(
      corridor, context, first, Response::descriptor(),
      [first, response, room = std::move(room)](const Call& call, IntakeCore& core) mutable {
        Incoming<Request> in(core, *first);
        return room(call, in, response);
      }));
  return reactor;
}

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_INTAKE_H_
