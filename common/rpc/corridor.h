// The corridor every call walks down before it reaches a room: rule, identity, roles, deadline,
// request id, generic validation; and back: status, metric, one access-log line.
//
// A Corridor holds what those steps need and is owned by the server. Services reach it through
// rpc::Unary (unary.h), rpc::Watch and rpc::Export (stream.h), never directly.
#ifndef WAYMARK_COMMON_RPC_CORRIDOR_H_
#define WAYMARK_COMMON_RPC_CORRIDOR_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/access/token.h"
#include "common/clock/clock.h"
#include "common/rpc/workers.h"

namespace waymark::rpc {

class CallMetrics;
class StreamRegistry;

class Corridor {
 public:
  struct Options {
    // What metrics and log lines call this service: "bbv".
    std::string service;
    // That somebody called a method of this service tells something of a person: metrics and log
    // lines, which people outside the service read, name the service alone.
    bool discreet = false;
    access::TokenVerifier* verifier = nullptr;
    Workers* workers = nullptr;
    // Moves case time; may be ahead of real time in development.
    const clock::Clock* clinical_clock = nullptr;
    // Deadlines, tokens, latencies.
    const clock::Clock* real_clock = nullptr;
    // Names an actor in log lines without saying who it is.
    std::function<std::string(absl::string_view tenant, absl::string_view actor)> pseudonym;
    // A client's deadline beyond this is shortened to it, so that nobody holds a worker for long.
    absl::Duration longest_call = absl::Seconds(30);
    // Open streams in this process, all callers together.
    int most_streams = 1024;
    // Of these, by one person: a few screens, and no more than a few, so that nobody's client that
    // opens and never closes takes them from the others.
    int most_streams_each = 16;
    // How often a stream's rights are looked at again.
    absl::Duration recheck_every = absl::Minutes(1);
    // How long an export waits for a client that does not read.
    absl::Duration slowest_reader = absl::Seconds(10);
  };

  explicit Corridor(Options options);
  // After the server has shut down. Waits for the last reactions of its streams.
  ~Corridor();
  Corridor(const Corridor&) = delete;
  Corridor& operator=(const Corridor&) = delete;

  // One look at every open stream: ends those whose token has expired, whose rights are gone or
  // whose client stopped reading. The server calls it every second; tests call it at will.
  void TendStreams();
  // Ends every open stream with UNAVAILABLE SERVER_STOPPING and refuses new ones.
  void DrainStreams();
  int open_streams() const;

  const Options& options() const { return options_; }
  // For the corridor's own parts.
  StreamRegistry& streams() { return *streams_; }
  CallMetrics& metrics() { return *metrics_; }

 private:
  const Options options_;
  const std::unique_ptr<CallMetrics> metrics_;
  const std::unique_ptr<StreamRegistry> streams_;
};

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_CORRIDOR_H_
