#include "tests/harness/suite.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/access/development_token.h"
#include "common/clock/clock.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "common/testing/test_signal.h"
#include "tools/services/services.h"

namespace waymark::harness {
namespace {

constexpr absl::string_view kIssuer = "https://waymark.test";
constexpr absl::Duration kHealthyWithin = absl::Seconds(30);

absl::Status Failed(absl::string_view why) { return status::Internal("TEST_SUITE", why); }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
  std::error_code error;
  std::filesystem::permissions(path, std::filesystem::perms(0600), error);
  return error ? Failed(absl::StrCat("cannot write ", path)) : absl::OkStatus();
}

// Nothing ever listens there: a peer that a test does without.
constexpr int kNobody = 1;

// Test programs are in <build>/tests, the services in <build>/bin.
std::string Program(const std::string& service) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  return absl::StrCat((self.parent_path().parent_path() / "bin" / "waymark-").string(), service);
}

pid_t Spawn(const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

int FreePort() {
  absl::BitGen random;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    // Below those that the kernel gives to clients, or a connection might take it meanwhile.
    const int port = absl::Uniform(random, 20000, 32000);
    // A name that ends with this process keeps it from the tests beside this one.
    const std::string name = absl::StrCat("waymark-test-port-", port);
    sockaddr_un kept{};
    kept.sun_family = AF_UNIX;
    name.copy(kept.sun_path + 1, sizeof(kept.sun_path) - 1);
    const int keeper = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool free = bind(keeper, reinterpret_cast<sockaddr*>(&kept), length) == 0 &&
                      bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    close(probe);
    if (free) return port;
    close(keeper);
  }
  return 0;
}

absl::StatusOr<std::unique_ptr<Suite>> Suite::Start(SuiteOptions options) {
  std::unique_ptr<Suite> suite(new Suite());
  suite->options_ = std::move(options);
  std::string pattern = (std::filesystem::temp_directory_path() / "waymark-suite-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return Failed("no temporary folder");
  suite->folder_ = pattern;

  std::string command = absl::StrCat("tools/dev/make-keys ", suite->folder_, " ",
                                     absl::StrJoin(suite->options_.services, " "), " cli gateway");
  if (std::system(command.c_str()) != 0) return Failed(absl::StrCat(command, " failed"));
  ASSIGN_OR_RETURN(suite->cluster_,
                   testing::PostgresCluster::Start({.durable = suite->options_.durable}));
  for (const std::string& service : suite->options_.services) {
    ASSIGN_OR_RETURN(const auto lines, tools::LinesOf(service, "."));
    // TestDatabase puts the common line first by itself.
    suite->databases_[service] = std::make_unique<testing::TestDatabase>(
        std::vector<db::MigrationLine>(lines.begin() + 1, lines.end()), *suite->cluster_);
    RETURN_IF_ERROR(WriteFile(absl::StrCat(suite->folder_, "/", service, ".dsn"),
                              suite->databases_[service]->runtime_dsn().Reveal()));
  }
  // Whom a service calls it must know from the start, also one that starts after it.
  ASSIGN_OR_RETURN(const std::vector<tools::Service> all, tools::ReadServices("."));
  const std::vector<std::string>& started = suite->options_.services;
  for (const tools::Service& caller : all) {
    const auto self = std::find(started.begin(), started.end(), caller.name);
    // The gateway leads to whatever there is.
    if (self == started.end() || caller.name == "gateway") continue;
    for (const std::string& peer : caller.peers) {
      const auto other = std::find(started.begin(), started.end(), peer);
      if (other == started.end()) {
        suite->absent_[caller.name].push_back(peer);
      } else if (other >= self) {  // a service may be its own neighbour
        suite->ports_[peer] = FreePort();
      }
    }
  }
  for (const std::string& service : started) RETURN_IF_ERROR(suite->StartService(service));
  return suite;
}

Suite::~Suite() {
  while (!pids_.empty()) KillService(pids_.begin()->first);
  databases_.clear();
  cluster_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> Suite::CommandLine(const std::string& service) const {
  const auto at = [&](absl::string_view rest) { return absl::StrCat(folder_, "/", rest); };
  const auto known = ports_.find(service);
  std::vector<std::string> words = {
      Program(service),
      absl::StrCat("--listen=127.0.0.1:", known == ports_.end() ? 0 : known->second),
      absl::StrCat("--port-file=", at(service), ".port"),
      absl::StrCat("--database-dsn-file=", at(service), ".dsn"),
      absl::StrCat("--workers=", options_.workers),
      absl::StrCat("--certificates=", at("tls/"), service),
      absl::StrCat("--jwks=", at("keys/jwks.json")),
      absl::StrCat("--issuer=", kIssuer),
      absl::StrCat("--keys=", at("keys/"), service),
      absl::StrCat("--pseudonym-key=", at("keys/pseudonym.key")),
      absl::StrCat("--clock-offset-file=", at("clock")),
      "--metrics=127.0.0.1:0",
      absl::StrCat("--metrics-port-file=", at(service), ".metrics"),
  };
  for (const auto& [peer, port] : ports_) {
    // Its own too: a service may be its own neighbour.
    words.push_back(absl::StrCat("--peer=", peer, "=127.0.0.1:", port));
  }
  if (const auto absent = absent_.find(service); absent != absent_.end()) {
    for (const std::string& peer : absent->second) {
      words.push_back(absl::StrCat("--peer=", peer, "=127.0.0.1:", kNobody));
    }
  }
  if (service == "audit") {
    words.push_back(absl::StrCat("--signing-key=", at("keys/audit-seed.key")));
    words.push_back(absl::StrCat("--high-water=", at("audit-signed")));
  }
  if (service == "gateway") {
    words.push_back(absl::StrCat("--token-key=", at("keys/gateway-token.json")));
    words.push_back(absl::StrCat("--http-port-file=", at("gateway.http")));
  }
  if (const auto more = options_.flags.find(service); more != options_.flags.end()) {
    words.insert(words.end(), more->second.begin(), more->second.end());
  }
  return words;
}

absl::Status Suite::StartService(const std::string& service) {
  const std::string port_file = absl::StrCat(folder_, "/", service, ".port");
  const std::string metrics_file = absl::StrCat(folder_, "/", service, ".metrics");
  std::filesystem::remove(port_file);
  std::filesystem::remove(metrics_file);
  const pid_t pid = Spawn(CommandLine(service), absl::StrCat(folder_, "/", service, ".log"));
  pids_[service] = pid;
  const auto number_in = [](const std::string& path, int* number) {
    const std::string text = ReadFile(path);
    return absl::SimpleAtoi(absl::StripAsciiWhitespace(absl::string_view(text)), number);
  };
  bool died = false;
  const bool bound = testing::Eventually(
      [&] {
        died = waitpid(pid, nullptr, WNOHANG) == pid;
        return died || (number_in(port_file, &ports_[service]) &&
                        number_in(metrics_file, &metrics_ports_[service]));
      },
      kHealthyWithin);
  if (died || !bound) {
    if (died) pids_.erase(service);
    return Failed(absl::StrCat(service, " did not start:\n", Log(service)));
  }
  return AwaitHealthy(service);
}

absl::Status Suite::AwaitHealthy(const std::string& service) {
  const auto channel = Connect(service);
  const bool healthy = testing::Eventually(
      [&] {
        // grpc.health.v1.Health/Check, by hand: the answer SERVING is field 1, value 1.
        grpc::GenericStub stub(channel);
        grpc::ClientContext context;
        context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(2)));
        grpc::CompletionQueue queue;
        const grpc::Slice nothing;  // a buffer without a slice is not sent at all
        const grpc::ByteBuffer request(&nothing, 1);
        grpc::ByteBuffer answer;
        grpc::Status result;
        auto call =
            stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
        call->StartCall();
        call->Finish(&answer, &result, nullptr);
        void* tag = nullptr;
        bool ok = false;
        queue.Next(&tag, &ok);
        std::vector<grpc::Slice> slices;
        std::string bytes;
        if (result.ok() && answer.Dump(&slices).ok()) {
          for (const grpc::Slice& slice : slices) {
            bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
          }
        }
        return bytes == std::string("\x08\x01", 2);
      },
      kHealthyWithin);
  if (healthy) return absl::OkStatus();
  return Failed(absl::StrCat(service, " is not healthy:\n", Log(service)));
}

