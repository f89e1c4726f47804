#include "tools/waymark/report.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace waymark::cli {
namespace {

absl::string_view Hint(const absl::Status& status) {
  const std::string reason = status::Reason(status);
  if (reason == "TOKEN_MISSING" || reason == "TOKEN_EXPIRED") {
    return "`waymark token --as ROLE` mints one in development; --token gives another's.";
  }
  if (reason == "ROLE_REQUIRED") return "Ask as another role with --as, for example --as OH_NURSE.";
  if (reason == "STALE_VERSION") {
    return "Somebody changed the case meanwhile: `waymark case show`, then decide again.";
  }
  if (reason == "REQUEST_ID_REUSED") {
    return "A request_id belongs to one request; leave it out and a new one is made.";
  }
  if (reason == "BLOCKING_STEP_OPEN") {
    return "`waymark case show` lists what is open: record it, or waive it with a reason.";
  }
  if (status.code() == absl::StatusCode::kUnavailable) {
    return "`waymark health` shows which service is down; `tools/run` starts them all. Repeating a "
           "request with its request_id is safe.";
  }
  if (status.code() == absl::StatusCode::kDeadlineExceeded) {
    return "--timeout gives it longer. Repeating a request with its request_id is safe.";
  }
  return "";
}

}  // namespace

int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 0;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kAborted:
      return 3;
    case absl::StatusCode::kNotFound:
      return 4;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return 5;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      return 6;
    default:
      return 7;
  }
}

std::string Describe(const absl::Status& status) {
  std::string text = absl::StrCat("waymark: ", status.message(), "\n");
  if (const std::string reason = status::Reason(status); !reason.empty()) {
    absl::StrAppend(&text, "  reason: ", reason, "\n");
  } else {
    absl::StrAppend(&text, "  code: ", absl::StatusCodeToString(status.code()), "\n");
  }
  for (const status::FieldViolation& violation : status::Violations(status)) {
    absl::StrAppend(&text, "  field ", violation.field, ": ", violation.description,
                    violation.reason.empty() ? "" : absl::StrCat(" (", violation.reason, ")"),
                    "\n");
  }
  if (const auto delay = status::RetryAfter(status)) {
    absl::StrAppend(&text, "  try again in: ", absl::FormatDuration(*delay), "\n");
  }
  if (const absl::string_view hint = Hint(status); !hint.empty()) {
    absl::StrAppend(&text, "  hint: ", hint, "\n");
  }
  return text;
}

}  // namespace waymark::cli
