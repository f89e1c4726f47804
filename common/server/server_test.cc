// A service as a process: TLS, health, start and stop, over the wire.
#include "common/server/server.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/server/testing/echo.h"
#include "common/server/testing/pki.h"
#include "common/status/status_grpc.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"

namespace waymark::server {
namespace {

namespace v1 = testing::v1;
using testing::Eventually;
using testing::IsOk;
using testing::StatusIs;

class ServerTest : public ::testing::Test {
 protected:
  Program MakeProgram() {
    return {
        .name = "bbv",
        .about = "A test.",
        .flags = {{.name = "greeting", .help = "A flag of its own.", .standard = "hello"}},
        .assemble = [this](Ground& ground) -> absl::StatusOr<Parts> {
          echo_ = std::make_shared<testing::EchoServer>(ground.corridor);
          echo_->on_watch = on_watch_;
          greeting_ = ground.options.own.count("greeting") ? ground.options.own.at("greeting") : "";
          return Parts{
              .services = {Expose<v1::EchoService>(echo_)}, .duties = duties_, .checks = checks_};
        }};
  }

  void Start(Options options) {
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(MakeProgram(), std::move(options));
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    stub_ = v1::EchoService::NewStub(surroundings_.Channel("cli", server_->port(), "bbv"));
    token_ = surroundings_.TokenFor({"OH_NURSE"});
  }

  std::string StartReason(Options options) {
    return status::Reason(Server::Start(MakeProgram(), std::move(options)).status());
  }

  absl::Status Echo(v1::EchoService::Stub& stub) {
    v1::EchoResponse response;
    return rpc::Invoke(
        {.deadline = absl::Now() + absl::Seconds(10), .token = token_},
        [&](grpc::ClientContext* context) { return stub.Echo(context, {}, &response); });
  }

  // Any method of gRPC's own services, with an empty request.
  grpc::Status CallRaw(const std::string& method, grpc::ByteBuffer* response) {
    grpc::GenericStub stub(surroundings_.Channel("cli", server_->port(), "bbv"));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    const grpc::Slice empty;
    const grpc::ByteBuffer request(&empty, 1);
    absl::Notification done;
    grpc::Status result;
    stub.UnaryCall(&context, method, grpc::StubOptions(), &request, response,
                   [&](grpc::Status status) {
                     result = std::move(status);
                     done.Notify();
                   });
    done.WaitForNotification();
    return result;
  }

  // grpc.health.v1.Health/Check: 1 is SERVING, 2 NOT_SERVING; 0 when it could not be asked.
  int Health() {
    grpc::ByteBuffer response;
    grpc::Slice slice;
    if (!CallRaw("/grpc.health.v1.Health/Check", &response).ok() ||
        !response.DumpToSingleSlice(&slice).ok() || slice.size() != 2) {
      return 0;
    }
    return slice.begin()[1];
  }

