#include "common/server/server.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/access/token.h"
#include "common/civil/civil.h"
#include "common/crypto/key_provider.h"
#include "common/crypto/pseudonymiser.h"
#include "common/db/database.h"
#include "common/db/migrate.h"
#include "common/log/log.h"
#include "common/log/log_grpc.h"
#include "common/metrics/metrics.h"
#include "common/rpc/client.h"
#include "common/rpc/workers.h"
#include "common/server/certificates.h"
#include "common/server/doorway.h"
#include "common/server/flags.h"
#include "common/status/status.h"

namespace waymark::server {
namespace {

// Calls that wait, for each worker: long enough for a burst, short enough that what waits is young.
constexpr int kQueuePerWorker = 8;
constexpr int kMostCallsPerConnection = 256;

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file.good()) {
    return status::FailedPrecondition("FILE_UNREADABLE", absl::StrCat("Cannot read ", path, "."));
  }
  return std::string(absl::StripAsciiWhitespace(text.str()));
}

// Whoever waits for the file never reads half of it.
absl::Status WritePort(const std::string& path, int port) {
  if (path.empty()) return absl::OkStatus();
  const std::string fresh = path + ".new";
  std::ofstream file(fresh);
  file << port << "\n";
  file.close();
  if (!file.good() || std::rename(fresh.c_str(), path.c_str()) != 0) {
    return status::FailedPrecondition("FILE_UNWRITABLE", absl::StrCat("Cannot write ", path, "."));
  }
  return absl::OkStatus();
}

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const Options& options) {
  const std::string& folder = options.certificates;
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      folder + "/tls.key", folder + "/tls.crt", folder + "/ca.crt",
      static_cast<unsigned>(
          std::max<int64_t>(1, absl::ToInt64Seconds(options.refresh_certificates))));
  grpc::experimental::TlsServerCredentialsOptions tls(provider);
  tls.watch_root_certs();
  tls.watch_identity_key_cert_pairs();
  tls.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  // gRPC 1.51 has no setter for it here; its own least version is TLS 1.2.
  return grpc::experimental::TlsServerCredentials(tls);
}

absl::Status CheckMethods(const google::protobuf::ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *service.method(i);
    if (method.client_streaming() && method.server_streaming()) {
      return status::FailedPrecondition(
          "METHOD_UNSUPPORTED",
          absl::StrCat(method.full_name(), " streams both ways: there is no corridor for it."));
    }
  }
  return absl::OkStatus();
}

// Linking the reflection library switches it on in every server of the process; this takes it out.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                  [](const std::unique_ptr<grpc::ServerBuilderPlugin>& plugin) {
                                    return plugin->name() == "proto_server_reflection";
                                  }),
                   plugins->end());
  }
};

}  // namespace

struct Server::State {
  explicit State(Options options) : options(std::move(options)) {}

  // Destroyed from the bottom up: the server before the rooms, the rooms before what they use.
  const Options options;
  std::string name;
  std::unique_ptr<clock::Clock> offset_clock;
  const clock::Clock* clinical_clock = &clock::Real();
  std::unique_ptr<crypto::FileKeyProvider> keys;
  std::optional<crypto::Pseudonymiser> pseudonymiser;
  std::unique_ptr<access::TokenVerifier> verifier;
  std::unique_ptr<db::Database> database;
  std::vector<db::SchemaRange> schema;
  absl::Mutex channels_mutex;
  std::map<std::string, std::shared_ptr<grpc::Channel>, std::less<>> channels
      ABSL_GUARDED_BY(channels_mutex);
  std::unique_ptr<rpc::Corridor> corridor;
  std::unique_ptr<Ground> ground;
  Parts parts;
  // Joined before the rooms go, after the server has no call left.
  std::unique_ptr<rpc::Workers> workers;
  std::vector<std::unique_ptr<Doorway>> doorways;
  std::unique_ptr<metrics::Exposer> exposer;
  std::unique_ptr<grpc::Server> server;
  std::vector<std::unique_ptr<DutyThread>> duties;
  std::atomic<bool> ready{false};
  std::atomic<bool> stopping{false};
  int port = 0;

  ~State() {
    workers.reset();
    while (!parts.held.empty()) parts.held.pop_back();
  }

  absl::Status Prepare(const Program& program);
  absl::Status Listen(const Program& program);
  absl::Status CheckReady();
  void TendPool() const;
  absl::Status TendHealth();
  absl::Status TendCertificates() const;
  absl::StatusOr<std::shared_ptr<grpc::Channel>> PeerChannel(absl::string_view service);
  void StartDuties();
};

