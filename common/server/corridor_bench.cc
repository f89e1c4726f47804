// What the corridor costs: the same echo bare on gRPC's callback server and behind the corridor, 16
// callers over mutual TLS, client and server in one process, alternating in one run.
//
//   corridor_bench [seconds a round] 2>/dev/null
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/rpc/client.h"
#include "common/server/server.h"
#include "common/server/testing/echo.h"
#include "common/server/testing/pki.h"
#include "common/status/status_grpc.h"

namespace waymark::server {
namespace {

namespace v1 = testing::v1;

constexpr int kCallers = 16;

class BareEcho final : public v1::EchoService::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const v1::EchoRequest* request,
                                 v1::EchoResponse* response) override {
    response->set_text(request->text());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct Figures {
  double calls_a_second;
  double cpu_us_a_call;
  double p50_us;
  double p99_us;
};

Figures Measure(testing::Surroundings& surroundings, int port, const std::string& token,
                absl::Duration length) {
  std::vector<std::vector<double>> latencies(kCallers);
  std::atomic<bool> failed = false;
  const auto stub = v1::EchoService::NewStub(surroundings.Channel("cli", port, "bbv"));
  const absl::Time start = absl::Now();
  const double cpu = CpuSeconds();
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      v1::EchoRequest request;
      request.set_text(std::string(200, 'x'));
      while (absl::Now() - start < length) {
        v1::EchoResponse response;
        const absl::Time before = absl::Now();
        const absl::Status status = rpc::Invoke(
            {.deadline = before + absl::Seconds(10), .token = token},
            [&](grpc::ClientContext* context) { return stub->Echo(context, request, &response); });
        if (!status.ok()) failed = true;
        latencies[i].push_back(absl::ToDoubleMicroseconds(absl::Now() - before));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  if (failed) std::abort();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  std::vector<double> all;
  for (const auto& one : latencies) all.insert(all.end(), one.begin(), one.end());
  std::sort(all.begin(), all.end());
  const double calls = static_cast<double>(all.size());
  return {calls / seconds, (CpuSeconds() - cpu) / calls * 1e6, all[all.size() / 2],
          all[all.size() * 99 / 100]};
}

void Print(const char* name, std::vector<Figures> rounds) {
  std::sort(rounds.begin(), rounds.end(),
            [](const Figures& a, const Figures& b) { return a.calls_a_second < b.calls_a_second; });
  const Figures& median = rounds[rounds.size() / 2];
  std::printf("%-10s %9.0f calls/s %7.1f us CPU a call %7.0f us p50 %7.0f us p99\n", name,
              median.calls_a_second, median.cpu_us_a_call, median.p50_us, median.p99_us);
}

int Bench(absl::Duration length) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as server::Main does
  testing::Surroundings surroundings;
  const testing::Authority::Files files = surroundings.authority().Issue("bbv");
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = files.authority;
  tls.pem_key_cert_pairs.push_back({files.key, files.certificate});
  BareEcho bare;
  int bare_port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &bare_port);
  builder.RegisterService(&bare);
  const std::unique_ptr<grpc::Server> bare_server = builder.BuildAndStart();

  Options options = surroundings.OptionsFor("bbv");
  options.workers = kCallers;
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start({.name = "bbv",
                     .assemble = [](Ground& ground) -> absl::StatusOr<Parts> {
                       return Parts{.services = {Expose<v1::EchoService>(
                                        std::make_shared<testing::EchoServer>(ground.corridor))}};
                     }},
                    options);
  if (!server.ok()) return 1;
  const std::string token = surroundings.TokenFor({"OH_NURSE"});
  std::vector<Figures> bare_rounds;
  std::vector<Figures> corridor_rounds;
  for (int round = 0; round < 5; ++round) {
    bare_rounds.push_back(Measure(surroundings, bare_port, token, length));
    corridor_rounds.push_back(Measure(surroundings, (*server)->port(), token, length));
  }
  Print("bare", bare_rounds);
  Print("corridor", corridor_rounds);
  return 0;
}

}  // namespace
}  // namespace waymark::server

int main(int argc, char** argv) {
  return waymark::server::Bench(absl::Seconds(argc > 1 ? std::atof(argv[1]) : 3));
}
