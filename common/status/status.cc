#include "common/status/status.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace waymark::status {
namespace {

// A violation longer than this is no help to anyone; the cut keeps one from crowding out the rest.
constexpr size_t kMaxFieldBytes = 200;
constexpr size_t kMaxReasonBytes = 64;
constexpr size_t kMaxDescriptionBytes = 400;
// What the other details, the message and the Any wrappers need beside BadRequest.
constexpr size_t kReservedBytes = 1800;

// The longest prefix of at most `limit` bytes that does not split a UTF-8 sequence.
std::string Cut(absl::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return std::string(text.substr(0, limit));
}

template <typename Message>
std::optional<Message> Payload(const absl::Status& status, absl::string_view url) {
  std::optional<Message> message;
  if (auto payload = status.GetPayload(url)) {
    message.emplace();
    if (!message->ParseFromString(std::string(*payload))) message.reset();
  }
  return message;
}

template <typename Message>
void SetPayload(absl::Status& status, absl::string_view url, const Message& message) {
  status.SetPayload(url, absl::Cord(message.SerializeAsString()));
}

}  // namespace

absl::Status Make(absl::StatusCode code, absl::string_view reason, absl::string_view message) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(Cut(reason, kMaxReasonBytes));
  info.set_domain(std::string(kDomain));
  SetPayload(status, kErrorInfoUrl, info);
  return status;
}

absl::Status Aborted(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kAborted, reason, message);
}
absl::Status AlreadyExists(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kAlreadyExists, reason, message);
}
absl::Status Cancelled(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kCancelled, reason, message);
}
absl::Status DataLoss(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kDataLoss, reason, message);
}
absl::Status DeadlineExceeded(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kDeadlineExceeded, reason, message);
}
absl::Status FailedPrecondition(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kFailedPrecondition, reason, message);
}
absl::Status Internal(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kInternal, reason, message);
}
absl::Status InvalidArgument(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kInvalidArgument, reason, message);
}
absl::Status NotFound(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kNotFound, reason, message);
}
absl::Status OutOfRange(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kOutOfRange, reason, message);
}
absl::Status PermissionDenied(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kPermissionDenied, reason, message);
}
absl::Status ResourceExhausted(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kResourceExhausted, reason, message);
}
absl::Status Unauthenticated(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kUnauthenticated, reason, message);
}
absl::Status Unavailable(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kUnavailable, reason, message);
}
absl::Status Unimplemented(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kUnimplemented, reason, message);
}
absl::Status Unknown(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kUnknown, reason, message);
}

std::string Reason(const absl::Status& status) {
  auto info = Payload<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  return info ? info->reason() : "";
}

absl::Status WithMetadata(absl::Status status, absl::string_view key, absl::string_view value) {
  if (status.ok()) return status;
  auto info = Payload<google::rpc::ErrorInfo>(status, kErrorInfoUrl)
                  .value_or(google::rpc::ErrorInfo::default_instance());
  info.set_domain(std::string(kDomain));
  (*info.mutable_metadata())[Cut(key, kMaxReasonBytes)] = Cut(value, kMaxFieldBytes);
  SetPayload(status, kErrorInfoUrl, info);
  return status;
}

std::string Metadata(const absl::Status& status, absl::string_view key) {
  auto info = Payload<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  if (!info) return "";
  auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? "" : found->second;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  // Clamped to a day: nobody waits longer for a service, and infinity has no proto form.
  delay = std::clamp(delay, absl::ZeroDuration(), absl::Hours(24));
  google::rpc::RetryInfo info;
  absl::Duration rest;
  info.mutable_retry_delay()->set_seconds(absl::IDivDuration(delay, absl::Seconds(1), &rest));
  info.mutable_retry_delay()->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(rest)));
  SetPayload(status, kRetryInfoUrl, info);
  return status;
}

std::optional<absl::Duration> RetryAfter(const absl::Status& status) {
  auto info = Payload<google::rpc::RetryInfo>(status, kRetryInfoUrl);
  if (!info) return std::nullopt;
  return absl::Seconds(info->retry_delay().seconds()) +
         absl::Nanoseconds(info->retry_delay().nanos());
}

void FieldViolations::Add(absl::string_view field, absl::string_view reason,
                          absl::string_view description) {
  violations_.push_back({Cut(field, kMaxFieldBytes), Cut(reason, kMaxReasonBytes),
                         Cut(description, kMaxDescriptionBytes)});
}

void FieldViolations::AddAll(absl::string_view prefix, const FieldViolations& others) {
  for (const FieldViolation& violation : others.violations_) {
    Add(violation.field.empty() ? std::string(prefix) : absl::StrCat(prefix, ".", violation.field),
        violation.reason, violation.description);
  }
}

absl::Status FieldViolations::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  google::rpc::BadRequest request;
  size_t bytes = 0;
  for (size_t i = 0; i < violations_.size(); ++i) {
    auto* added = request.add_field_violations();
    added->set_field(violations_[i].field);
    added->set_reason(violations_[i].reason);
    added->set_description(violations_[i].description);
    bytes += added->ByteSizeLong() + 4;
    if (bytes > kMaxDetailBytes - kReservedBytes) {
      added->clear_field();
      added->set_reason("MORE_VIOLATIONS");
      added->set_description(absl::StrCat(violations_.size() - i,
                                          " more violations are not shown; correct these first."));
      break;
    }
  }
  const FieldViolation& first = violations_.front();
  std::string message = absl::StrCat(first.field, ": ", first.description);
  if (violations_.size() > 1) absl::StrAppend(&message, " (", violations_.size() - 1, " more)");
  absl::Status status = InvalidArgument(kInvalidFields, message);
  SetPayload(status, kBadRequestUrl, request);
  return status;
}

std::vector<FieldViolation> Violations(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  if (auto request = Payload<google::rpc::BadRequest>(status, kBadRequestUrl)) {
    for (const auto& violation : request->field_violations()) {
      violations.push_back({violation.field(), violation.reason(), violation.description()});
    }
  }
  return violations;
}

}  // namespace waymark::status
