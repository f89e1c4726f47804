#include "services/gateway/gateway.h"

#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/token.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/log/log.h"
#include "common/outbox/housekeeping.h"
#include "common/rpc/workers.h"
#include "common/status/status.h"
#include "services/casework/clients/trail.h"
#include "services/gateway/clients/workforce.h"
#include "services/gateway/draft_service.h"
#include "services/gateway/fhir.h"
#include "services/gateway/gateway_service.h"
#include "services/gateway/oidc.h"
#include "services/gateway/rest_door.h"
#include "services/gateway/rpc_door.h"
#include "services/gateway/scim.h"
#include "services/gateway/sign_in.h"
#include "services/gateway/static_files.h"
#include "services/gateway/store.h"

namespace waymark::gateway {
namespace {

// Sign-ins wait for a provider on the other side of the country; calls do not wait behind them.
constexpr int kSignInThreads = 4;
constexpr int kSignInQueue = 64;
constexpr int kQueuePerWorker = 32;

// No script, style, frame or connection but our own, and nothing inline: text that somebody put
// into a field cannot run, and a page that got in cannot send anything away.
constexpr char kContentSecurityPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

Headers SecurityHeaders() {
  return {{"strict-transport-security", "max-age=63072000; includeSubDomains"},
          {"content-security-policy", kContentSecurityPolicy},
          {"x-content-type-options", "nosniff"},
          {"x-frame-options", "DENY"},
          {"referrer-policy", "same-origin"},
          {"cross-origin-opener-policy", "same-origin"},
          {"cross-origin-resource-policy", "same-origin"},
          {"permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"}};
}

const std::vector<server::Flag>& Flags() {
  static const auto* const flags = new std::vector<server::Flag>{
      {"http-listen", "IP address and port that browsers reach; port 0 takes a free one.",
       "127.0.0.1:0"},
      {"http-port-file", "Write the port that was bound to this file.", ""},
      {"http-certificates",
       "Folder with tls.crt (the chain) and tls.key that browsers see; --certificates without it.",
       ""},
      {"public-url", "The one address of this site, https://host[:port].", ""},
      {"console", "Folder of the console's files.", ""},
      {"identity", "File that describes the identity providers.", ""},
      {"token-key", "File of the private JWK that signs what back ends are shown.", ""},
      {"session-idle-minutes", "A session that is not used ends after this.", "20"},
      {"session-hours", "Any session ends after this.", "10"},
  };
  return *flags;
}

std::string Own(const server::Options& options, absl::string_view name) {
  const auto given = options.own.find(std::string(name));
  if (given != options.own.end()) return given->second;
  for (const server::Flag& flag : Flags()) {
    if (flag.name == name) return flag.standard;
  }
  return "";
}

absl::Status BadFlag(absl::string_view what) {
  return status::FailedPrecondition("FLAG_INVALID", what);
}

absl::StatusOr<std::string> ReadFile(const std::string& path, bool secret) {
  struct stat facts = {};
  if (stat(path.c_str(), &facts) != 0) {
    return status::FailedPrecondition("FILE_UNREADABLE", absl::StrCat("Cannot read ", path, "."));
  }
  if (secret && (facts.st_mode & 077) != 0) {
    return status::FailedPrecondition("KEY_FILE_MODE",
                                      absl::StrCat(path, " can be read by others than its owner."));
  }
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

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

absl::StatusOr<SessionOptions> SessionOptionsOf(const GatewaySetup& setup,
                                                const server::Options& options) {
  SessionOptions sessions = setup.sessions;
  int minutes = 0;
  int hours = 0;
  if (!absl::SimpleAtoi(Own(options, "session-idle-minutes"), &minutes) || minutes < 1 ||
      !absl::SimpleAtoi(Own(options, "session-hours"), &hours) || hours < 1 || hours > 24) {
    return BadFlag("--session-idle-minutes is at least 1, --session-hours is 1 to 24.");
  }
  sessions.idle = absl::Minutes(minutes);
  sessions.longest = absl::Hours(hours);
  sessions.issuer = options.issuer;
  sessions.audience = options.audience;
  return sessions;
}

// Everything of the gateway that outlives a request, in the order it is built.
struct Rooms {
  Rooms(server::Ground& ground, const GatewaySetup& setup, SessionOptions session_options,
        crypto::Pseudonymiser pseudonymiser, SigningKey key,
        std::shared_ptr<grpc::Channel> audit_channel)
      : clock(setup.clock == nullptr ? ground.real_clock : *setup.clock),
        methods(setup.apis),
        tenants(*ground.database),
        store(*ground.database, *ground.keys),
        trail("gateway", *ground.database, tenants, *ground.keys, ground.real_clock,
              std::move(audit_channel)),
        sessions(std::move(session_options), store, trail, std::move(pseudonymiser), std::move(key),
                 clock),
        forwarder(ground.peer),
        housekeeper(*ground.database, tenants),
        blocking(ground.options.workers, ground.options.workers * kQueuePerWorker),
        signing_in(kSignInThreads, kSignInQueue) {
    trail.Start();
  }

  // Streams first, then what waits for an answer, then the network: an exchange that is still held
  // somewhere posts to it.
  ~Rooms() {
    trail.Stop();
    if (door != nullptr) door->Drain();
    if (http != nullptr) http->Retire();
    forwarder.reset();
    http.reset();
  }

  void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange);

  const clock::Clock& clock;
  const Methods methods;
  db::Tenants tenants;
  store::Store store;
  casework::AuditTrail trail;
  Sessions sessions;
  std::unique_ptr<access::TokenVerifier> verifier;
  std::optional<Forwarder> forwarder;
  SignIn::OwnRecord own_record;
  std::unique_ptr<SignIn> sign_in;
  std::unique_ptr<RpcDoor> door;
  // For other systems, each by its standard.
  std::vector<std::unique_ptr<RestDoor>> rest;
  StaticFiles files;
  std::string public_url;
  std::string host;
  outbox::Housekeeper housekeeper;
  // Joined before what they use goes.
  rpc::Workers blocking;
  rpc::Workers signing_in;
  std::unique_ptr<HttpServer> http;
};

HttpResponse Plain(int status, absl::string_view text) {
  return {.status = status,
          .headers = {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
          .body = absl::StrCat(text, "\n")};
}

void Rooms::Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) {
  // For a load balancer, which knows no name.
  if (request.path == "/healthz") return exchange->Respond(Plain(200, "ok"));
  // Any other name is another site that points here, and its pages are not ours.
  if (request.Header("host") != host) {
    return exchange->Respond(Plain(421, "There is no such site here."));
  }
  if (door->Serves(request.path)) return door->Handle(std::move(request), std::move(exchange));
  for (const auto& system : rest) {
    if (system->Serves(request.path)) {
      return system->Handle(std::move(request), std::move(exchange));
    }
  }
  if (absl::StartsWith(request.path, "/auth/")) {
    auto shared = std::make_shared<HttpRequest>(std::move(request));
    if (!signing_in.TrySubmit(
            [this, shared, exchange] { exchange->Respond(sign_in->Handle(*shared)); })) {
      exchange->Respond(ErrorResponse(status::WithRetryAfter(
          status::ResourceExhausted("SIGN_IN_BUSY", "Many people are signing in. Try again."),
          absl::Seconds(2))));
    }
    return;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return exchange->Respond(
        {.status = 405, .headers = {{"allow", "GET, HEAD"}, {"cache-control", "no-store"}}});
  }
  if (request.path == "/.well-known/waymark-jwks.json") {
    HttpResponse response = JsonResponse(sessions.jwks());
    return exchange->Respond(std::move(response));
  }
  exchange->Respond(files.Get(request));
}

absl::Status Open(Rooms& rooms, const GatewaySetup& setup, const server::Options& options) {
  IdentityConfig identity;
  if (const std::string file = Own(options, "identity"); !file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file, /*secret=*/false));
    ASSIGN_OR_RETURN(identity, ParseIdentityConfig(text, options.production));
  } else if (options.production) {
    return BadFlag("--production needs --identity: nobody could sign in.");
  }
  ASSIGN_OR_RETURN(rooms.verifier, access::TokenVerifier::Create({.jwks = options.jwks,
                                                                  .issuer = options.issuer,
                                                                  .audience = options.audience},
                                                                 clock::Real()));
  if (const std::string console = Own(options, "console"); !console.empty()) {
    ASSIGN_OR_RETURN(rooms.files, StaticFiles::Load(console));
  }
  HttpOptions http = setup.http;
  http.listen = Own(options, "http-listen");
  http.certificates = Own(options, "http-certificates");
  if (http.certificates.empty()) http.certificates = options.certificates;
  http.common_headers = SecurityHeaders();
  ASSIGN_OR_RETURN(rooms.http, HttpServer::Listen(std::move(http)));

