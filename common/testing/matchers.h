// What Abseil 20220623 has no matchers for: statuses. See proto_matchers.h for messages.
#ifndef WAYMARK_COMMON_TESTING_MATCHERS_H_
#define WAYMARK_COMMON_TESTING_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/status.h"

namespace waymark::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

// EXPECT_THAT(status_or_statusor, IsOk()).
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString() << " reason " << status::Reason(status);
  return status.ok();
}

// EXPECT_THAT(call, StatusIs(absl::StatusCode::kNotFound, "CASE_NOT_FOUND")).
MATCHER_P2(StatusIs, code, reason,
           absl::StatusCodeToString(code) + " with reason " + std::string(reason)) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString() << " reason " << status::Reason(status);
  return status.code() == code && status::Reason(status) == reason;
}
MATCHER_P(StatusIs, code, absl::StatusCodeToString(code)) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString() << " reason " << status::Reason(status);
  return status.code() == code;
}

// EXPECT_THAT(statusor, IsOkAndHolds(matcher of the value)).
template <typename Inner>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}
  template <typename StatusOrT>
  operator ::testing::Matcher<StatusOrT>() const {  // NOLINT(google-explicit-constructor)
    using Value = typename std::decay_t<StatusOrT>::value_type;
    return ::testing::Matcher<StatusOrT>(new Typed<StatusOrT, Value>(inner_));
  }

 private:
  template <typename StatusOrT, typename Value>
  class Typed : public ::testing::MatcherInterface<StatusOrT> {
   public:
    explicit Typed(const Inner& inner) : value_(::testing::SafeMatcherCast<const Value&>(inner)) {}
    void DescribeTo(std::ostream* out) const override {
      *out << "is OK and holds a value that ";
      value_.DescribeTo(out);
    }
    bool MatchAndExplain(StatusOrT arg, ::testing::MatchResultListener* listener) const override {
      if (!arg.ok()) {
        *listener << "which is " << arg.status().ToString();
        return false;
      }
      return value_.MatchAndExplain(*arg, listener);
    }

   private:
    const ::testing::Matcher<const Value&> value_;
  };

  const Inner inner_;
};
template <typename Inner>
IsOkAndHoldsMatcher<std::decay_t<Inner>> IsOkAndHolds(Inner&& inner) {
  return IsOkAndHoldsMatcher<std::decay_t<Inner>>(std::forward<Inner>(inner));
}

// ASSERT_OK_AND_ASSIGN(auto x, Compute()): stops the test with the error's text.
#define ASSERT_OK_AND_ASSIGN(lhs, ...) \
  WAYMARK_ASSERT_OK_AND_ASSIGN(WAYMARK_STATUS_CONCAT(waymark_assert_, __LINE__), lhs, __VA_ARGS__)
#define WAYMARK_ASSERT_OK_AND_ASSIGN(result, lhs, ...) \
  auto result = (__VA_ARGS__);                         \
  ASSERT_THAT(result, ::waymark::testing::IsOk());     \
  lhs = *std::move(result)

}  // namespace waymark::testing

#endif  // WAYMARK_COMMON_TESTING_MATCHERS_H_
