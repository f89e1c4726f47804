// Messages that say something about a person are sealed: an outbox is read by whoever backs it up.
#ifndef WAYMARK_COMMON_OUTBOX_SEALED_H_
#define WAYMARK_COMMON_OUTBOX_SEALED_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/key_provider.h"
#include "common/outbox/outbox.h"

namespace waymark::outbox {

// Bound to tenant, destination and event: a row copied elsewhere does not open. Errors of
// KeyProvider::Wrap.
absl::StatusOr<Message> Sealed(const crypto::KeyProvider& keys, absl::string_view tenant,
                               std::string destination, std::string event_id,
                               absl::string_view payload);

// The payload as it was before Sealed. DATA_LOSS SEAL_BROKEN when it is of another tenant,
// destination or event; errors of KeyProvider::Unwrap.
absl::StatusOr<std::string> Opened(const crypto::KeyProvider& keys, absl::string_view tenant,
                                   absl::string_view destination, absl::string_view event_id,
                                   absl::string_view payload);

}  // namespace waymark::outbox

#endif  // WAYMARK_COMMON_OUTBOX_SEALED_H_
