// Acting after a clinical window has shut.
#ifndef WAYMARK_SERVICES_CASEWORK_OVERRIDE_H_
#define WAYMARK_SERVICES_CASEWORK_OVERRIDE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/casework/call.h"

namespace waymark::casework {

// OK when the caller is a physician who gives a reason; else FAILED_PRECONDITION WINDOW_CLOSED.
absl::Status CheckOverride(const Call& call, absl::string_view reason);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_OVERRIDE_H_
