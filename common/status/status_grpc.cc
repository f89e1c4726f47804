#include "common/status/status_grpc.h"

#include <algorithm>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "common/status/status.h"
#include "google/rpc/status.pb.h"

namespace waymark::status {
namespace {

// gRPC percent-encodes the message, so a byte may take three on the wire.
constexpr size_t kMaxMessageBytes = 1000;

template <absl::StatusCode kAbsl, grpc::StatusCode kGrpc>
constexpr bool kSame = static_cast<int>(kAbsl) == static_cast<int>(kGrpc);

static_assert(kSame<absl::StatusCode::kOk, grpc::StatusCode::OK>);
static_assert(kSame<absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED>);
static_assert(kSame<absl::StatusCode::kUnknown, grpc::StatusCode::UNKNOWN>);
static_assert(kSame<absl::StatusCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT>);
static_assert(kSame<absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED>);
static_assert(kSame<absl::StatusCode::kNotFound, grpc::StatusCode::NOT_FOUND>);
static_assert(kSame<absl::StatusCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS>);
static_assert(kSame<absl::StatusCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED>);
static_assert(kSame<absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED>);
static_assert(kSame<absl::StatusCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION>);
static_assert(kSame<absl::StatusCode::kAborted, grpc::StatusCode::ABORTED>);
static_assert(kSame<absl::StatusCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE>);
static_assert(kSame<absl::StatusCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED>);
static_assert(kSame<absl::StatusCode::kInternal, grpc::StatusCode::INTERNAL>);
static_assert(kSame<absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE>);
static_assert(kSame<absl::StatusCode::kDataLoss, grpc::StatusCode::DATA_LOSS>);
static_assert(kSame<absl::StatusCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED>);

std::string CutMessage(absl::string_view message) {
  size_t limit = std::min(message.size(), kMaxMessageBytes);
  while (limit > 0 && limit < message.size() &&
         (static_cast<unsigned char>(message[limit]) & 0xC0) == 0x80) {
    --limit;
  }
  return std::string(message.substr(0, limit));
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(CutMessage(status.message()));
  size_t bytes = 2 * details.ByteSizeLong();  // the message travels in both trailers
  auto add = [&](absl::string_view url, const absl::Cord& payload) {
    const size_t size = url.size() + payload.size() + 16;
    if (bytes + size > kMaxDetailBytes) return;
    bytes += size;
    auto* any = details.add_details();
    any->set_type_url(std::string(url));
    any->set_value(std::string(payload));
  };
  // The reason first: whatever else must go, a program can still tell what happened.
  if (auto info = status.GetPayload(kErrorInfoUrl)) add(kErrorInfoUrl, *info);
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (url != kErrorInfoUrl) add(url, payload);
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), details.message(),
                      details.details().empty() ? "" : details.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  ExtractDetails(status.error_details(), result);
  return result;
}

bool ExtractDetails(const std::string& details, absl::Status& status) {
  google::rpc::Status parsed;
  if (!parsed.ParseFromString(details)) return false;
  for (const auto& any : parsed.details()) {
    if (!any.type_url().empty()) status.SetPayload(any.type_url(), absl::Cord(any.value()));
  }
  return true;
}

}  // namespace waymark::status
