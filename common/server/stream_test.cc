// The stream corridor of common/rpc, over the wire, with a clock that a test moves.
#include "common/rpc/stream.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "common/access/token.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/rpc/workers.h"
#include "common/server/testing/echo.h"
#include "common/server/testing/pki.h"
#include "common/status/status_grpc.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"

namespace waymark::rpc {
namespace {

namespace v1 = testing::v1;
using testing::Eventually;
using testing::IsOk;
using testing::StatusIs;
using WatchFeed = std::shared_ptr<Feed<v1::WatchResponse>>;

class StreamTest : public ::testing::Test {
 protected:
  StreamTest() {
    verifier_ = *access::TokenVerifier::Create(
        {.jwks = surroundings_.OptionsFor("bbv").jwks, .issuer = surroundings_.kIssuer}, clock_);
    corridor_ =
        std::make_unique<Corridor>(Corridor::Options{.service = "bbv",
                                                     .verifier = verifier_.get(),
                                                     .workers = &workers_,
                                                     .clinical_clock = &clock_,
                                                     .real_clock = &clock_,
                                                     .most_streams = 8,
                                                     .most_streams_each = 5,
                                                     .slowest_reader = absl::Milliseconds(300)});
    echo_ = std::make_unique<testing::EchoServer>(*corridor_);
    echo_->on_watch = [this](const Call&, WatchFeed feed) {
      feed_ = std::move(feed);
      opened_.Notify();
      return absl::OkStatus();
    };
    const testing::Authority::Files files = surroundings_.authority().Issue("bbv");
    grpc::SslServerCredentialsOptions tls(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = files.authority;
    tls.pem_key_cert_pairs.push_back({files.key, files.certificate});
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(echo_.get());
    server_ = builder.BuildAndStart();
    stub_ = v1::EchoService::NewStub(surroundings_.Channel("cli", port, "bbv"));
  }
  ~StreamTest() override {
    corridor_->DrainStreams();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
    server_->Wait();
    EXPECT_TRUE(workers_.AwaitIdle(absl::Now() + absl::Seconds(10)));
  }

  struct OpenWatch {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader;

    absl::Status End() {
      v1::WatchResponse ignored;
      while (reader->Read(&ignored)) {
      }
      return status::FromGrpc(reader->Finish());
    }
  };
  OpenWatch Watch(const std::string& token, const std::string& request_id = ids::NewUuid()) {
    OpenWatch open;
    open.context = MakeContext({.deadline = absl::InfiniteFuture(), .token = token});
    v1::WatchRequest request;
    request.set_request_id(request_id);
    open.reader = stub_->Watch(open.context.get(), request);
    return open;
  }

  bool Send(const std::string& text) {
    v1::WatchResponse response;
    response.set_text(text);
    return feed_->Offer(std::move(response));
  }

  testing::Surroundings surroundings_;
  clock::FakeClock clock_{absl::Now()};
  Workers workers_{4, 32};
  testing::TestSignal opened_;
  WatchFeed feed_;
  std::unique_ptr<access::TokenVerifier> verifier_;
  std::unique_ptr<Corridor> corridor_;
  std::unique_ptr<testing::EchoServer> echo_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::EchoService::Stub> stub_;
  std::string token_ = surroundings_.TokenFor({"OH_NURSE"});
};

TEST_F(StreamTest, DeliversWhatIsOfferedInOrder) {
  OpenWatch watch = Watch(token_);
  ASSERT_TRUE(opened_.Wait());
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Send(std::to_string(i)));
  feed_->Finish(absl::OkStatus());
  v1::WatchResponse response;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(watch.reader->Read(&response));
    EXPECT_EQ(response.text(), std::to_string(i));
  }
  EXPECT_THAT(watch.End(), IsOk());
  EXPECT_FALSE(Send("late"));
}

TEST_F(StreamTest, HoldsManyStreamsWithoutAWorkerEach) {
  std::vector<OpenWatch> watches;
  for (int i = 0; i < 5; ++i) watches.push_back(Watch(token_));
  ASSERT_TRUE(opened_.Wait(5));
  EXPECT_TRUE(workers_.AwaitIdle(absl::Now() + absl::Seconds(10)));
  EXPECT_EQ(corridor_->open_streams(), 5);
  // The sixth is one too many for one person, and the ninth for the process.
  EXPECT_THAT(Watch(token_).End(),
              StatusIs(absl::StatusCode::kResourceExhausted, "TOO_MANY_STREAMS"));
  EXPECT_TRUE(Eventually([&] { return corridor_->open_streams() == 5; }));
  const std::string another = surroundings_.TokenFor({"OH_NURSE"}, "demo", "nurse-2");
  for (int i = 0; i < 3; ++i) watches.push_back(Watch(another));
  ASSERT_TRUE(opened_.Wait(8));
  EXPECT_THAT(Watch(another).End(),
              StatusIs(absl::StatusCode::kResourceExhausted, "TOO_MANY_STREAMS"));
  for (OpenWatch& watch : watches) watch.context->TryCancel();
  EXPECT_TRUE(Eventually([&] { return corridor_->open_streams() == 0; }));
  // What was closed may be opened again.
  OpenWatch again = Watch(token_);
  EXPECT_TRUE(opened_.Wait(9));
}

TEST_F(StreamTest, RefusesWithoutTokenRoleOrRequestId) {
  EXPECT_THAT(Watch("").End(), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(Watch(surroundings_.TokenFor({"OH_LEAD"})).End(),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED"));
  EXPECT_THAT(Watch(token_, "").End(),
              StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_ID_INVALID"));
  EXPECT_EQ(opened_.count(), 0);
}

TEST_F(StreamTest, EndsAtTheExpiryOfItsToken) {
  OpenWatch watch = Watch(token_);
  ASSERT_TRUE(opened_.Wait());
  clock_.Advance(absl::Hours(1));
  corridor_->TendStreams();
  EXPECT_FALSE(feed_->ended()) << "within the leeway";
  clock_.Advance(absl::Seconds(31));
  corridor_->TendStreams();
  EXPECT_THAT(watch.End(), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED"));
}

TEST_F(StreamTest, EndsWithinAMinuteWhenTheKeyOfItsTokenIsWithdrawn) {
  OpenWatch watch = Watch(token_);
  ASSERT_TRUE(opened_.Wait());
  surroundings_.WriteFile("jwks.json", access::MakeDevelopmentKey("next")->jwks);
  ASSERT_THAT(verifier_->Refresh(), IsOk());
  corridor_->TendStreams();
  EXPECT_FALSE(feed_->ended());
  clock_.Advance(absl::Minutes(1));
  corridor_->TendStreams();
  EXPECT_THAT(watch.End(), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
}

TEST_F(StreamTest, AsksTheRoomAboutRightsEveryMinute) {
  OpenWatch watch = Watch(token_);
  ASSERT_TRUE(opened_.Wait());
  testing::TestSignal asked;
  feed_->SetRecheck([&asked]() -> absl::Status {
    asked.Notify();
    if (asked.count() < 2) return absl::OkStatus();
    return status::NotFound("RECORD_NOT_FOUND", "There is no such record.");
  });
  clock_.Advance(absl::Minutes(1));
  corridor_->TendStreams();
  ASSERT_TRUE(asked.Wait(1));
  EXPECT_TRUE(Send("still here"));
  clock_.Advance(absl::Seconds(30));
  corridor_->TendStreams();
  clock_.Advance(absl::Seconds(30));
  corridor_->TendStreams();
  EXPECT_THAT(watch.End(), StatusIs(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND"));
  EXPECT_EQ(asked.count(), 2);
}

TEST_F(StreamTest, ForgetsAClientThatHasGone) {
  OpenWatch watch = Watch(token_);
  ASSERT_TRUE(opened_.Wait());
  watch.context->TryCancel();
  EXPECT_TRUE(Eventually([&] { return feed_->ended() && corridor_->open_streams() == 0; }));
  EXPECT_FALSE(Send("nobody"));
}

TEST_F(StreamTest, KeepsItsRequestUntilTheRoomHasReturnedThoughTheClientHasGone) {
  absl::Notification release;
  absl::Notification done;
  echo_->on_watch = [&](const Call& call, WatchFeed feed) {
    opened_.Notify();
    release.WaitForNotification();
    // The server hears of it a little later than the client who did it.
    EXPECT_TRUE(Eventually([&] { return call.cancelled() && feed->ended(); }));
    EXPECT_EQ(corridor_->open_streams(), 1);
    done.Notify();
    return absl::OkStatus();
  };
  OpenWatch watch = Watch(token_);
  ASSERT_TRUE(opened_.Wait());
  watch.context->TryCancel();
  EXPECT_THAT(watch.End(), StatusIs(absl::StatusCode::kCancelled));
  release.Notify();
  done.WaitForNotification();
  EXPECT_TRUE(Eventually([&] { return corridor_->open_streams() == 0; }));
}

TEST_F(StreamTest, EndsAWatchThatIsNotRead) {
  OpenWatch watch = Watch(token_);
  ASSERT_TRUE(opened_.Wait());
  const std::string large(100'000, 'x');
  while (Send(large)) {
  }
  // Its last write hangs on flow control, so it is broken off at the second look.
  corridor_->TendStreams();
  corridor_->TendStreams();
  EXPECT_TRUE(Eventually([&] { return corridor_->open_streams() == 0; }));
}

TEST_F(StreamTest, EndsWithTheErrorOfItsRoomAlsoWhenItThrows) {
  echo_->on_watch = [](const Call&, const WatchFeed&) -> absl::Status {
    return status::FailedPrecondition("NOTHING_TO_WATCH", "There is nothing to watch.");
  };
  EXPECT_THAT(Watch(token_).End(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_WATCH"));
  echo_->on_watch = [](const Call&, const WatchFeed&) -> absl::Status { throw 1; };
  EXPECT_THAT(Watch(token_).End(), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
}

class ExportTest : public StreamTest {
 protected:
  struct OpenExport {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientReader<v1::ExportResponse>> reader;
  };
  OpenExport Export(int count, int bytes_each) {
    OpenExport open;
    open.context = MakeContext(
        {.deadline = absl::InfiniteFuture(), .token = surroundings_.TokenFor({"OH_LEAD"})});
    v1::ExportRequest request;
    request.set_request_id(ids::NewUuid());
    request.set_count(count);
    request.set_bytes_each(bytes_each);
    open.reader = stub_->Export(open.context.get(), request);
    return open;
  }
};

TEST_F(ExportTest, SendsEverythingToAClientThatReads) {
  OpenExport open = Export(5000, 1000);
  v1::ExportResponse response;
  int next = 0;
  while (open.reader->Read(&response)) EXPECT_EQ(response.number(), next++);
  EXPECT_THAT(status::FromGrpc(open.reader->Finish()), IsOk());
  EXPECT_EQ(next, 5000);
}

TEST_F(ExportTest, BreaksOffForAClientThatDoesNotReadAndFreesTheWorker) {
  OpenExport open = Export(100'000, 10'000);
  ASSERT_TRUE(Eventually([&] { return corridor_->open_streams() == 1; }));
  EXPECT_TRUE(Eventually([&] { return workers_.AwaitIdle(absl::Now() + absl::Seconds(5)); }));
  corridor_->TendStreams();
  corridor_->TendStreams();
  EXPECT_TRUE(Eventually([&] { return corridor_->open_streams() == 0; }));
}

TEST_F(ExportTest, LeavesMostWorkersToUnaryCalls) {
  OpenExport first = Export(100'000, 10'000);
  ASSERT_TRUE(Eventually([&] { return corridor_->open_streams() == 1; }));
  // Four workers: one export at a time.
  OpenExport second = Export(1, 1);
  v1::ExportResponse response;
  EXPECT_FALSE(second.reader->Read(&response));
  EXPECT_THAT(status::FromGrpc(second.reader->Finish()),
              StatusIs(absl::StatusCode::kResourceExhausted, "TOO_MANY_STREAMS"));
  first.context->TryCancel();
  EXPECT_TRUE(Eventually([&] { return corridor_->open_streams() == 0; }));
  OpenExport third = Export(1, 1);
  EXPECT_TRUE(third.reader->Read(&response));
  EXPECT_FALSE(third.reader->Read(&response));
  EXPECT_THAT(status::FromGrpc(third.reader->Finish()), IsOk());
}

class IntakeTest : public StreamTest {
 protected:
  struct OpenIntake {
    std::unique_ptr<grpc::ClientContext> context;
    v1::CollectResponse response;
    std::unique_ptr<grpc::ClientWriter<v1::CollectRequest>> writer;

    bool Send(int number) {
      v1::CollectRequest message;
      message.set_request_id(kRequest);
      message.set_number(number);
      return writer->Write(message);
    }
    absl::Status End() {
      writer->WritesDone();
      return status::FromGrpc(writer->Finish());
    }
  };
  static constexpr char kRequest[] = "00000000-0000-4000-8000-000000000001";

  std::unique_ptr<OpenIntake> Collect(const std::string& token) {
    auto open = std::make_unique<OpenIntake>();
    open->context = MakeContext({.deadline = absl::InfiniteFuture(), .token = token});
    open->writer = stub_->Collect(open->context.get(), &open->response);
    return open;
  }
};

TEST_F(IntakeTest, TakesEveryMessageInOrderAndAnswersOnce) {
  auto open = Collect(surroundings_.TokenFor({"OH_NURSE"}));
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(open->Send(i));
  EXPECT_THAT(open->End(), IsOk());
  EXPECT_EQ(open->response.sum(), 5050);
  EXPECT_EQ(open->response.count(), 100);
}

TEST_F(IntakeTest, LetsNobodyInWithoutTokenRoleOrRequestId) {
  EXPECT_THAT(Collect("")->End(), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(Collect(surroundings_.TokenFor({"OH_LEAD"}))->End(),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED"));
  // Closed without a word.
  EXPECT_THAT(Collect(surroundings_.TokenFor({"OH_NURSE"}))->End(),
              StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_ID_INVALID"));
}

TEST_F(IntakeTest, EndsForAClientThatFallsSilent) {
  echo_->on_collect = [](const Call&, Incoming<v1::CollectRequest>& in,
                         v1::CollectResponse*) -> absl::Status {
    v1::CollectRequest message;
    return in.Next(&message, absl::Now() + absl::Milliseconds(50)).status();
  };
  auto open = Collect(surroundings_.TokenFor({"OH_NURSE"}));
  ASSERT_TRUE(open->Send(1));
  // A cancelled call reaches the client as such, whatever the room says.
  EXPECT_FALSE(status::FromGrpc(open->writer->Finish()).ok());
}

TEST_F(IntakeTest, TellsTheRoomThatItsClientHasGone) {
  absl::Notification begun;
  absl::Notification ended;
  absl::Status seen;
  echo_->on_collect = [&](const Call&, Incoming<v1::CollectRequest>& in,
                          v1::CollectResponse*) -> absl::Status {
    begun.Notify();
    v1::CollectRequest message;
    absl::StatusOr<bool> more = in.Next(&message, absl::Now() + absl::Seconds(10));
    if (more.ok() && !*more) more = in.Next(&message, absl::Now() + absl::Seconds(10));
    seen = more.status();
    ended.Notify();
    return seen;
  };
  auto open = Collect(surroundings_.TokenFor({"OH_NURSE"}));
  ASSERT_TRUE(open->Send(1));
  begun.WaitForNotification();
  open->context->TryCancel();
  ended.WaitForNotification();
  EXPECT_FALSE(status::FromGrpc(open->writer->Finish()).ok());
}

TEST_F(IntakeTest, EndsAtTheExpiryOfItsToken) {
  echo_->on_collect = [&](const Call&, Incoming<v1::CollectRequest>& in,
                          v1::CollectResponse*) -> absl::Status {
    clock_.Advance(absl::Hours(24));
    v1::CollectRequest message;
    return in.Next(&message, absl::Now() + absl::Seconds(10)).status();
  };
  auto open = Collect(surroundings_.TokenFor({"OH_NURSE"}));
  ASSERT_TRUE(open->Send(1));
  EXPECT_THAT(open->End(), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED"));
}

}  // namespace
}  // namespace waymark::rpc
