// The Connect protocol over the back ends: what is at /waymark.<service>.v1.<Service>/<Method>.
#ifndef WAYMARK_SERVICES_GATEWAY_RPC_DOOR_H_
#define WAYMARK_SERVICES_GATEWAY_RPC_DOOR_H_

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/access/token.h"
#include "common/clock/clock.h"
#include "common/rpc/workers.h"
#include "services/gateway/connect.h"
#include "services/gateway/forward.h"
#include "services/gateway/http.h"
#include "services/gateway/methods.h"
#include "services/gateway/sessions.h"

namespace waymark::gateway {

struct DoorOptions {
  // "https://waymark.example": the origin that pages of ours have.
  std::string public_url;
  // For a call without a Connect-Timeout-Ms; one that asks for longer gets this.
  absl::Duration longest_call = absl::Seconds(30);
  // Calls and streams of one person at once; the rest are told to come back.
  int most_calls_each = 32;
  int most_streams_each = 12;
};

class RpcDoor {
 public:
  // `verifier` knows the tokens that the back ends accept: for clients with a bearer token.
  RpcDoor(DoorOptions options, const Methods& methods, Sessions& sessions,
          access::TokenVerifier& verifier, Forwarder& forwarder, rpc::Workers& blocking,
          const clock::Clock& clock);

  // Whether a path is one of ours. Called on a network thread; never blocks.
  bool Serves(absl::string_view path) const { return methods_.IsService(path); }
  void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange);

  // Ends the streams of a session that is over.
  void EndStreamsOf(const std::string& session_key);
  // Looks which sessions with open streams have been ended elsewhere. Blocks on the database.
  absl::Status TendStreams(absl::Time deadline);
  // Ends every stream with UNAVAILABLE SERVER_STOPPING.
  void Drain();

 private:
  struct Call;
  struct OpenStream;

  void Admit(const std::shared_ptr<Call>& call);
  void FindSession(const std::shared_ptr<Call>& call);
  void Forward(const std::shared_ptr<Call>& call);
  void ForwardUnary(const std::shared_ptr<Call>& call, BackendCall out);
  void ForwardStream(const std::shared_ptr<Call>& call, BackendCall out);
  void Refuse(const Call& call, const absl::Status& status);
  void Answer(const Call& call, HttpResponse response);
  void EndStreams(const std::function<bool(const OpenStream&)>& which, const absl::Status& status);
  bool Enter(const Call& call);
  void Leave(const Call& call);
  void Report(const Call& call, absl::StatusCode code) const;

  const DoorOptions options_;
  const Methods& methods_;
  Sessions& sessions_;
  access::TokenVerifier& verifier_;
  Forwarder& forwarder_;
  rpc::Workers& blocking_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  std::list<std::shared_ptr<OpenStream>> streams_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> calls_each_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> streams_each_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_RPC_DOOR_H_
