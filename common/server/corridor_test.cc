// The unary corridor of common/rpc, over the wire: a real TLS server in this process.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/metrics/metrics.h"
#include "common/rpc/client.h"
#include "common/server/server.h"
#include "common/server/testing/echo.h"
#include "common/server/testing/pki.h"
#include "common/status/status_grpc.h"
#include "common/testing/matchers.h"
#include "common/testing/test_signal.h"

namespace waymark::server {
namespace {

namespace v1 = testing::v1;
using testing::IsOk;
using testing::StatusIs;

class CorridorTest : public ::testing::Test {
 protected:
  void Start(int workers = 8, bool discreet = false) {
    Options options = surroundings_.OptionsFor("bbv");
    options.workers = workers;
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start({.name = "bbv",
                       .discreet = discreet,
                       .assemble = [this](Ground& ground) -> absl::StatusOr<Parts> {
                         echo_ = std::make_shared<testing::EchoServer>(ground.corridor);
                         return Parts{.services = {Expose<v1::EchoService>(echo_)}};
                       }},
                      options);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    channel_ = surroundings_.Channel("cli", server_->port(), "bbv");
    stub_ = v1::EchoService::NewStub(channel_);
    token_ = surroundings_.TokenFor({"OH_NURSE"});
  }

  rpc::Outgoing As(const std::string& token) {
    return {.deadline = absl::Now() + absl::Seconds(20), .token = token};
  }

  absl::Status Echo(const rpc::Outgoing& outgoing, const v1::EchoRequest& request = {},
                    v1::EchoResponse* response = nullptr) {
    v1::EchoResponse ignored;
    return rpc::Invoke(outgoing, [&](grpc::ClientContext* context) {
      return stub_->Echo(context, request, response == nullptr ? &ignored : response);
    });
  }

  absl::Status Change(const rpc::Outgoing& outgoing, const std::string& request_id) {
    v1::ChangeRequest request;
    request.set_request_id(request_id);
    v1::ChangeResponse response;
    return rpc::Invoke(outgoing, [&](grpc::ClientContext* context) {
      return stub_->Change(context, request, &response);
    });
  }

  // Sends bytes as they are to a method.
  absl::Status SendBytes(const std::string& method, const std::string& bytes,
                         const std::string& token, bool compressed = false) {
    const std::unique_ptr<grpc::ClientContext> context = rpc::MakeContext(As(token));
    if (compressed) context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    grpc::GenericStub stub(channel_);
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    absl::Notification done;
    absl::Status result;
    stub.UnaryCall(context.get(), "/waymark.testing.v1.EchoService/" + method, grpc::StubOptions(),
                   &request, &response, [&](const grpc::Status& status) {
                     result = status::FromGrpc(status);
                     done.Notify();
                   });
    done.WaitForNotification();
    return result;
  }

