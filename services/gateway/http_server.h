// HTTPS/1.1 on Boost.Beast and Asio, asynchronous: a connection, idle or in the middle of a stream,
// costs memory and no thread. Everything a client could use up has a limit.
//
// The only file that knows Beast is http_server.cc: it takes half a minute to compile.
#ifndef WAYMARK_SERVICES_GATEWAY_HTTP_SERVER_H_
#define WAYMARK_SERVICES_GATEWAY_HTTP_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/http.h"
#include "services/gateway/http_head.h"

namespace waymark::gateway {

struct HttpOptions {
  // host:port; port 0 takes a free one.
  std::string listen = "127.0.0.1:0";
  // Folder with tls.crt (the whole chain) and tls.key.
  std::string certificates;
  int threads = 2;
  HeadLimits head;
  int most_connections = 2048;
  // From one address: a browser opens six. A proxy in front shares them among everybody.
  int most_connections_each = 256;
  // TLS handshake, and from the first byte of a request to the last of its head.
  absl::Duration handshake_within = absl::Seconds(10);
  absl::Duration head_within = absl::Seconds(10);
  absl::Duration body_within = absl::Seconds(30);
  // Between two requests of a connection.
  absl::Duration idle_for = absl::Seconds(75);
  // For the client to take one answer, or one message of a stream.
  absl::Duration write_within = absl::Seconds(20);
  // For what is under way when the server stops.
  absl::Duration stop_within = absl::Seconds(5);
  // Added to every answer.
  Headers common_headers;
};

class HttpServer {
 public:
  // Has the port when it returns; clients wait until Serve. FAILED_PRECONDITION LISTEN_FAILED or
  // HTTPS_CERTIFICATE, with a sentence naming the address or file.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(HttpOptions options);
  // As Stop.
  ~HttpServer();

  // Once. `handler` is called on a network thread and must not block.
  void Serve(Handler handler);

  int port() const;
  int connections() const;

  // Reads certificate and key again, for connections still to come. An unusable pair is refused and
  // the one in use stays.
  absl::Status ReloadCertificates();

  // Takes no more connections and lets answers under way finish for `stop_within`.
  void Retire();
  // Retires and closes what is left. Every Exchange should be gone by then.
  void Stop();

  struct State;  // defined in the .cc file

 private:
  explicit HttpServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_HTTP_SERVER_H_