  rooms.public_url = Own(options, "public-url");
  if (rooms.public_url.empty() && !options.production) {
    rooms.public_url = absl::StrCat("https://localhost:", rooms.http->port());
  }
  constexpr absl::string_view kHttps = "https://";
  if (!absl::StartsWith(rooms.public_url, kHttps) ||
      absl::StrContains(rooms.public_url.substr(kHttps.size()), "/")) {
    return BadFlag("--public-url is https://host[:port] and no more.");
  }
  rooms.host = rooms.public_url.substr(kHttps.size());

  std::vector<std::unique_ptr<OidcClient>> providers;
  for (Provider& provider : identity.providers) {
    ASSIGN_OR_RETURN(
        auto client,
        OidcClient::Create(std::move(provider), absl::StrCat(rooms.public_url, "/auth/callback"),
                           identity.development, clock::Real()));
    providers.push_back(std::move(client));
  }
  rooms.sign_in = std::make_unique<SignIn>(rooms.public_url, std::move(providers), rooms.store,
                                           rooms.sessions, rooms.clock, rooms.own_record);
  rooms.door = std::make_unique<RpcDoor>(DoorOptions{.public_url = rooms.public_url}, rooms.methods,
                                         rooms.sessions, *rooms.verifier, *rooms.forwarder,
                                         rooms.blocking, clock::Real());
  for (RestStandard standard : {Scim(), Fhir()}) {
    rooms.rest.push_back(std::make_unique<RestDoor>(std::move(standard), rooms.public_url,
                                                    *rooms.verifier, *rooms.forwarder,
                                                    rooms.blocking, clock::Real()));
  }
  rooms.sessions.OnEnded([&rooms](const std::string& key) { rooms.door->EndStreamsOf(key); });
  rooms.http->Serve([&rooms](HttpRequest request, std::shared_ptr<Exchange> exchange) {
    rooms.Handle(std::move(request), std::move(exchange));
  });
  return WritePort(Own(options, "http-port-file"), rooms.http->port());
}