  testing::Surroundings surroundings_;
  std::shared_ptr<testing::EchoServer> echo_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::EchoService::Stub> stub_;
  std::string token_;
};

TEST_F(CorridorTest, BringsTheRoomEverythingItNeedsToKnow) {
  Start();
  rpc::Call seen;
  echo_->on_change = [&seen](const rpc::Call& call, const v1::ChangeRequest&, v1::ChangeResponse*) {
    seen = call;
    return absl::OkStatus();
  };
  const std::string request_id = ids::NewUuid();
  const absl::Time before = absl::Now();
  EXPECT_THAT(Change(As(token_), request_id), IsOk());
  EXPECT_EQ(seen.method, "waymark.testing.v1.EchoService.Change");
  EXPECT_EQ(seen.rule->purpose(), "Testing a change.");
  EXPECT_EQ(seen.request_id, request_id);
  EXPECT_EQ(seen.caller.user_id, "nurse-1");
  EXPECT_EQ(seen.caller.tenant, "demo");
  EXPECT_EQ(seen.caller.service, "cli");
  EXPECT_EQ(seen.actor(), "nurse-1");
  EXPECT_EQ(seen.granted.grants.size(), 1u);
  EXPECT_GE(seen.now, before);
  EXPECT_LE(seen.deadline, before + absl::Seconds(21));
}

TEST_F(CorridorTest, ShortensADeadlineThatWouldHoldAWorkerForLong) {
  Start();
  absl::Time deadline;
  echo_->on_echo = [&](const rpc::Call& call, const v1::EchoRequest&, v1::EchoResponse*) {
    deadline = call.deadline;
    return absl::OkStatus();
  };
  EXPECT_THAT(Echo({.deadline = absl::Now() + absl::Hours(5), .token = token_}), IsOk());
  EXPECT_LE(deadline, absl::Now() + absl::Seconds(30));
}

TEST_F(CorridorTest, SaysNowhereWhichMethodOfADiscreetServiceWasCalled) {
  Start(/*workers=*/8, /*discreet=*/true);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(Change(As(token_), "0190a000-0000-7000-8000-0000000000ab"), IsOk());
  server_->Stop();
  const std::string logged =
      ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(logged, ::testing::HasSubstr(R"("method":"bbv")"));
  EXPECT_THAT(logged, ::testing::Not(::testing::HasSubstr("EchoService")));
  EXPECT_THAT(metrics::Default().Text(),
              ::testing::HasSubstr(R"(waymark_bbv_calls_total{code="OK",method="bbv"})"));
}

TEST_F(CorridorTest, RefusesAMethodWithoutARule) {
  Start();
  v1::UnruledResponse response;
  EXPECT_THAT(rpc::Invoke(As(token_),
                          [&](grpc::ClientContext* context) {
                            return stub_->Unruled(context, {}, &response);
                          }),
              StatusIs(absl::StatusCode::kPermissionDenied, "METHOD_WITHOUT_RULE"));
}

TEST_F(CorridorTest, RefusesEveryTokenThatIsNotWholeAndInDate) {
  Start();
  std::atomic<int> ran = 0;
  echo_->on_echo = [&](const rpc::Call&, const v1::EchoRequest&, v1::EchoResponse*) {
    ++ran;
    return absl::OkStatus();
  };
  access::DevelopmentClaims expired = surroundings_.Claims();
  expired.expiry = absl::Now() - absl::Minutes(1);
  access::DevelopmentClaims audience = surroundings_.Claims();
  audience.audience = "payroll";
  access::DevelopmentClaims early = surroundings_.Claims();
  early.not_before = absl::Now() + absl::Minutes(2);
  const std::vector<std::string> parts = absl::StrSplit(token_, '.');
  const std::string unsigned_token =
      absl::StrCat(crypto::Base64Url(R"({"alg":"none","kid":"test-key"})"), ".", parts[1], ".");
  constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
  EXPECT_THAT(Echo(As("")), StatusIs(kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(Echo(As("rubbish")), StatusIs(kUnauthenticated, "TOKEN_MALFORMED"));
  EXPECT_THAT(Echo(As(unsigned_token)), StatusIs(kUnauthenticated, "TOKEN_ALGORITHM"));
  EXPECT_THAT(Echo(As(token_.substr(0, token_.size() - 4))),
              ::testing::AnyOf(StatusIs(kUnauthenticated, "TOKEN_MALFORMED"),
                               StatusIs(kUnauthenticated, "TOKEN_SIGNATURE")));
  EXPECT_THAT(Echo(As(surroundings_.Token(expired))), StatusIs(kUnauthenticated, "TOKEN_EXPIRED"));
  EXPECT_THAT(Echo(As(surroundings_.Token(audience))),
              StatusIs(kUnauthenticated, "TOKEN_AUDIENCE"));
  EXPECT_THAT(Echo(As(surroundings_.Token(early))),
              StatusIs(kUnauthenticated, "TOKEN_NOT_YET_VALID"));
  EXPECT_EQ(ran, 0);
  EXPECT_THAT(Echo(As(token_)), IsOk());
  EXPECT_EQ(ran, 1);
}

TEST_F(CorridorTest, RefusesTwoTokensAndAnotherScheme) {
  Start();
  const std::unique_ptr<grpc::ClientContext> two = rpc::MakeContext(As(token_));
  two->AddMetadata("authorization", "Bearer " + token_);
  v1::EchoResponse response;
  EXPECT_THAT(status::FromGrpc(stub_->Echo(two.get(), {}, &response)),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_MALFORMED"));
  const std::unique_ptr<grpc::ClientContext> basic = rpc::MakeContext(As(""));
  basic->AddMetadata("authorization", "Basic bnVyc2U6c2VjcmV0");
  EXPECT_THAT(status::FromGrpc(stub_->Echo(basic.get(), {}, &response)),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_MALFORMED"));
}

TEST_F(CorridorTest, RefusesAWrongRoleAndAServiceThatIsNotNamed) {
  Start();
  EXPECT_THAT(Echo(As(surroundings_.TokenFor({"ANALYST"}))),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED"));
  v1::DeliverRequest request;
  request.set_tenant("demo");
  v1::DeliverResponse response;
  const auto deliver = [&](grpc::ClientContext* context) {
    return stub_->Deliver(context, request, &response);
  };
  EXPECT_THAT(rpc::Invoke(As(""), deliver),
              StatusIs(absl::StatusCode::kPermissionDenied, "SERVICE_NOT_NAMED"));
  EXPECT_THAT(rpc::Invoke(As(token_), deliver),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED"));
}

TEST_F(CorridorTest, BelievesTenantAndActorOfANamedServiceOnly) {
  Start();
  const auto stub = v1::EchoService::NewStub(surroundings_.Channel("bbv", server_->port(), "bbv"));
  v1::DeliverRequest request;
  request.set_tenant("E23000025-test");
  request.mutable_actor()->set_user_id("nurse-7");
  v1::DeliverResponse response;
  const auto deliver = [&](grpc::ClientContext* context) {
    return stub->Deliver(context, request, &response);
  };
  EXPECT_THAT(rpc::Invoke(As(""), deliver), IsOk());
  EXPECT_EQ(response.tenant(), "E23000025-test");
  EXPECT_EQ(response.actor(), "nurse-7");
  request.clear_actor();
  EXPECT_THAT(rpc::Invoke(As(""), deliver), IsOk());
  EXPECT_EQ(response.actor(), "service:bbv");
  request.set_tenant("de mo");
  EXPECT_THAT(rpc::Invoke(As(""), deliver),
              StatusIs(absl::StatusCode::kInvalidArgument, "TENANT_MALFORMED"));
}

TEST_F(CorridorTest, AsksForADeadline) {
  Start();
  EXPECT_THAT(Echo({.deadline = absl::InfiniteFuture(), .token = token_}),
              StatusIs(absl::StatusCode::kInvalidArgument, "DEADLINE_REQUIRED"));
}

TEST_F(CorridorTest, AsksForARequestIdWhereSomethingChanges) {
  Start();
  for (const char* bad : {"", "1", "not-a-uuid", "0190A000-0000-7000-8000-00000000000A"}) {
    EXPECT_THAT(Change(As(token_), bad),
                StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_ID_INVALID"))
        << bad;
  }
  EXPECT_THAT(Change(As(token_), ids::NewUuid()), IsOk());
}

TEST_F(CorridorTest, NamesEveryFieldWithAnEnumNumberItDoesNotKnow) {
  Start();
  v1::EchoRequest request;
  request.set_shade(static_cast<v1::Shade>(77));
  request.add_shades(v1::SHADE_DARK);
  request.add_shades(v1::SHADE_UNSPECIFIED);
  (*request.add_parts()->mutable_parts())["a"].set_shade(static_cast<v1::Shade>(-1));
  request.set_chosen(v1::SHADE_UNSPECIFIED);
  const absl::Status status = Echo(As(token_), request);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(status)) fields.push_back(violation.field);
  EXPECT_THAT(fields, ::testing::UnorderedElementsAre("shade", "shades[1]",
                                                      "parts[0].parts[0].value.shade", "chosen"));
}

TEST_F(CorridorTest, NamesEveryTimeThatNoCalendarHas) {
  Start();
  v1::EchoRequest request;
  const auto add = [&](int64_t seconds, int nanos) {
    request.add_parts()->mutable_noted_time()->set_seconds(seconds);
    request.mutable_parts()->rbegin()->mutable_noted_time()->set_nanos(nanos);
  };
  add(-62135596800, 0);
  add(253402300799, 999999999);
  EXPECT_THAT(Echo(As(token_), request), IsOk());
  add(INT64_MIN, 0);
  add(253402300800, 0);
  add(0, -1);
  add(0, 1000000000);
  const absl::Status status = Echo(As(token_), request);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(status)) fields.push_back(violation.field);
  EXPECT_THAT(fields, ::testing::ElementsAre("parts[2].noted_time", "parts[3].noted_time",
                                             "parts[4].noted_time", "parts[5].noted_time"));
}

TEST_F(CorridorTest, RefusesManyWrongFieldsWithoutBurstingTheTrailer) {
  Start();
  v1::EchoRequest request;
  for (int i = 0; i < 5000; ++i) request.add_shades(static_cast<v1::Shade>(1000 + i));
  EXPECT_THAT(Echo(As(token_), request),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(CorridorTest, NamesTheFieldWhoseTextIsNotUtf8) {
  Start();
  // parts[0].note = "\xe9" (Latin-1).
  const absl::Status status = SendBytes("Echo", std::string("\x22\x03\x0a\x01\xe9", 5), token_);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_EQ(status::Violations(status).size(), 1u);
  EXPECT_EQ(status::Violations(status)[0].field, "parts.note");
}

TEST_F(CorridorTest, RefusesBytesThatAreNoRequestButOnlyAfterTheToken) {
  Start();
  const std::string rubbish = "\xff\xff\xff\xff";
  EXPECT_THAT(SendBytes("Echo", rubbish, ""),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(SendBytes("Echo", rubbish, token_),
              StatusIs(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST"));
  EXPECT_THAT(SendBytes("Change", rubbish, token_),
              StatusIs(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST"));
  // A request cut short, and one that claims a length it has not.
  EXPECT_THAT(SendBytes("Echo", "\x0a", token_),
              StatusIs(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST"));
  EXPECT_THAT(SendBytes("Echo", "\x0a\xff\xff\xff\xff\x0f", token_),
              StatusIs(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST"));
}

TEST_F(CorridorTest, ReadsNoLargeRequestButFromTheServicesThatTheMethodNames) {
  Start();
  // A million and a half of empty parts: three megabytes that would take a hundred.
  std::string many;
  for (int i = 0; i < 1'500'000; ++i) many += std::string("\x22\x00", 2);
  EXPECT_THAT(SendBytes("Echo", many, ""),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(SendBytes("Echo", many, token_),
              StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_TOO_LARGE"));
  EXPECT_THAT(SendBytes("Echo", many.substr(0, 512 << 10), token_), IsOk());
  // Nor one that only becomes large: eight megabytes in eight kilobytes.
  EXPECT_EQ(SendBytes("Echo", std::string(8 << 20, '\0'), token_, /*compressed=*/true).code(),
            absl::StatusCode::kUnimplemented);

  v1::DeliverRequest batch;
  batch.set_tenant("demo");
  batch.mutable_actor()->set_user_id(std::string(3 << 20, 'a'));
  const auto deliver = [&](absl::string_view as) {
    const auto stub = v1::EchoService::NewStub(surroundings_.Channel(as, server_->port(), "bbv"));
    v1::DeliverResponse response;
    return rpc::Invoke(
        {.deadline = absl::Now() + absl::Seconds(10)},
        [&](grpc::ClientContext* context) { return stub->Deliver(context, batch, &response); });
  };
  EXPECT_THAT(deliver("bbv"), IsOk());
  EXPECT_THAT(deliver("scheduling"),
              StatusIs(absl::StatusCode::kPermissionDenied, "SERVICE_NOT_NAMED"));
}

TEST_F(CorridorTest, AnswersAnExceptionInARoomWithInternalAndNothingOfItsText) {
  Start();
  echo_->on_echo = [](const rpc::Call&, const v1::EchoRequest&,
                      v1::EchoResponse* response) -> absl::Status {
    response->set_text("half an answer");
    throw std::runtime_error("patient 4711");
  };
  v1::EchoResponse response;
  const absl::Status status = Echo(As(token_), {}, &response);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_THAT(std::string(status.message()), ::testing::Not(::testing::HasSubstr("4711")));
  EXPECT_EQ(response.text(), "");
  echo_->on_echo = [](const rpc::Call&, const v1::EchoRequest&, v1::EchoResponse*) -> absl::Status {
    throw 7;
  };
  EXPECT_THAT(Echo(As(token_)), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
}

TEST_F(CorridorTest, SendsReasonMetadataAndRetryDelayOfARefusal) {
  Start();
  echo_->on_echo = [](const rpc::Call&, const v1::EchoRequest&, v1::EchoResponse*) {
    return status::WithRetryAfter(
        status::WithMetadata(status::FailedPrecondition("STALE_VERSION", "Load the case again."),
                             "version", "7"),
        absl::Seconds(3));
  };
  const absl::Status status = Echo(As(token_));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "STALE_VERSION"));
  EXPECT_EQ(status::Metadata(status, "version"), "7");
  EXPECT_EQ(status::RetryAfter(status), absl::Seconds(3));
}

TEST_F(CorridorTest, RunsAsManyBlockedRoomsAtOnceAsItHasWorkers) {
  Start(/*workers=*/12);
  testing::TestSignal inside;
  absl::Notification release;
  echo_->on_echo = [&](const rpc::Call&, const v1::EchoRequest&, v1::EchoResponse*) {
    inside.Notify();
    release.WaitForNotification();
    return absl::OkStatus();
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 12; ++i) {
    callers.emplace_back([this] { EXPECT_THAT(Echo(As(token_)), IsOk()); });
  }
  EXPECT_TRUE(inside.Wait(12)) << "a callback server that runs rooms itself manages two";
  release.Notify();
  for (std::thread& caller : callers) caller.join();
}

TEST_F(CorridorTest, RefusesWithARetryDelayWhenItsQueueIsFull) {
  Start(/*workers=*/1);
  testing::TestSignal inside;
  absl::Notification release;
  std::atomic<int> ran = 0;
  echo_->on_echo = [&](const rpc::Call&, const v1::EchoRequest&, v1::EchoResponse*) {
    ++ran;
    inside.Notify();
    release.WaitForNotification();
    return absl::OkStatus();
  };
  std::vector<std::thread> callers;
  callers.emplace_back([this] { EXPECT_THAT(Echo(As(token_)), IsOk()); });
  ASSERT_TRUE(inside.Wait());
  // One worker is held; eight may wait; of two more, both are refused at once.
  testing::TestSignal refused;
  std::atomic<int> ok = 0;
  for (int i = 0; i < 10; ++i) {
    callers.emplace_back([this, &refused, &ok] {
      const absl::Status status = Echo(As(token_));
      if (status.ok()) {
        ++ok;
        return;
      }
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "SERVER_BUSY"));
      EXPECT_TRUE(status::RetryAfter(status).has_value());
      refused.Notify();
    });
  }
  EXPECT_TRUE(refused.Wait(2));
  release.Notify();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(ok, 8);
  EXPECT_EQ(ran, 9);
}

TEST_F(CorridorTest, DropsACallWhoseDeadlinePassedInTheQueue) {
  Start(/*workers=*/1);
  testing::TestSignal inside;
  absl::Notification release;
  std::atomic<int> late_ran = 0;
  echo_->on_echo = [&](const rpc::Call&, const v1::EchoRequest& request, v1::EchoResponse*) {
    if (request.text() == "late") ++late_ran;
    if (request.text() == "first") {
      inside.Notify();
      release.WaitForNotification();
    }
    return absl::OkStatus();
  };
  std::thread first([this] {
    v1::EchoRequest request;
    request.set_text("first");
    EXPECT_THAT(Echo(As(token_), request), IsOk());
  });
  ASSERT_TRUE(inside.Wait());
  v1::EchoRequest late;
  late.set_text("late");
  EXPECT_THAT(Echo({.deadline = absl::Now() + absl::Milliseconds(100), .token = token_}, late),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  // The server counts a deadline from the call's arrival, so it passes there a little later than
  // here: once a longer one has passed here, too, the first has passed there.
  EXPECT_THAT(Echo({.deadline = absl::Now() + absl::Seconds(1), .token = token_}),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  release.Notify();
  first.join();
  EXPECT_THAT(Echo(As(token_)), IsOk());  // the queue is first in, first out
  EXPECT_EQ(late_ran, 0);
}

TEST_F(CorridorTest, TellsARoomThatItsClientHasGone) {
  Start();
  testing::TestSignal inside;
  absl::Notification seen;
  echo_->on_echo = [&](const rpc::Call& call, const v1::EchoRequest&, v1::EchoResponse*) {
    EXPECT_FALSE(call.cancelled());
    inside.Notify();
    EXPECT_TRUE(testing::Eventually([&] { return call.cancelled(); }));
    seen.Notify();
    return absl::OkStatus();
  };
  const std::unique_ptr<grpc::ClientContext> context = rpc::MakeContext(As(token_));
  std::thread canceller([&] {
    EXPECT_TRUE(inside.Wait());
    context->TryCancel();
  });
  v1::EchoResponse response;
  EXPECT_EQ(stub_->Echo(context.get(), {}, &response).error_code(), grpc::StatusCode::CANCELLED);
  canceller.join();
  seen.WaitForNotification();
}

TEST_F(CorridorTest, HandsTheDeadlineOfACallOnToTheCallsItMakes) {
  Start();
  absl::Time outer;
  absl::Time inner;
  echo_->on_change = [&](const rpc::Call& call, const v1::ChangeRequest&, v1::ChangeResponse*) {
    inner = call.deadline;
    return absl::OkStatus();
  };
  echo_->on_echo = [&](const rpc::Call& call, const v1::EchoRequest&, v1::EchoResponse*) {
    outer = call.deadline;
    v1::ChangeRequest request;
    request.set_request_id(ids::NewUuid());
    v1::ChangeResponse response;
    // Asks for more time than the outer call has.
    return rpc::Invoke(
        {.deadline = absl::Now() + absl::Seconds(25), .token = token_, .parent = &call},
        [&](grpc::ClientContext* context) { return stub_->Change(context, request, &response); });
  };
  EXPECT_THAT(Echo({.deadline = absl::Now() + absl::Seconds(5), .token = token_}), IsOk());
  EXPECT_LE(inner, outer + absl::Milliseconds(50));
}

TEST_F(CorridorTest, KeepsTheRightsOfOneCallFromTheNextOnItsConnection) {
  Start();
  EXPECT_THAT(Echo(As(token_)), IsOk());
  EXPECT_THAT(Echo(As("")), StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(Echo(As(surroundings_.TokenFor({"ANALYST"}))),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED"));
}

}  // namespace
}  // namespace waymark::server
