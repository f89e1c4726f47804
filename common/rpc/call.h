// What the corridor knows about a call when the room begins.
#ifndef WAYMARK_COMMON_RPC_CALL_H_
#define WAYMARK_COMMON_RPC_CALL_H_

#include <string>

#include "absl/time/time.h"
#include "common/access/caller.h"
#include "common/access/rule.h"
#include "waymark/options/v1/rule.pb.h"

namespace grpc {
class CallbackServerContext;
}

namespace waymark::rpc {

struct Call {
  access::Caller caller;
  // Ask access::CheckRelation(granted, caller, facts) about every record before it is used.
  access::Granted granted;
  // "waymark.bbv.v1.BbvService.LogExposure".
  std::string method;
  // Never null while a room runs; `rule->purpose()` is what a read is audited with.
  const options::v1::Rule* rule = nullptr;
  // A UUID for every user method that changes something; empty where the request has none.
  std::string request_id;
  // The clinical clock's instant. Case time, plans and rungs; never tokens or retries.
  absl::Time now;
  // Real time: the client's deadline, at most Corridor's `longest_call` from the start.
  absl::Time deadline = absl::InfiniteFuture();
  // For a service call: the original actor, from `actor.user_id` of the request where it has such a
  // field, believed because the rule names the service. Empty for a user's call and for batches.
  std::string on_behalf_of;

  // The person who acts: the user, else on_behalf_of, else "service:<name>".
  std::string actor() const;
  // True once the client has gone or the deadline has passed; worth asking between costly steps.
  bool cancelled() const;

  // For rpc::Invoke, so that deadline and cancellation bind what the room asks of others. Valid
  // only while the room runs, like request and response; a copy of Call kept longer must not use
  // it.
  const grpc::CallbackServerContext* context = nullptr;
};

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_CALL_H_
