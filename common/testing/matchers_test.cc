#include "common/testing/matchers.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/testing/proto_matchers.h"
#include "common/testing/test_signal.h"

namespace waymark::testing {
namespace {

using ::testing::Gt;
using ::testing::Not;

TEST(StatusMatchers, TellCodeAndReason) {
  const absl::Status status = status::NotFound("CASE_NOT_FOUND", "There is no such case.");
  EXPECT_THAT(status, Not(IsOk()));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kNotFound, "OTHER")));
  EXPECT_THAT(absl::StatusOr<int>(status), StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"));
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(Gt(2)));
  EXPECT_THAT(absl::StatusOr<int>(3), Not(IsOkAndHolds(4)));
  EXPECT_THAT(absl::StatusOr<int>(status), Not(IsOkAndHolds(3)));
}

TEST(ProtoMatchers, CompareWithTextAndMessages) {
  const auto info = ParseProto<google::rpc::ErrorInfo>(R"pb(reason: "A" domain: "waymark")pb");
  EXPECT_THAT(info, EqualsProto(R"pb(domain: "waymark" reason: "A")pb"));
  EXPECT_THAT(info, EqualsProto(info));
  EXPECT_THAT(info, Not(EqualsProto(R"pb(reason: "B")pb")));
  EXPECT_THAT(info, Not(EqualsProto("nonsense: 1")));
}

TEST(TestSignal, WaitsUntilItWasNotifiedOftenEnough) {
  TestSignal signal;
  std::thread other([&] {
    signal.Notify();
    signal.Notify();
  });
  EXPECT_TRUE(signal.Wait(2));
  other.join();
  EXPECT_FALSE(signal.Wait(3, absl::Milliseconds(1)));
}

}  // namespace
}  // namespace waymark::testing
