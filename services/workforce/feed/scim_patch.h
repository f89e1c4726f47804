// PATCH of SCIM 2.0 (RFC 7644 section 3.5.2) on a resource. Pure.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_PATCH_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_PATCH_H_

#include <nlohmann/json_fwd.hpp>

#include "absl/status/status.h"

namespace waymark::workforce {

// Applies the Operations of a PatchOp `body` to `resource`, all or none. Names and op compare in
// any case; attributes that are not kept (scim_user.h) are passed over. INVALID_ARGUMENT with
// reason SCIM_INVALID_SYNTAX, SCIM_INVALID_PATH, SCIM_INVALID_FILTER, SCIM_INVALID_VALUE,
// SCIM_NO_TARGET, SCIM_MUTABILITY.
absl::Status ApplyScimPatch(const nlohmann::json& body, nlohmann::json& resource);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_PATCH_H_
