// Signed tokens (RFC 7519) on Debian's libcjose: those of a provider are verified, our own signed.
#ifndef WAYMARK_SERVICES_GATEWAY_JWT_H_
#define WAYMARK_SERVICES_GATEWAY_JWT_H_

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace waymark::gateway {

// A provider's public keys. They are fetched when first needed, again after an hour, and when a
// token names a key that is not among them (the provider rotates), but for that at most every
// `least_between`: invented names must not become a flood of fetches. Thread-safe.
class KeySet {
 public:
  using Fetch = std::function<absl::StatusOr<std::string>()>;  // the JWKS as text
  explicit KeySet(Fetch fetch, absl::Duration least_between = absl::Seconds(30));
  ~KeySet();

  // The claims of `token`, whose signature is by one of the keys. Only ES256 (P-256) and RS256
  // (2048 bits or more), and the algorithm is the key's, never the token's choice. UNAUTHENTICATED
  // TOKEN_MALFORMED, TOKEN_ALGORITHM, TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE; UNAVAILABLE
  // KEYS_UNAVAILABLE. Blocks while it fetches.
  absl::StatusOr<nlohmann::json> Verify(absl::string_view token, absl::Time now);

 private:
  struct Key;
  std::shared_ptr<const Key> Find(const std::string& kid);
  absl::Status Refresh(absl::Time now);

  const Fetch fetch_;
  const absl::Duration least_between_;
  absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Key>> keys_ ABSL_GUARDED_BY(mutex_);
  absl::Time fetched_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

struct IdTokenExpectations {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  absl::Time now;
  absl::Duration leeway = absl::Seconds(60);
};
// What OpenID Connect Core section 3.1.3.7 asks of an ID token's claims. UNAUTHENTICATED
// TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_PARTY (azp), TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_NONCE,
// TOKEN_CLAIMS.
absl::Status CheckIdToken(const nlohmann::json& claims, const IdTokenExpectations& expected);

// A private key for signing, P-256 or RSA.
class SigningKey {
 public:
  // A private JWK with a kid. FAILED_PRECONDITION SIGNING_KEY.
  static absl::StatusOr<SigningKey> FromJwk(absl::string_view jwk);
  SigningKey(SigningKey&&) noexcept;
  ~SigningKey();

  absl::StatusOr<std::string> Sign(const nlohmann::json& claims) const;
  // {"keys": [the public half]}.
  const std::string& jwks() const { return jwks_; }

 private:
  struct Key;
  explicit SigningKey(std::unique_ptr<Key> key, std::string jwks);
  std::unique_ptr<Key> key_;
  std::string jwks_;
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_JWT_H_
