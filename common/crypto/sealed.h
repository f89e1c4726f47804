// A value sealed with its own wrapped data key in front, for what is stored alone: an outbox
// payload, a stored answer, the part of an event that is held apart.
#ifndef WAYMARK_COMMON_CRYPTO_SEALED_H_
#define WAYMARK_COMMON_CRYPTO_SEALED_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/key_provider.h"

namespace waymark::crypto {

// Key version (4 bytes, big endian), length of the wrapped key (2 bytes), wrapped key, sealed
// bytes. Errors of KeyProvider::Wrap.
absl::StatusOr<std::string> SealAlone(const KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view plaintext);

// DATA_LOSS SEAL_BROKEN when `stored` is not of that form or not for this tenant and binding;
// errors of KeyProvider::Unwrap.
absl::StatusOr<std::string> OpenAlone(const KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view stored);

}  // namespace waymark::crypto

#endif  // WAYMARK_COMMON_CRYPTO_SEALED_H_