  testing::Surroundings surroundings_;
  std::function<absl::Status(const rpc::Call&, std::shared_ptr<rpc::Feed<v1::WatchResponse>>)>
      on_watch_ = [](const rpc::Call&, const std::shared_ptr<rpc::Feed<v1::WatchResponse>>&) {
        return absl::OkStatus();
      };
  std::vector<Duty> duties_;
  std::vector<Check> checks_;
  std::string greeting_;
  std::shared_ptr<testing::EchoServer> echo_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::EchoService::Stub> stub_;
  std::string token_;
};

TEST_F(ServerTest, ServesOnlyClientsWithACertificateOfItsAuthority) {
  Start(surroundings_.OptionsFor("bbv"));
  EXPECT_THAT(Echo(*stub_), IsOk());

  grpc::SslCredentialsOptions without;
  without.pem_root_certs = surroundings_.authority().Issue("cli").authority;
  const auto anonymous = v1::EchoService::NewStub(grpc::CreateChannel(
      absl::StrCat("localhost:", server_->port()), grpc::SslCredentials(without)));
  EXPECT_THAT(Echo(*anonymous), StatusIs(absl::StatusCode::kUnavailable));

  const testing::Authority other;
  const testing::Authority::Files stranger = other.Issue("cli");
  grpc::SslCredentialsOptions foreign = without;
  foreign.pem_cert_chain = stranger.certificate;
  foreign.pem_private_key = stranger.key;
  const auto outsider = v1::EchoService::NewStub(grpc::CreateChannel(
      absl::StrCat("localhost:", server_->port()), grpc::SslCredentials(foreign)));
  EXPECT_THAT(Echo(*outsider), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ServerTest, RefusesACallFromACertificateThatNamesNoServiceOfOurs) {
  Start(surroundings_.OptionsFor("bbv"));
  for (const char* uri : {"", "spiffe://elsewhere/cli", "https://waymark/cli"}) {
    const testing::Authority::Files files =
        surroundings_.authority().IssueFor(uri, absl::Now() + absl::Hours(1));
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = files.authority;
    options.pem_cert_chain = files.certificate;
    options.pem_private_key = files.key;
    const auto stub = v1::EchoService::NewStub(grpc::CreateChannel(
        absl::StrCat("localhost:", server_->port()), grpc::SslCredentials(options)));
    EXPECT_THAT(Echo(*stub), StatusIs(absl::StatusCode::kUnauthenticated, "PEER_UNKNOWN")) << uri;
  }
}

TEST_F(ServerTest, IsNotTakenForAnotherServiceByOurClients) {
  Start(surroundings_.OptionsFor("bbv"));
  const auto stub =
      v1::EchoService::NewStub(surroundings_.Channel("cli", server_->port(), /*service=*/"audit"));
  EXPECT_THAT(Echo(*stub), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ServerTest, AnswersEveryCallWhileCertificatesAreReplaced) {
  Start(surroundings_.OptionsFor("bbv"));
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!stop) {
        // A channel of its own each time, so that every call shakes hands.
        const auto stub =
            v1::EchoService::NewStub(surroundings_.Channel("cli", server_->port(), "bbv"));
        EXPECT_THAT(Echo(*stub), IsOk());
        ++calls;
      }
    });
  }
  // The files are read again each second, so each pair is served for a while.
  for (int i = 0; i < 2; ++i) {
    testing::Authority::Install(surroundings_.authority().Issue("bbv"),
                                surroundings_.CertificatesOf("bbv"));
    const int before = calls;
    const absl::Time read = absl::Now() + absl::Milliseconds(1500);
    EXPECT_TRUE(Eventually([&] { return calls > before + 20 && absl::Now() > read; }));
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
}

TEST_F(ServerTest, TakesUpReplacedCertificatesWithoutARestart) {
  Start(surroundings_.OptionsFor("bbv"));
  EXPECT_THAT(Echo(*stub_), IsOk());
  // Another authority altogether: only a server that has read the new files trusts its client.
  const testing::Authority next;
  testing::Authority::Install(next.Issue("bbv"), surroundings_.CertificatesOf("bbv"));
  const std::string client = surroundings_.folder() + "/tls-next";
  testing::Authority::Install(next.Issue("cli"), client);
  EXPECT_TRUE(Eventually([&] {
    const auto stub = v1::EchoService::NewStub(
        rpc::Connect({.target = absl::StrCat("127.0.0.1:", server_->port()),
                      .certificates = client,
                      .peer = "bbv"}));
    return Echo(*stub).ok();
  }));
}

TEST_F(ServerTest, DoesNotStartWithTlsFilesThatServeNobody) {
  Options options = surroundings_.OptionsFor("bbv");
  testing::Authority::Files files = surroundings_.authority().Issue("bbv");
  files.key = surroundings_.authority().Issue("bbv").key;
  testing::Authority::Install(files, options.certificates);
  EXPECT_EQ(StartReason(options), "TLS_PAIR_MISMATCH");
  options.certificates = surroundings_.CertificatesOf("audit");
  EXPECT_EQ(StartReason(options), "TLS_WRONG_IDENTITY");
  options.certificates = "/nowhere";
  EXPECT_EQ(StartReason(options), "TLS_FILE_UNREADABLE");
}

TEST_F(ServerTest, DoesNotStartWithWhatItCannotUse) {
  Options options = surroundings_.OptionsFor("bbv");
  options.production = true;
  options.clock_offset_file = surroundings_.folder() + "/clock";
  EXPECT_EQ(StartReason(options), "OFFSET_CLOCK_REFUSED");
  options = surroundings_.OptionsFor("bbv");
  options.jwks = "/nowhere";
  EXPECT_EQ(StartReason(options), "JWKS_UNUSABLE");
  options = surroundings_.OptionsFor("bbv");
  options.keys = surroundings_.folder() + "/no-keys";
  EXPECT_EQ(StartReason(options), "KEYS_MISSING");
  options = surroundings_.OptionsFor("bbv");
  options.database_dsn_file = "/nowhere";
  EXPECT_EQ(StartReason(options), "FILE_UNREADABLE");
  options = surroundings_.OptionsFor("bbv");
  options.listen = "256.0.0.1:0";
  EXPECT_EQ(StartReason(options), "LISTEN_FAILED");
}

TEST_F(ServerTest, ShowsItsMethodsInDevelopmentOnly) {
  constexpr char kReflection[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  Options options = surroundings_.OptionsFor("bbv");
  Start(options);
  grpc::ByteBuffer response;
  EXPECT_NE(CallRaw(kReflection, &response).error_code(), grpc::StatusCode::UNIMPLEMENTED);
  server_->Stop();
  options.production = true;
  Start(options);
  EXPECT_EQ(CallRaw(kReflection, &response).error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(Echo(*stub_), IsOk());
}

TEST_F(ServerTest, DoesNotShareItsPortWithAnother) {
  Start(surroundings_.OptionsFor("bbv"));
  Options options = surroundings_.OptionsFor("bbv");
  options.listen = absl::StrCat("127.0.0.1:", server_->port());
  EXPECT_EQ(StartReason(options), "LISTEN_FAILED");
}

TEST_F(ServerTest, IsHealthyOnlyWhileItsChecksHold) {
  std::atomic<bool> holds = false;
  checks_ = {{.name = "test", .ready = [&holds] {
                return holds ? absl::OkStatus() : status::Unavailable("AWAY", "It is away.");
              }}};
  Start(surroundings_.OptionsFor("bbv"));
  EXPECT_EQ(Health(), 2);
  holds = true;
  EXPECT_TRUE(Eventually([&] { return Health() == 1; }));
  holds = false;
  EXPECT_TRUE(Eventually([&] { return Health() == 2; }));
}

TEST_F(ServerTest, StartsWithoutItsDatabaseAndSaysThatItIsNotReady) {
  Options options = surroundings_.OptionsFor("bbv");
  options.database_dsn_file =
      surroundings_.WriteFile("dsn", "host=127.0.0.1 port=1 dbname=nothing user=nobody");
  Start(options);
  EXPECT_EQ(Health(), 2);
}

TEST_F(ServerTest, WritesTheFreePortItTook) {
  Options options = surroundings_.OptionsFor("bbv");
  options.port_file = surroundings_.folder() + "/port";
  Start(options);
  int port = 0;
  std::ifstream(options.port_file) >> port;
  EXPECT_EQ(port, server_->port());
}

TEST_F(ServerTest, LetsACallInProgressFinishWhenItStops) {
  Start(surroundings_.OptionsFor("bbv"));
  testing::TestSignal inside;
  absl::Notification release;
  echo_->on_echo = [&](const rpc::Call&, const v1::EchoRequest&, v1::EchoResponse* response) {
    inside.Notify();
    release.WaitForNotification();
    response->set_text("finished");
    return absl::OkStatus();
  };
  std::thread caller([&] { EXPECT_THAT(Echo(*stub_), IsOk()); });
  ASSERT_TRUE(inside.Wait());
  std::thread stopper([&] { server_->Stop(); });
  // While it stops, whoever asks is told to go elsewhere, or is not answered any more.
  EXPECT_TRUE(Eventually([&] { return Health() != 1; }));
  release.Notify();
  caller.join();
  stopper.join();
  EXPECT_THAT(Echo(*stub_), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ServerTest, EndsAnOpenStreamWhenItStopsAndDoesNotWaitForIt) {
  testing::TestSignal open;
  on_watch_ = [&open](const rpc::Call&, const std::shared_ptr<rpc::Feed<v1::WatchResponse>>& feed) {
    v1::WatchResponse hello;
    feed->Offer(hello);
    open.Notify();
    return absl::OkStatus();
  };
  Start(surroundings_.OptionsFor("bbv"));
  const auto context = rpc::MakeContext({.deadline = absl::InfiniteFuture(), .token = token_});
  v1::WatchRequest request;
  request.set_request_id(ids::NewUuid());
  const auto reader = stub_->Watch(context.get(), request);
  v1::WatchResponse response;
  ASSERT_TRUE(reader->Read(&response));
  const absl::Time before = absl::Now();
  std::thread stopper([&] { server_->Stop(); });
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(status::FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kUnavailable, "SERVER_STOPPING"));
  stopper.join();
  EXPECT_LT(absl::Now() - before, absl::Seconds(4));
}

TEST_F(ServerTest, StopsItsDutiesBeforeTheRoomsGo) {
  testing::TestSignal ran;
  duties_ = {{.name = "test", .interval = absl::Milliseconds(1), .run_once = [&ran] {
                ran.Notify();
                return absl::OkStatus();
              }}};
  Start(surroundings_.OptionsFor("bbv"));
  ASSERT_TRUE(ran.Wait(3));
  server_->Stop();
  const int count = ran.count();
  EXPECT_THAT(Echo(*stub_), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ran.count(), count);
}

TEST_F(ServerTest, RunsFromFlagsUntilASignalComes) {
  const Options options = surroundings_.OptionsFor("bbv");
  const std::string port_file = surroundings_.folder() + "/port";
  std::vector<std::string> arguments = {"waymark-bbv",  "--certificates", options.certificates,
                                        "--jwks",       options.jwks,     "--issuer",
                                        options.issuer, "--keys",         options.keys,
                                        "--port-file",  port_file,        "--greeting",
                                        "good day"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  int code = -1;
  // In a thread of its own, because Main changes its thread's signal mask.
  std::thread main([&] { code = Main(static_cast<int>(argv.size()), argv.data(), MakeProgram()); });
  EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(port_file); }));
  EXPECT_EQ(greeting_, "good day");
  // Main waits for the signal with sigwait, so it ends the server and not the thread.
  pthread_kill(main.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  main.join();
  EXPECT_EQ(code, 0);
}

TEST_F(ServerTest, ExitsWithTwoForWrongFlagsAndOneWhenItCannotStart) {
  int code = -1;
  std::thread([&] {
    std::string name = "waymark-bbv";
    std::string flag = "--no-such-flag";
    char* argv[] = {name.data(), flag.data()};
    code = Main(2, argv, MakeProgram());
  }).join();
  EXPECT_EQ(code, 2);
  std::thread([&] {
    std::vector<std::string> arguments = {"waymark-bbv", "--certificates", "/nowhere", "--jwks",
                                          "/nowhere",    "--issuer",       "x"};
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    code = Main(static_cast<int>(argv.size()), argv.data(), MakeProgram());
  }).join();
  EXPECT_EQ(code, 1);
}

}  // namespace
}  // namespace waymark::server
