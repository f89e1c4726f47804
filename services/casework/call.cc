#include "services/casework/call.h"

#include "common/ids/ids.h"

namespace waymark::casework {

std::string Call::NewId(absl::string_view name) const { return ids::DeriveUuid(request_id, name); }

}  // namespace waymark::casework
