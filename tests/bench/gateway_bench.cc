// The same RPC by gRPC and through the gateway, by 16 callers: the worklist of a force, over TLS,
// with a token. By gRPC they share a connection, as its clients do; by HTTP each has its own, as
// browsers do. The three take turns, so that all see the same machine; the last lines are the
// medians of the turns and how they stand to gRPC.
//
//   gateway_bench [seconds a turn, 4] [turns, 3] [callers, 16]
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/client.h"
#include "tests/harness/suite.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"

namespace waymark {
namespace {

struct Turn {
  double per_second = 0;
  double p50 = 0;
  double p99 = 0;
  int failed = 0;
};

// Calls what `caller(i)` returns again and again; it says whether it went well.
Turn Measure(int callers, absl::Duration length,
             const std::function<std::function<bool()>(int)>& caller) {
  std::vector<std::vector<double>> taken(callers);
  std::vector<std::function<bool()>> calls;
  for (int i = 0; i < callers; ++i) calls.push_back(caller(i));
  std::atomic<int> failed = 0;
  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      while (absl::Now() < start + length) {
        const absl::Time begin = absl::Now();
        if (!calls[i]() && failed++ > 100) return;
        taken[i].push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<double> all;
  for (const auto& some : taken) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  if (all.empty()) return {.failed = failed};
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return {.per_second = static_cast<double>(all.size()) / seconds,
          .p50 = all[all.size() / 2],
          .p99 = all[all.size() * 99 / 100],
          .failed = failed};
}

// One connection that is kept, as a browser keeps its own.
class Connection {
 public:
  Connection(int port, std::string request) : request_(std::move(request)) {
    const int socket_number = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    setsockopt(socket_number, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    (void)connect(socket_number, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    static SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, socket_number);
    (void)SSL_connect(ssl_);
  }

  bool Call() {
    if (SSL_write(ssl_, request_.data(), static_cast<int>(request_.size())) <= 0) return false;
    std::string answer;
    std::array<char, 16384> piece;
    for (;;) {
      const int count = SSL_read(ssl_, piece.data(), static_cast<int>(piece.size()));
      if (count <= 0) return false;
      answer.append(piece.data(), count);
      const size_t end = answer.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const size_t at = answer.find("content-length: ");
      size_t size = 0;
      if (at == std::string::npos ||
          !absl::SimpleAtoi(answer.substr(at + 16, answer.find('\r', at) - at - 16), &size)) {
        return false;
      }
      if (answer.size() >= end + 4 + size) return absl::StartsWith(answer, "HTTP/1.1 200");
    }
  }

 private:
  const std::string request_;
  SSL* ssl_ = nullptr;
};

int Argument(int argc, char** argv, int index, int standard) {
  int value = standard;
  if (argc > index && !absl::SimpleAtoi(argv[index], &value)) std::exit(2);
  return value;
}

int Run(int argc, char** argv) {
  const absl::Duration length = absl::Seconds(Argument(argc, argv, 1, 4));
  const int turns = Argument(argc, argv, 2, 3);
  const int callers = Argument(argc, argv, 3, 16);
  std::signal(SIGPIPE, SIG_IGN);
  auto suite =
      harness::Suite::Start({.durable = true, .services = {"audit", "scheduling", "gateway"}});
  if (!suite.ok()) {
    std::fprintf(stderr, "%s\n", suite.status().ToString().c_str());
    return 1;
  }
  int port = 0;
  std::ifstream((*suite)->folder() + "/gateway.http") >> port;
  const std::string token = (*suite)->Token();
  const auto stub =
      scheduling::v1::SchedulingService::NewStub((*suite)->Connect("scheduling", "gateway"));
  const auto by_grpc = [&](int) {
    return [&] {
      scheduling::v1::ListWorklistResponse response;
      return rpc::Invoke({.deadline = absl::Now() + absl::Seconds(20), .token = token},
                         [&](grpc::ClientContext* context) {
                           return stub->ListWorklist(context, {}, &response);
                         })
          .ok();
    };
  };
  const auto by_http = [&](const char* type, const std::string& body) {
    return [&, type, body](int) {
      auto connection = std::make_shared<Connection>(
          port,
          absl::StrCat("POST /waymark.scheduling.v1.SchedulingService/ListWorklist HTTP/1.1\r\n",
                       "Host: localhost:", port, "\r\nAuthorization: Bearer ", token,
                       "\r\nContent-Type: ", type, "\r\nContent-Length: ", body.size(), "\r\n\r\n",
                       body));
      return [connection] { return connection->Call(); };
    };
  };
  std::printf("%-24s %10s %8s %8s\n", "", "calls/s", "p50 ms", "p99 ms");
  int failed = 0;
  std::vector<std::pair<const char*, std::vector<Turn>>> measured;
  for (int turn = 0; turn < turns; ++turn) {
    const std::vector<std::pair<const char*, std::function<std::function<bool()>(int)>>> ways = {
        {"gRPC", by_grpc},
        {"gateway, binary", by_http("application/proto", "")},
        {"gateway, JSON", by_http("application/json", "{}")}};
    for (size_t i = 0; i < ways.size(); ++i) {
      const auto& [name, way] = ways[i];
      const Turn result = Measure(callers, length, way);
      if (measured.size() <= i) measured.push_back({name, {}});
      measured[i].second.push_back(result);
      std::printf("%-24s %10.0f %8.2f %8.2f%s\n", name, result.per_second, result.p50, result.p99,
                  result.failed > 0 ? absl::StrCat("  failed: ", result.failed).c_str() : "");
      failed += result.failed;
    }
  }
  const auto median = [](std::vector<Turn> results, double Turn::*figure) {
    std::sort(results.begin(), results.end(),
              [&](const Turn& a, const Turn& b) { return a.*figure < b.*figure; });
    return results.empty() ? 0.0 : results[results.size() / 2].*figure;
  };
  std::printf("\n%-24s %10s %8s %22s\n", "median of the turns", "calls/s", "p99 ms",
              "of gRPC: calls/s, p99");
  const double grpc_rate = median(measured[0].second, &Turn::per_second);
  const double grpc_p99 = median(measured[0].second, &Turn::p99);
  for (const auto& [name, results] : measured) {
    const double rate = median(results, &Turn::per_second);
    const double p99 = median(results, &Turn::p99);
    std::printf("%-24s %10.0f %8.2f %14.2f %7.2f\n", name, rate, p99, rate / grpc_rate,
                p99 / grpc_p99);
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace waymark

int main(int argc, char** argv) { return waymark::Run(argc, argv); }
