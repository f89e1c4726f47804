// A value sealed with its own wrapped data key in front, for what is stored alone: an outbox
// payload, a stored answer.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_SEALED_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_SEALED_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/key_provider.h"

namespace waymark::workforce {

// Key version and length of the wrapped key (4 bytes each, big endian), wrapped key, sealed bytes.
absl::StatusOr<std::string> SealAlone(const crypto::KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view plaintext);

// DATA_LOSS SEAL_BROKEN when `stored` is not of that form or not for this tenant and binding.
absl::StatusOr<std::string> OpenAlone(const crypto::KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view stored);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_SEALED_H_
