// Compares protobuf messages in tests and prints what differs.
#ifndef WAYMARK_COMMON_TESTING_PROTO_MATCHERS_H_
#define WAYMARK_COMMON_TESTING_PROTO_MATCHERS_H_

#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <memory>
#include <string>
#include <utility>

namespace waymark::testing {

// EXPECT_THAT(message, EqualsProto(R"pb(name: "a")pb")), or another message of the same type. Text
// that does not parse never matches.
class EqualsProtoMatcher {
 public:
  using is_gtest_matcher = void;
  explicit EqualsProtoMatcher(std::string text) : text_(std::move(text)) {}
  explicit EqualsProtoMatcher(const google::protobuf::Message& message) : message_(message.New()) {
    message_->CopyFrom(message);
  }

  bool MatchAndExplain(const google::protobuf::Message& actual, std::ostream* out) const {
    std::unique_ptr<google::protobuf::Message> wanted(actual.New());
    if (message_ != nullptr) {
      if (message_->GetDescriptor() != actual.GetDescriptor()) return false;
      wanted->CopyFrom(*message_);
    } else if (!google::protobuf::TextFormat::ParseFromString(text_, wanted.get())) {
      if (out != nullptr) *out << "the expected text is not a " << actual.GetTypeName();
      return false;
    }
    google::protobuf::util::MessageDifferencer differencer;
    std::string difference;
    differencer.ReportDifferencesToString(&difference);
    const bool equal = differencer.Compare(*wanted, actual);
    if (!equal && out != nullptr) *out << "which differs:\n" << difference;
    return equal;
  }
  void DescribeTo(std::ostream* out) const {
    *out << "equals " << (message_ != nullptr ? message_->DebugString() : text_);
  }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "differs from " << (message_ != nullptr ? message_->DebugString() : text_);
  }

 private:
  std::string text_;
  std::shared_ptr<google::protobuf::Message> message_;
};

inline EqualsProtoMatcher EqualsProto(std::string text) {
  return EqualsProtoMatcher(std::move(text));
}
inline EqualsProtoMatcher EqualsProto(const google::protobuf::Message& message) {
  return EqualsProtoMatcher(message);
}

// A message from its text form; ends the test program when the text is wrong.
template <typename M>
M ParseProto(const std::string& text) {
  M message;
  GOOGLE_CHECK(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

}  // namespace waymark::testing

#endif  // WAYMARK_COMMON_TESTING_PROTO_MATCHERS_H_
