// How every room says no: an absl::Status that carries a stable reason for programs
// (google.rpc.ErrorInfo, domain "waymark") beside a sentence for people. Messages, reasons and
// fields never hold personal or clinical data: they end in logs and on other people's screens.
#ifndef WAYMARK_COMMON_STATUS_STATUS_H_
#define WAYMARK_COMMON_STATUS_STATUS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::status {

// The payload keys are the type URLs of the google.rpc messages, so a payload becomes a
// google.protobuf.Any without a table.
inline constexpr absl::string_view kErrorInfoUrl = "type.googleapis.com/google.rpc.ErrorInfo";
inline constexpr absl::string_view kRetryInfoUrl = "type.googleapis.com/google.rpc.RetryInfo";
inline constexpr absl::string_view kBadRequestUrl = "type.googleapis.com/google.rpc.BadRequest";
inline constexpr absl::string_view kDomain = "waymark";

// gRPC drops a whole trailer beyond 8 KiB, and with it the real error (measured); what a status
// carries stays below this many bytes, message included.
inline constexpr size_t kMaxDetailBytes = 7000;

// `reason` is UPPER_SNAKE and stable; `message` says what is wrong and what to do.
absl::Status Make(absl::StatusCode code, absl::string_view reason, absl::string_view message);

absl::Status Aborted(absl::string_view reason, absl::string_view message);
absl::Status AlreadyExists(absl::string_view reason, absl::string_view message);
absl::Status Cancelled(absl::string_view reason, absl::string_view message);
absl::Status DataLoss(absl::string_view reason, absl::string_view message);
absl::Status DeadlineExceeded(absl::string_view reason, absl::string_view message);
absl::Status FailedPrecondition(absl::string_view reason, absl::string_view message);
absl::Status Internal(absl::string_view reason, absl::string_view message);
absl::Status InvalidArgument(absl::string_view reason, absl::string_view message);
absl::Status NotFound(absl::string_view reason, absl::string_view message);
absl::Status OutOfRange(absl::string_view reason, absl::string_view message);
absl::Status PermissionDenied(absl::string_view reason, absl::string_view message);
absl::Status ResourceExhausted(absl::string_view reason, absl::string_view message);
absl::Status Unauthenticated(absl::string_view reason, absl::string_view message);
absl::Status Unavailable(absl::string_view reason, absl::string_view message);
absl::Status Unimplemented(absl::string_view reason, absl::string_view message);
absl::Status Unknown(absl::string_view reason, absl::string_view message);

// The reason given when the status was made; empty for OK and for a status without one.
std::string Reason(const absl::Status& status);

// Adds one machine-readable fact (ErrorInfo.metadata), such as the two instants of a repeated hour.
// No effect on OK.
absl::Status WithMetadata(absl::Status status, absl::string_view key, absl::string_view value);
// The value added under `key`; empty when there is none.
std::string Metadata(const absl::Status& status, absl::string_view key);

// Tells the caller how long to wait before it tries again (google.rpc.RetryInfo). No effect on OK.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);
std::optional<absl::Duration> RetryAfter(const absl::Status& status);

// One wrong field of a request. `field` is its proto path ("incident_time.date"); `description`
// says what would be right and never repeats what was sent.
struct FieldViolation {
  std::string field;
  std::string reason;
  std::string description;
};

// Reason of the status that FieldViolations::ToStatus returns.
inline constexpr absl::string_view kInvalidFields = "INVALID_FIELDS";

// Collects everything wrong with a request, so that a person corrects it in one go.
class FieldViolations {
 public:
  void Add(absl::string_view field, absl::string_view reason, absl::string_view description);
  // Takes over what another check found, with `prefix` and a dot before each of its fields.
  void AddAll(absl::string_view prefix, const FieldViolations& others);
  bool empty() const { return violations_.empty(); }
  const std::vector<FieldViolation>& violations() const { return violations_; }
  // OK when nothing was added; otherwise INVALID_ARGUMENT, reason INVALID_FIELDS, the first
  // violation as its message and all as google.rpc.BadRequest. What would not fit into a trailer
  // is left out and counted in a last violation with reason MORE_VIOLATIONS.
  absl::Status ToStatus() const;

 private:
  std::vector<FieldViolation> violations_;
};

// The violations that `status` carries; empty when none.
std::vector<FieldViolation> Violations(const absl::Status& status);

}  // namespace waymark::status

#define WAYMARK_STATUS_CONCAT_INNER(a, b) a##b
#define WAYMARK_STATUS_CONCAT(a, b) WAYMARK_STATUS_CONCAT_INNER(a, b)

// Leaves the function with the error of an absl::Status, if it is one.
#define RETURN_IF_ERROR(...)                                                 \
  do {                                                                       \
    if (absl::Status waymark_status = (__VA_ARGS__); !waymark_status.ok()) { \
      return waymark_status;                                                 \
    }                                                                        \
  } while (false)

// ASSIGN_OR_RETURN(auto x, Compute()): the value of an absl::StatusOr, or leaves with its error.
#define ASSIGN_OR_RETURN(lhs, ...) \
  WAYMARK_ASSIGN_OR_RETURN(WAYMARK_STATUS_CONCAT(waymark_statusor_, __LINE__), lhs, __VA_ARGS__)
#define WAYMARK_ASSIGN_OR_RETURN(result, lhs, ...)     \
  auto result = (__VA_ARGS__);                         \
  if (!result.ok()) return std::move(result).status(); \
  lhs = *std::move(result)

#endif  // WAYMARK_COMMON_STATUS_STATUS_H_
