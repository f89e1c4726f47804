// The corridor of a unary call on the callback server.
//
//   grpc::ServerUnaryReactor* BbvService::GetCase(grpc::CallbackServerContext* context,
//                                                 const v1::GetCaseRequest* request,
//                                                 v1::GetCaseResponse* response) {
//     return rpc::Unary(corridor_, context, request, response,
//                       [this](const rpc::Call& call, const v1::GetCaseRequest& request,
//                              v1::GetCaseResponse* response) { return ...; });
//   }
//
// In this order, each refusal with its stable reason:
//   1. method, from the request's type (one request type per RPC), and its rule:
//   METHOD_WITHOUT_RULE
//   2. the connection's certificate: PEER_UNKNOWN
//   3. the token: TOKEN_*; the roles or the service: ROLE_REQUIRED, SERVICE_NOT_NAMED
//   4. the client's deadline: DEADLINE_REQUIRED
//   5. request_id on every method a user may change something with: REQUEST_ID_INVALID
//   6. bytes that are no message, text that is not UTF-8, enum numbers nobody knows: INVALID_FIELDS
//   7. the room
//   8. status with google.rpc details, metric, one access-log line
// All of it runs on a worker: the reaction itself parses nothing and waits for nothing. When the
// queue is full the answer is RESOURCE_EXHAUSTED SERVER_BUSY with RetryInfo; a call whose deadline
// passed in the queue never reaches the room.
#ifndef WAYMARK_COMMON_RPC_UNARY_H_
#define WAYMARK_COMMON_RPC_UNARY_H_

#include <google/protobuf/message.h>

#include <functional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "common/rpc/corridor.h"

namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
}  // namespace grpc

namespace waymark::rpc {

// As Unary below, without the types.
grpc::ServerUnaryReactor* UnaryMessages(Corridor& corridor, grpc::CallbackServerContext* context,
                                        const google::protobuf::Message* request,
                                        google::protobuf::Message* response,
                                        absl::AnyInvocable<absl::Status(const Call&)> room);

// `room` is absl::Status(const Call&, const Request&, Response*). Request and response live until
// the call is finished. A response left by a room that failed is not sent.
template <class Request, class Response, class Room>
grpc::ServerUnaryReactor* Unary(Corridor& corridor, grpc::CallbackServerContext* context,
                                const Request* request, Response* response, Room room) {
  return UnaryMessages(corridor, context, request, response,
                       [request, response, room = std::move(room)](const Call& call) mutable {
                         return room(call, *request, response);
                       });
}

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_UNARY_H_