std::vector<server::Duty> DutiesOf(const std::shared_ptr<Rooms>& rooms,
                                   const server::Options& options) {
  const auto deadline = [] { return absl::Now() + absl::Seconds(10); };
  return {{.name = "watch-sessions",
           .interval = rooms->sessions.options().believed_for,
           .run_once = [rooms, deadline] { return rooms->door->TendStreams(deadline()); }},
          {.name = "purge-sessions",
           .interval = absl::Minutes(1),
           .run_once = [rooms, deadline]() -> absl::Status {
             ASSIGN_OR_RETURN(const auto tenants, rooms->tenants.All(deadline()));
             return rooms->sessions.Tend(deadline(), tenants);
           }},
          {.name = "purge-drafts",
           .interval = absl::Hours(1),
           .run_once = [rooms, deadline]() -> absl::Status {
             ASSIGN_OR_RETURN(const auto tenants, rooms->tenants.All(deadline()));
             for (const std::string& tenant : tenants) {
               RETURN_IF_ERROR(rooms->store.PurgeDrafts(deadline(), tenant, rooms->clock.Now()));
             }
             return absl::OkStatus();
           }},
          {.name = "check-providers",
           .interval = absl::Minutes(1),
           .run_once = [rooms] { return rooms->sign_in->CheckProviders(); }},
          {.name = "reconcile",
           .interval = absl::Hours(1),
           .run_once = [rooms] { return rooms->trail.Reconcile(); }},
          {.name = "bearer-keys",
           .interval = absl::Minutes(10),
           .run_once = [rooms] { return rooms->verifier->Refresh(); }},
          {.name = "https-certificates",
           .interval = std::max(options.refresh_certificates, absl::Seconds(1)),
           .run_once = [rooms] { return rooms->http->ReloadCertificates(); }}};
}

