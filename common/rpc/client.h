// Calling another service.
//
//   auto channel = rpc::Connect({.target = "dns:///localhost:7003", .certificates = dir,
//                                .peer = "scheduling"});
//   auto stub = v1::SchedulingService::NewStub(channel);
//   absl::Status status = rpc::Invoke({.deadline = call.deadline, .parent = &call},
//       [&](grpc::ClientContext* context) { return stub->PutPlan(context, request, &response); });
#ifndef WAYMARK_COMMON_RPC_CLIENT_H_
#define WAYMARK_COMMON_RPC_CLIENT_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"

namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace waymark::rpc {

struct Peer {
  // "dns:///host:port"; a plain host:port is taken as such.
  std::string target;
  // Folder with tls.crt, tls.key and ca.crt, read again when they change (folder swapped whole).
  std::string certificates;
  // The only identity accepted at the other end: spiffe://waymark/<peer>.
  std::string peer;
  absl::Duration refresh_certificates = absl::Seconds(60);
};

// One channel per peer per process: mTLS, round robin over the addresses, and up to four attempts
// when a call is UNAVAILABLE (safe: what changes something carries a request_id or event id).
std::shared_ptr<grpc::Channel> Connect(const Peer& peer);

struct Outgoing {
  // Required: a call without a deadline is refused by every waymark service.
  absl::Time deadline;
  // Bearer token, when a person acts. Empty for a service's own call.
  std::string token;
  // The call being served, if any: its deadline and cancellation then bind this one too.
  const Call* parent = nullptr;
};

// Prepares the context, makes the call and brings the answer back with its details as payloads.
absl::Status Invoke(const Outgoing& outgoing,
                    absl::FunctionRef<grpc::Status(grpc::ClientContext*)> call);

// A context as Invoke makes it, for streams. Never null.
std::unique_ptr<grpc::ClientContext> MakeContext(const Outgoing& outgoing);

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_CLIENT_H_
