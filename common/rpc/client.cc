#include "common/rpc/client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_context.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_grpc.h"

namespace waymark::rpc {

namespace experimental = grpc::experimental;

namespace {

// The chain has been verified against our authority by then; this asks who it is. Host names say
// nothing here: a service is its SPIFFE id wherever it runs.
class SpiffeVerifier : public experimental::ExternalCertificateVerifier {
 public:
  explicit SpiffeVerifier(const std::string& peer) : id_(absl::StrCat("spiffe://waymark/", peer)) {}

  bool Verify(experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>, grpc::Status* answer) override {
    const std::vector<grpc::string_ref> names = request->uri_names();
    *answer = names.size() == 1 && names[0] == id_
                  ? grpc::Status::OK
                  : grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                 "the server's certificate names another service");
    return true;
  }
  void Cancel(experimental::TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::string id_;
};

// Retrying is safe because what changes something is idempotent by its request or event id. Only
// UNAVAILABLE: the call was refused before, or its outcome is in doubt.
constexpr char kServiceConfig[] = R"json({
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 4, "initialBackoff": "0.05s", "maxBackoff": "1s", "backoffMultiplier": 3,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
})json";

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const Peer& peer) {
  auto provider = std::make_shared<experimental::FileWatcherCertificateProvider>(
      peer.certificates + "/tls.key", peer.certificates + "/tls.crt", peer.certificates + "/ca.crt",
      static_cast<unsigned>(absl::ToInt64Seconds(peer.refresh_certificates)));
  experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(true);
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      experimental::ExternalCertificateVerifier::Create<SpiffeVerifier>(peer.peer));
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  // A peer that restarts is found again within seconds, not minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  // Notices a peer that vanished while a stream was open. Servers allow this often.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  const std::string target =
      absl::StrContains(peer.target, ":///") || absl::StartsWith(peer.target, "unix:")
          ? peer.target
          : absl::StrCat("dns:///", peer.target);
  return grpc::CreateCustomChannel(target, experimental::TlsCredentials(options), arguments);
}

std::unique_ptr<grpc::ClientContext> MakeContext(const Outgoing& outgoing) {
  // A context made plainly inside a handler has no deadline and outlives a client that has gone.
  std::unique_ptr<grpc::ClientContext> context =
      outgoing.parent != nullptr && outgoing.parent->context != nullptr
          ? grpc::ClientContext::FromCallbackServerContext(*outgoing.parent->context)
          : std::make_unique<grpc::ClientContext>();
  if (outgoing.deadline != absl::InfiniteFuture()) {
    context->set_deadline(absl::ToChronoTime(outgoing.deadline));
  }
  if (!outgoing.token.empty()) {
    context->AddMetadata("authorization", absl::StrCat("Bearer ", outgoing.token));
  }
  return context;
}

absl::Status Invoke(const Outgoing& outgoing,
                    absl::FunctionRef<grpc::Status(grpc::ClientContext*)> call) {
  const std::unique_ptr<grpc::ClientContext> context = MakeContext(outgoing);
  return status::FromGrpc(call(context.get()));
}

}  // namespace waymark::rpc
