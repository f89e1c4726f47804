// A service as a process: flags, TLS with reload, health, duties, and an orderly stop.
//
//   int main(int argc, char** argv) {
//     using namespace waymark;
//     return server::Main(argc, argv, {
//         .name = "bbv",
//         .about = "Exposure to blood: cases and their dated plan.",
//         .schema = {db::CommonSchema(), bbv::Schema()},
//         .assemble = [](server::Ground& ground) -> absl::StatusOr<server::Parts> {
//           auto service = std::make_shared<bbv::BbvService>(ground);
//           return server::Parts{.services = {server::Expose<bbv::v1::BbvService>(service)},
//                                .duties = service->Duties()};
//         }});
//   }
#ifndef WAYMARK_COMMON_SERVER_SERVER_H_
#define WAYMARK_COMMON_SERVER_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/db/migrate.h"
#include "common/rpc/corridor.h"
#include "common/server/duty.h"

namespace grpc {
class Channel;
class Service;
}  // namespace grpc

namespace waymark::crypto {
class KeyProvider;
}
namespace waymark::server {

// What a service is told at its start. Every field is a flag of the same name with dashes
// (`--database-dsn-file`) and may come from `--config FILE` (CLI11's ini form).
struct Options {
  // host:port; port 0 takes a free one, written to `port_file`.
  std::string listen = "127.0.0.1:0";
  std::string port_file;
  // File holding the libpq connection string of the runtime role. Empty: a service without one.
  std::string database_dsn_file;
  // Workers, and so calls in progress at once; each may hold one connection.
  int workers = 8;
  // Connections beside those, for duties.
  int background_connections = 4;
  // Folder with tls.crt, tls.key, ca.crt; the folder is a symbolic link swapped whole on rotation.
  std::string certificates;
  absl::Duration refresh_certificates = absl::Seconds(60);
  std::string jwks;
  std::string issuer;
  std::string audience = "waymark";
  // Folder of the keys that wrap data keys (1.key, 2.key ...); empty for a service without any.
  std::string keys;
  // File of the root that pseudonyms are derived from: actors in log lines, and what a service
  // makes of it.
  std::string pseudonym_key;
  // service=host:port for each service this one calls.
  std::map<std::string, std::string> peers;
  // host:port for Prometheus; empty switches metrics off.
  std::string metrics;
  std::string metrics_port_file;
  // Development only: moves the clinical clock.
  std::string clock_offset_file;
  // Refuses the clock offset and reflection.
  bool production = false;
  // How long an orderly stop waits for load balancers to notice, then for calls to finish.
  absl::Duration drain_pause = absl::Seconds(0);
  absl::Duration stop_within = absl::Seconds(10);
  // Flags of this service alone (Program::flags), by name.
  std::map<std::string, std::string> own;
};

// What a service may build on. Everything outlives the service.
struct Ground {
  const Options& options;
  rpc::Corridor& corridor;
  // The clinical clock: case time, plans and rungs.
  const clock::Clock& clock;
  const clock::Clock& real_clock;
  // Null only when the service runs without a database or keys.
  db::Database* database = nullptr;
  crypto::KeyProvider* keys = nullptr;
  // The channel to another service named in --peers; FAILED_PRECONDITION PEER_NOT_CONFIGURED.
  std::function<absl::StatusOr<std::shared_ptr<grpc::Channel>>(absl::string_view service)> peer;
};

// One thing that must hold before the service says SERVING; asked every few seconds.
struct Check {
  std::string name;
  std::function<absl::Status()> ready;
};

// A service with its full name, whose descriptor says which methods there are.
struct Exposed {
  std::string name;
  std::shared_ptr<grpc::Service> service;
};
// Expose<v1::BbvService>(std::make_shared<BbvService>(...)), a CallbackService of that API.
template <class Api>
Exposed Expose(std::shared_ptr<grpc::Service> service) {
  return {Api::service_full_name(), std::move(service)};
}

struct Parts {
  std::vector<Exposed> services;
  // Stopped in this order, before the server.
  std::vector<Duty> duties;
  std::vector<Check> checks;
  // Kept alive until everything has stopped, destroyed in reverse order.
  std::vector<std::shared_ptr<void>> held;
};

struct Flag {
  std::string name;  // "smtp-url"
  std::string help;
  std::string standard;
};

struct Program {
  std::string name;
  std::string about;
  // Metrics and log lines do not say which method was called (rpc::Corridor::Options).
  bool discreet = false;
  std::vector<Flag> flags;
  // The schema this program was built for. Outside of it the service does not start, or, when the
  // database was away at the start, does not become ready.
  std::vector<db::SchemaRange> schema;
  std::function<absl::StatusOr<Parts>(Ground&)> assemble;
};

// A running service, for Main and for tests in the same process.
class Server {
 public:
  // Checks files, connects, assembles and listens. When it returns the port is open; the service is
  // SERVING once its checks hold. FAILED_PRECONDITION with a sentence that names the file or flag.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Program& program, Options options);
  // As Stop.
  ~Server();

  int port() const;
  // Health NOT_SERVING -> pause -> duties -> streams drained -> calls finish or are cancelled ->
  // pool closed. Idempotent.
  void Stop();
  rpc::Corridor& corridor();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The whole of a main(): parses flags, starts, waits for SIGTERM or SIGINT, stops. Returns the exit
// code: 0 after an orderly stop, 2 for wrong flags, 1 when the service could not start.
int Main(int argc, char** argv, const Program& program);

}  // namespace waymark::server

#endif  // WAYMARK_COMMON_SERVER_SERVER_H_