void Suite::KillService(const std::string& service) {
  const auto found = pids_.find(service);
  if (found == pids_.end()) return;
  kill(found->second, SIGKILL);
  waitpid(found->second, nullptr, 0);
  pids_.erase(found);
}

int Suite::StopService(const std::string& service) {
  const pid_t pid = pids_.at(service);
  kill(pid, SIGTERM);
  int state = 0;
  waitpid(pid, &state, 0);
  pids_.erase(service);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

pid_t Suite::pid(const std::string& service) const { return pids_.at(service); }

std::shared_ptr<grpc::Channel> Suite::Connect(const std::string& service,
                                              const std::string& as) const {
  return rpc::Connect({.target = absl::StrCat("127.0.0.1:", ports_.at(service)),
                       .certificates = absl::StrCat(folder_, "/tls/", as),
                       .peer = service});
}

std::string Suite::Token(const Person& person) const {
  std::vector<std::string> roles;
  for (const options::v1::Role role : person.roles) {
    roles.emplace_back(
        std::string(absl::StripPrefix(absl::string_view(options::v1::Role_Name(role)), "ROLE_")));
  }
  const auto token =
      access::MintDevelopmentToken(ReadFile(absl::StrCat(folder_, "/keys/token-key.json")),
                                   {.issuer = std::string(kIssuer),
                                    .audience = person.audience,
                                    .user_id = person.user_id,
                                    .tenant = person.tenant,
                                    .roles = roles,
                                    .subject_id = person.subject_id,
                                    .not_before = absl::Now() - absl::Minutes(1),
                                    .expiry = absl::Now() + person.valid_for});
  return token.ok() ? *token : "";
}

absl::Status Suite::AdvanceClock(absl::Duration by) {
  return clock::AdvanceOffset(absl::StrCat(folder_, "/clock"), by).status();
}

double Suite::Metric(const std::string& service, absl::string_view name) const {
  std::string page;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  const std::string url = absl::StrCat("http://127.0.0.1:", metrics_ports_.at(service), "/metrics");
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &page);
  curl_easy_setopt(
      curl.get(), CURLOPT_WRITEFUNCTION,
      +[](const char* bytes, size_t size, size_t count, std::string* into) {
        into->append(bytes, size * count);
        return size * count;
      });
  if (curl_easy_perform(curl.get()) != CURLE_OK) return 0;
  double sum = 0;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    // name{labels} value, or name value
    if (!absl::StartsWith(line, name)) continue;
    const absl::string_view rest = line.substr(name.size());
    double value = 0;
    if ((absl::StartsWith(rest, "{") || absl::StartsWith(rest, " ")) &&
        absl::SimpleAtod(rest.substr(rest.rfind(' ') + 1), &value)) {
      sum += value;
    }
  }
  return sum;
}

std::string Suite::Log(const std::string& service) const {
  const std::string text = ReadFile(absl::StrCat(folder_, "/", service, ".log"));
  constexpr size_t kTail = 8192;
  return text.size() <= kTail ? text : text.substr(text.size() - kTail);
}

}  // namespace waymark::harness
