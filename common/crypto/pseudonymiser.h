// Stands a keyed token in for an identifier. A token tells nothing without the key, is the same for
// the same identifier within one purpose and key version, and cannot be joined across purposes.
#ifndef WAYMARK_COMMON_CRYPTO_PSEUDONYMISER_H_
#define WAYMARK_COMMON_CRYPTO_PSEUDONYMISER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret.h"

namespace waymark::crypto {

// token = "p<version>." + base32lower(HMAC-SHA-256(K, domain || 0x00 || id)[0..20]) with
// K = HKDF-SHA-256(root, salt, "police-oh/pseudonym/<purpose>/v<version>").
class Pseudonymiser {
 public:
  // `root` is 32 bytes or more; `live_versions` the key versions still in use, each 1 or more, in
  // any order; the highest makes new tokens. INVALID_ARGUMENT PSEUDONYM_KEY otherwise. Leaving a
  // version out unlinks its tokens for good, once the root key is changed too.
  static absl::StatusOr<Pseudonymiser> Create(const SecretBytes& root, absl::string_view salt,
                                              absl::string_view purpose,
                                              std::vector<int32_t> live_versions);

  // `domain` says what kind of identifier it is and holds no zero byte; `id` is already normalised
  // and checked: a misspelt one gets a token like any other. Never for a value of few
  // possibilities, such as a date of birth, alone.
  std::string Token(absl::string_view domain, absl::string_view id) const;

  // The tokens of every live version, newest first: what a look-up must search for.
  std::vector<std::string> LiveTokens(absl::string_view domain, absl::string_view id) const;

  int32_t newest_version() const { return keys_.front().first; }

 private:
  explicit Pseudonymiser(std::vector<std::pair<int32_t, SecretBytes>> keys)
      : keys_(std::move(keys)) {}

  std::vector<std::pair<int32_t, SecretBytes>> keys_;  // newest first, never empty
};

// The version that made `token`; 0 when it has not the form of a token.
int32_t PseudonymVersion(absl::string_view token);

}  // namespace waymark::crypto

#endif  // WAYMARK_COMMON_CRYPTO_PSEUDONYMISER_H_
