// Calls of the back ends, as bytes: gRPC's generic stub over mTLS, asynchronous, so that an open
// stream costs no thread. Only forward.cc knows gRPC.
#ifndef WAYMARK_SERVICES_GATEWAY_FORWARD_H_
#define WAYMARK_SERVICES_GATEWAY_FORWARD_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
}

namespace waymark::gateway {

struct BackendCall {
  std::string service;  // "bbv"
  std::string path;     // "/waymark.bbv.v1.BbvService/GetCase"
  std::string token;
  std::string request_id;  // of HTTP
  std::string request;     // the message in binary
  // InfiniteFuture for a stream.
  absl::Time deadline = absl::InfiniteFuture();
};

// A server-streaming call under way. Thread-safe.
class BackendStream {
 public:
  virtual ~BackendStream() = default;
  // Asks for the next message; once for each that came.
  virtual void ReadNext() = 0;
  // The call ends soon, with CANCELLED.
  virtual void Cancel() = 0;
};

class Forwarder {
 public:
  // The channel to a service, or why there is none.
  using Channels = std::function<absl::StatusOr<std::shared_ptr<grpc::Channel>>(absl::string_view)>;

  explicit Forwarder(Channels channels);
  // Cancels what is under way and waits for its end.
  ~Forwarder();

  // `done` is called once, on a thread of gRPC, and must not block: with the answer's bytes, or the
  // error with its details.
  void Unary(const BackendCall& call, std::function<void(absl::StatusOr<std::string>)> done);

  // The first message is asked for already. `message` is called for one message at a time, `done`
  // once at the end, after which neither is called.
  std::shared_ptr<BackendStream> Stream(const BackendCall& call,
                                        std::function<void(std::string)> message,
                                        const std::function<void(absl::Status)>& done);

  int open_streams() const;

  struct State;  // defined in the .cc file

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_FORWARD_H_