absl::StatusOr<server::Parts> Assemble(server::Ground& ground, const GatewaySetup& setup) {
  const server::Options& options = ground.options;
  if (ground.database == nullptr || ground.keys == nullptr || options.pseudonym_key.empty() ||
      Own(options, "token-key").empty()) {
    return status::FailedPrecondition(
        "FLAG_MISSING",
        "waymark-gateway needs --database-dsn-file, --keys, --pseudonym-key and --token-key.");
  }
  ASSIGN_OR_RETURN(SessionOptions session_options, SessionOptionsOf(setup, options));
  ASSIGN_OR_RETURN(const crypto::SecretBytes root, crypto::ReadKeyFile(options.pseudonym_key));
  ASSIGN_OR_RETURN(crypto::Pseudonymiser pseudonymiser,
                   crypto::Pseudonymiser::Create(root, "waymark", "gateway-session", {1}));
  ASSIGN_OR_RETURN(const std::string jwk, ReadFile(Own(options, "token-key"), /*secret=*/true));
  ASSIGN_OR_RETURN(SigningKey key, SigningKey::FromJwk(jwk));
  ASSIGN_OR_RETURN(crypto::Pseudonymiser draft_pseudonymiser,
                   crypto::Pseudonymiser::Create(root, "waymark", "gateway-draft", {1}));
  absl::StatusOr<std::shared_ptr<grpc::Channel>> audit = ground.peer("audit");
  if (!audit.ok()) {
    // Who signed in would be written down and never arrive.
    if (options.production) return audit.status();
    log::Warning("no audit service: sign-ins stay in the outbox");
    audit = nullptr;
  }
  auto rooms = std::make_shared<Rooms>(ground, setup, std::move(session_options),
                                       std::move(pseudonymiser), std::move(key), *std::move(audit));
  if (auto workforce = ground.peer("workforce"); workforce.ok()) {
    rooms->own_record = [channel = *std::move(workforce)](absl::Time deadline,
                                                          const std::string& tenant,
                                                          const std::string& user_id) {
      return SubjectOf(channel, deadline, tenant, user_id);
    };
  } else {
    log::Warning("no workforce service: staff are kept from their own case only by the provider");
  }
  RETURN_IF_ERROR(Open(*rooms, setup, options));
  return server::Parts{.services = {MakeGatewayService(ground.corridor, rooms->sessions),
                                    MakeDraftService(ground.corridor, rooms->store,
                                                     std::move(draft_pseudonymiser), rooms->clock)},
                       .duties = DutiesOf(rooms, options),
                       .held = {rooms}};
}

}  // namespace

db::SchemaRange Schema() { return {.line = "gateway", .current = 2, .min_compatible = 2}; }

server::Program GatewayProgram(GatewaySetup setup) {
  return {.name = "gateway",
          .about = "The door for browsers: the console, sign-in, and every RPC over HTTPS.",
          .flags = Flags(),
          .schema = {db::CommonSchema(), Schema()},
          .assemble = [setup = std::move(setup)](server::Ground& ground) {
            return Assemble(ground, setup);
          }};
}

}  // namespace waymark::gateway
