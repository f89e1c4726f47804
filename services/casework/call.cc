#include "services/casework/call.h"

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"

namespace waymark::casework {

std::string Call::NewId(absl::string_view name) const {
  // Everything that makes a request unique: two callers, or two acts of one, may choose the same
  // id.
  return ids::DeriveUuid(absl::StrCat(tenant, "/", user_id, "/", act, "/", request_id), name);
}

}  // namespace waymark::casework
