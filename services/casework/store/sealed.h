// A value sealed with its own wrapped data key in front, for what is stored alone: an outbox
// payload, a stored answer, the part of an event that is held apart.
#ifndef WAYMARK_SERVICES_CASEWORK_STORE_SEALED_H_
#define WAYMARK_SERVICES_CASEWORK_STORE_SEALED_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/key_provider.h"

namespace waymark::casework {

// Key version (4 bytes, big endian), length of the wrapped key (2 bytes), wrapped key, sealed
// bytes. Errors of KeyProvider::Wrap.
absl::StatusOr<std::string> SealAlone(const crypto::KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view plaintext);

// DATA_LOSS SEAL_BROKEN when `stored` is not of that form or not for this tenant and binding;
// errors of KeyProvider::Unwrap.
absl::StatusOr<std::string> OpenAlone(const crypto::KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view stored);

// What an outbox payload is bound to.
std::string OutboxBinding(absl::string_view tenant, absl::string_view destination,
                          absl::string_view event_id);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_STORE_SEALED_H_
