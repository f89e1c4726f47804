#include "common/status/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status_grpc.h"
#include "google/rpc/status.pb.h"

namespace waymark::status {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

absl::Status Fail() { return NotFound("CASE_NOT_FOUND", "There is no such case."); }

absl::StatusOr<std::string> Text(bool good) {
  if (!good) return Fail();
  return std::string("text");
}

absl::Status PassesOn(const absl::Status& inner, bool& reached) {
  RETURN_IF_ERROR(inner);
  reached = true;
  return absl::OkStatus();
}

absl::StatusOr<size_t> Length(bool good) {
  ASSIGN_OR_RETURN(const std::string first, Text(true));
  ASSIGN_OR_RETURN(const std::string second, Text(good));
  return first.size() + second.size();
}

TEST(Status, CarriesItsReasonBesideItsMessage) {
  const absl::Status status = Fail();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "There is no such case.");
  EXPECT_EQ(Reason(status), "CASE_NOT_FOUND");
  EXPECT_EQ(Reason(absl::OkStatus()), "");
  EXPECT_EQ(Reason(absl::InternalError("plain")), "");
}

TEST(Status, EveryConstructorGivesItsOwnCode) {
  const struct {
    absl::Status (*make)(absl::string_view, absl::string_view);
    absl::StatusCode code;
  } kCases[] = {
      {&Aborted, absl::StatusCode::kAborted},
      {&AlreadyExists, absl::StatusCode::kAlreadyExists},
      {&Cancelled, absl::StatusCode::kCancelled},
      {&DataLoss, absl::StatusCode::kDataLoss},
      {&DeadlineExceeded, absl::StatusCode::kDeadlineExceeded},
      {&FailedPrecondition, absl::StatusCode::kFailedPrecondition},
      {&Internal, absl::StatusCode::kInternal},
      {&InvalidArgument, absl::StatusCode::kInvalidArgument},
      {&NotFound, absl::StatusCode::kNotFound},
      {&OutOfRange, absl::StatusCode::kOutOfRange},
      {&PermissionDenied, absl::StatusCode::kPermissionDenied},
      {&ResourceExhausted, absl::StatusCode::kResourceExhausted},
      {&Unauthenticated, absl::StatusCode::kUnauthenticated},
      {&Unavailable, absl::StatusCode::kUnavailable},
      {&Unimplemented, absl::StatusCode::kUnimplemented},
      {&Unknown, absl::StatusCode::kUnknown},
  };
  for (const auto& expected : kCases) {
    const absl::Status status = expected.make("REASON", "message");
    EXPECT_EQ(status.code(), expected.code);
    EXPECT_EQ(Reason(status), "REASON");
  }
}

TEST(Status, MacrosLeaveWithTheErrorAndGoOnWithTheValue) {
  bool reached = false;
  EXPECT_EQ(Reason(PassesOn(Fail(), reached)), "CASE_NOT_FOUND");
  EXPECT_FALSE(reached);
  EXPECT_TRUE(PassesOn(absl::OkStatus(), reached).ok());
  EXPECT_TRUE(reached);
  EXPECT_EQ(*Length(true), 8u);
  EXPECT_EQ(Reason(Length(false).status()), "CASE_NOT_FOUND");
}

TEST(Status, RetryAfterIsReadBackAndClampedToADay) {
  EXPECT_EQ(RetryAfter(WithRetryAfter(Fail(), absl::Milliseconds(1250))), absl::Milliseconds(1250));
  EXPECT_EQ(RetryAfter(WithRetryAfter(Fail(), absl::InfiniteDuration())), absl::Hours(24));
  EXPECT_EQ(RetryAfter(WithRetryAfter(Fail(), -absl::Seconds(5))), absl::ZeroDuration());
  EXPECT_EQ(RetryAfter(Fail()), std::nullopt);
  EXPECT_TRUE(WithRetryAfter(absl::OkStatus(), absl::Seconds(1)).ok());
}

