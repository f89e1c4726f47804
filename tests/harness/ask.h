// Calls a service of a suite as somebody: once, or again until it answers.
#ifndef WAYMARK_TESTS_HARNESS_ASK_H_
#define WAYMARK_TESTS_HARNESS_ASK_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/testing/test_signal.h"
#include "tests/harness/suite.h"

namespace waymark::harness {

template <typename Stub, typename Request, typename Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

// Once. A request_id that is missing is filled in.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Ask(const Suite& suite, const std::string& service, const Person& who,
                             Method<Stub, Request, Response> method, Request request) {
  if constexpr (requires { request.set_request_id(""); }) {
    if (request.request_id().empty()) request.set_request_id(ids::NewUuid());
  }
  Stub stub(suite.Connect(service));
  Response response;
  const absl::Status done = rpc::Invoke(
      {.deadline = absl::Now() + absl::Seconds(10), .token = suite.Token(who)},
      [&](grpc::ClientContext* context) { return (stub.*method)(context, request, &response); });
  if (!done.ok()) return done;
  return response;
}

// The caller may and should try again: nothing was said about the request.
inline bool Unanswered(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsAborted(status) || absl::IsCancelled(status);
}

// Again with the same request_id until it is answered, as the contract asks. What it is refused for
// comes back at once.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Insist(const Suite& suite, const std::string& service, const Person& who,
                                Method<Stub, Request, Response> method, Request request) {
  if constexpr (requires { request.set_request_id(""); }) {
    if (request.request_id().empty()) request.set_request_id(ids::NewUuid());
  }
  absl::StatusOr<Response> answer;
  EXPECT_TRUE(testing::Eventually(
      [&] {
        answer = Ask(suite, service, who, method, request);
        return answer.ok() || !Unanswered(answer.status());
      },
      absl::Minutes(1)))
      << answer.status();
  return answer;
}

}  // namespace waymark::harness

#endif  // WAYMARK_TESTS_HARNESS_ASK_H_