absl::Status Server::State::Prepare(const Program& program) {
  name = program.name;
  schema = program.schema;
  civil::London();  // ends the process when zone data is missing
  ASSIGN_OR_RETURN(const CertificateFacts certificate,
                   CheckCertificates(options.certificates, absl::Now()));
  if (certificate.service != program.name) {
    return status::FailedPrecondition(
        "TLS_WRONG_IDENTITY", absl::StrCat("The certificate in ", options.certificates, " is for ",
                                           certificate.service, ", not for ", program.name, "."));
  }
  if (!options.clock_offset_file.empty()) {
    if (options.production) {
      return status::FailedPrecondition("OFFSET_CLOCK_REFUSED",
                                        "--clock-offset-file is refused with --production.");
    }
    ASSIGN_OR_RETURN(offset_clock, clock::OffsetClock::Open(options.clock_offset_file));
    clinical_clock = offset_clock.get();
  }
  if (!options.keys.empty()) {
    ASSIGN_OR_RETURN(keys, crypto::FileKeyProvider::Load(options.keys));
  }
  if (!options.pseudonym_key.empty()) {
    ASSIGN_OR_RETURN(const crypto::SecretBytes root, crypto::ReadKeyFile(options.pseudonym_key));
    ASSIGN_OR_RETURN(pseudonymiser,
                     crypto::Pseudonymiser::Create(root, "waymark", "access-log", {1}));
  }
  ASSIGN_OR_RETURN(
      verifier, access::TokenVerifier::Create(
                    {.jwks = options.jwks, .issuer = options.issuer, .audience = options.audience},
                    clock::Real()));
  if (!options.database_dsn_file.empty()) {
    ASSIGN_OR_RETURN(std::string dsn, ReadText(options.database_dsn_file));
    database = std::make_unique<db::Database>(
        db::DatabaseOptions{.dsn = crypto::SecretBytes(std::move(dsn)),
                            .pool_size = options.workers + options.background_connections,
                            .application_name = absl::StrCat("waymark-", program.name)});
  }
  workers = std::make_unique<rpc::Workers>(options.workers, options.workers * kQueuePerWorker);
  rpc::Corridor::Options corridor_options = {.service = program.name,
                                             .discreet = program.discreet,
                                             .verifier = verifier.get(),
                                             .workers = workers.get(),
                                             .clinical_clock = clinical_clock,
                                             .real_clock = &clock::Real()};
  if (pseudonymiser.has_value()) {
    corridor_options.pseudonym = [this](absl::string_view tenant, absl::string_view actor) {
      return pseudonymiser->Token("actor", absl::StrCat(tenant, "/", actor));
    };
  }
  corridor = std::make_unique<rpc::Corridor>(std::move(corridor_options));
  ground = std::make_unique<Ground>(
      Ground{.options = options,
             .corridor = *corridor,
             .clock = *clinical_clock,
             .real_clock = clock::Real(),
             .database = database.get(),
             .keys = keys.get(),
             .peer = [this](absl::string_view service) { return PeerChannel(service); }});
  ASSIGN_OR_RETURN(parts, program.assemble(*ground));
  // A schema outside our range is a reason not to start; a database that is away is not.
  if (absl::Status status = CheckReady(); !status.ok()) {
    if (status.code() == absl::StatusCode::kFailedPrecondition) return status;
    log::Warning("not ready yet", {{"reason", status::Reason(status)}});
  } else {
    ready = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Server::State::PeerChannel(
    absl::string_view service) {
  absl::MutexLock lock(&channels_mutex);
  if (const auto found = channels.find(service); found != channels.end()) return found->second;
  const auto target = options.peers.find(std::string(service));
  if (target == options.peers.end()) {
    return status::FailedPrecondition("PEER_NOT_CONFIGURED",
                                      absl::StrCat("Name it with --peer ", service, "=host:port."));
  }
  auto channel = rpc::Connect({.target = target->second,
                               .certificates = options.certificates,
                               .peer = std::string(service),
                               .refresh_certificates = options.refresh_certificates});
  channels.emplace(std::string(service), channel);
  return channel;
}

absl::Status Server::State::CheckReady() {
  if (database != nullptr) {
    const absl::Time deadline = absl::Now() + absl::Seconds(2);
    RETURN_IF_ERROR(database->Ping(deadline));
    if (!schema.empty()) RETURN_IF_ERROR(db::CheckSchema(*database, deadline, schema));
  }
  for (const Check& check : parts.checks) {
    if (absl::Status status = check.ready(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Server::State::TendHealth() {
  absl::Status status = CheckReady();
  if (!stopping && ready.exchange(status.ok()) != status.ok()) {
    server->GetHealthCheckService()->SetServingStatus(status.ok());
    log::Info(status.ok() ? log::Literal("serving") : log::Literal("not serving"),
              {{"reason", status::Reason(status)}});
  }
  return status;
}

void Server::State::TendPool() const {
  if (database == nullptr) return;
  static const metrics::Gauge open = metrics::Default().GetGauge(
      "waymark_database_connections_open", "Connections to PostgreSQL.");
  static const metrics::Gauge idle = metrics::Default().GetGauge(
      "waymark_database_connections_idle", "Connections that nobody uses.");
  static const metrics::Gauge waiting = metrics::Default().GetGauge(
      "waymark_database_connections_awaited", "Callers that wait for a connection.");
  const db::PoolState pool = database->pool();
  open.Set(pool.open);
  idle.Set(pool.idle);
  waiting.Set(pool.waiting);
}

// A pair that does not match fails every new handshake until it is repaired, so it is found here
// and not by the clients.
absl::Status Server::State::TendCertificates() const {
  ASSIGN_OR_RETURN(const CertificateFacts facts,
                   CheckCertificates(options.certificates, absl::Now()));
  metrics::Default()
      .GetGauge("waymark_certificate_expiry_seconds", "Unix time at which our certificate ends.",
                {{"service", name}})
      .Set(static_cast<double>(absl::ToUnixSeconds(facts.not_after)));
  return absl::OkStatus();
}

absl::Status Server::State::Listen(const Program& program) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  if (options.production) builder.SetOption(std::make_unique<WithoutReflection>());
  builder.AddListeningPort(options.listen, MakeCredentials(options), &port);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostCallsPerConnection);
  // A live connection keeps the certificate it began with; this bounds how long.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 30 * 60 * 1000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 60 * 1000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30 * 1000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 2 * 60 * 1000);
  // gRPC unpacks a message before it asks how large it is: a few megabytes could become gigabytes.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  // Two processes on one port would share its calls by chance.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  for (const Exposed& exposed : parts.services) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(exposed.name);
    if (descriptor == nullptr) {
      return status::FailedPrecondition("SERVICE_UNKNOWN",
                                        absl::StrCat(exposed.name, " is not linked."));
    }
    RETURN_IF_ERROR(CheckMethods(*descriptor));
    doorways.push_back(std::make_unique<Doorway>(*descriptor, exposed.service));
    builder.RegisterService(doorways.back().get());
  }
  server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return status::FailedPrecondition("LISTEN_FAILED",
                                      absl::StrCat("Cannot listen on ", options.listen, "."));
  }
  server->GetHealthCheckService()->SetServingStatus(ready);
  if (!options.metrics.empty()) {
    ASSIGN_OR_RETURN(exposer, metrics::Exposer::Start(options.metrics));
    RETURN_IF_ERROR(WritePort(options.metrics_port_file, exposer->port()));
  }
  StartDuties();
  RETURN_IF_ERROR(WritePort(options.port_file, port));
  log::Info("listening", {{"port", port}, {"service_name", program.name}});
  return absl::OkStatus();
}

void Server::State::StartDuties() {
  std::vector<Duty> all = parts.duties;
  const auto add = [&all](std::string name, absl::Duration interval,
                          std::function<absl::Status()> run_once) {
    all.push_back({.name = std::move(name), .interval = interval, .run_once = std::move(run_once)});
  };
  add("streams", absl::Seconds(1), [this] {
    corridor->TendStreams();
    TendPool();
    return absl::OkStatus();
  });
  add("health", absl::Seconds(2), [this] { return TendHealth(); });
  add("token-keys", absl::Minutes(10), [this] { return verifier->Refresh(); });
  add("certificates", std::max(options.refresh_certificates, absl::Seconds(10)),
      [this] { return TendCertificates(); });
  if (keys != nullptr) {
    add("data-keys", absl::Minutes(1), [this] { return keys->Reload(); });
  }
  for (Duty& duty : all) duties.push_back(std::make_unique<DutyThread>(std::move(duty)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { Stop(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Program& program, Options options) {
  std::unique_ptr<Server> server(new Server(std::make_unique<State>(std::move(options))));
  RETURN_IF_ERROR(server->state_->Prepare(program));
  RETURN_IF_ERROR(server->state_->Listen(program));
  return server;
}

int Server::port() const { return state_->port; }

rpc::Corridor& Server::corridor() { return *state_->corridor; }

void Server::Stop() {
  if (state_->stopping.exchange(true)) return;
  if (state_->server == nullptr) return;
  log::Info("stopping");
  state_->server->GetHealthCheckService()->Shutdown();
  absl::SleepFor(state_->options.drain_pause);
  for (auto& duty : state_->duties) duty.reset();
  state_->corridor->DrainStreams();
  // Without a deadline an open Health.Watch would hold this for ever.
  state_->server->Shutdown(absl::ToChronoTime(absl::Now() + state_->options.stop_within));
  state_->server->Wait();
  state_->workers.reset();
  state_->server.reset();
  log::Info("stopped");
}

int Main(int argc, char** argv, const Program& program) {
  // Before any thread is made, so that every thread inherits it and only sigwait gets the signal.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  Options options;
  if (const std::optional<int> code = ParseFlags(argc, argv, program, options); code.has_value()) {
    return *code;
  }
  log::Configure(program.name);
  log::RouteGrpcLog();
  // Debian's Abseil keeps a global graph of every mutex of the process, gRPC's too, to find
  // deadlocks. Tests keep it; here it cost a tenth of all CPU time (measured).
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(program, std::move(options));
  if (!server.ok()) {
    // For the person at the terminal; the reason is what a script looks for.
    std::cerr << "waymark-" << program.name << ": " << server.status().message() << " ["
              << status::Reason(server.status()) << "]\n";
    return 1;
  }
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  // A second signal ends the process at once.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*server)->Stop();
  return 0;
}

}  // namespace waymark::server