TEST(Status, MetadataIsKeptBesideTheReason) {
  const absl::Status status = WithMetadata(WithMetadata(Fail(), "a", "1"), "b", "2");
  EXPECT_EQ(Reason(status), "CASE_NOT_FOUND");
  EXPECT_EQ(Metadata(status, "a"), "1");
  EXPECT_EQ(Metadata(status, "b"), "2");
  EXPECT_EQ(Metadata(status, "c"), "");
}

TEST(FieldViolations, NoneIsOk) { EXPECT_TRUE(FieldViolations().ToStatus().ok()); }

TEST(FieldViolations, TellsEveryWrongFieldAtOnce) {
  FieldViolations inner;
  inner.Add("date", "DATE_INVALID", "The date must exist.");
  inner.Add("", "REQUIRED", "The time is required.");
  FieldViolations violations;
  violations.Add("request_id", "REQUIRED", "A UUID is required.");
  violations.AddAll("incident_time", inner);
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Reason(status), kInvalidFields);
  EXPECT_EQ(status.message(), "request_id: A UUID is required. (2 more)");
  const std::vector<FieldViolation> found = Violations(status);
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[1].field, "incident_time.date");
  EXPECT_EQ(found[1].reason, "DATE_INVALID");
  EXPECT_EQ(found[2].field, "incident_time");
}

TEST(FieldViolations, StaysBelowWhatATrailerCarries) {
  FieldViolations violations;
  for (int i = 0; i < 500; ++i) {
    violations.Add("officers.something_long_" + std::to_string(i), "REQUIRED",
                   std::string(1000, 'x'));
  }
  const grpc::Status sent = ToGrpc(violations.ToStatus());
  EXPECT_LT(sent.error_details().size() + sent.error_message().size(), kMaxDetailBytes);
  const std::vector<FieldViolation> found = Violations(FromGrpc(sent));
  ASSERT_GT(found.size(), 5u);
  EXPECT_EQ(found.back().reason, "MORE_VIOLATIONS");
  EXPECT_THAT(found.back().description,
              HasSubstr(std::to_string(500 - (found.size() - 1)) + " more"));
}

TEST(FieldViolations, CutsBetweenCharactersNotWithinOne) {
  std::string field(199, 'a');
  field += "\xC3\xA9";  // é, bytes 199 and 200
  FieldViolations violations;
  violations.Add(field, "REQUIRED", "d");
  EXPECT_EQ(Violations(violations.ToStatus())[0].field, std::string(199, 'a'));
}

TEST(StatusGrpc, SurvivesTheWire) {
  const absl::Status status = WithMetadata(
      WithRetryAfter(ResourceExhausted("BUSY", "Try later."), absl::Seconds(2)), "queue", "full");
  const grpc::Status sent = ToGrpc(status);
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(sent.error_message(), "Try later.");
  EXPECT_EQ(FromGrpc(sent), status);
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
}

TEST(StatusGrpc, KeepsTheReasonWhenTheRestIsTooMuch) {
  absl::Status status = Internal("KEPT", std::string(50'000, 'm'));
  status.SetPayload("type.googleapis.com/a.Big", absl::Cord(std::string(50'000, 'b')));
  const grpc::Status sent = ToGrpc(status);
  EXPECT_LT(sent.error_details().size() + sent.error_message().size(), kMaxDetailBytes);
  EXPECT_EQ(Reason(FromGrpc(sent)), "KEPT");
}

TEST(StatusGrpc, RefusesDetailsThatAreNotAStatus) {
  absl::Status status = Fail();
  EXPECT_FALSE(ExtractDetails("\xFF\xFF nonsense", status));
  EXPECT_EQ(status, Fail());
  google::rpc::Status details;
  details.add_details()->set_value("without a type");
  EXPECT_TRUE(ExtractDetails(details.SerializeAsString(), status));
  EXPECT_EQ(status, Fail());
}

TEST(StatusGrpc, AStatusWithoutDetailsHasNoReason) {
  const absl::Status status = FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone"));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Reason(status), "");
  EXPECT_THAT(Violations(status), IsEmpty());
}

}  // namespace
}  // namespace waymark::status
