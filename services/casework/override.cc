#include "services/casework/override.h"

#include "absl/strings/ascii.h"
#include "common/status/status.h"

namespace waymark::casework {

absl::Status CheckOverride(const Call& call, absl::string_view reason) {
  if (call.role == options::v1::ROLE_OH_PHYSICIAN && !absl::StripAsciiWhitespace(reason).empty()) {
    return absl::OkStatus();
  }
  return status::FailedPrecondition(
      "WINDOW_CLOSED", "The clinical window has shut. A physician may override with a reason.");
}

}  // namespace waymark::casework
