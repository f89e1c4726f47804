// Keys and tokens for development and tests. Production builds trust an identity provider's keys
// and never hold a private one.
#ifndef WAYMARK_COMMON_ACCESS_DEVELOPMENT_TOKEN_H_
#define WAYMARK_COMMON_ACCESS_DEVELOPMENT_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::access {

struct DevelopmentKey {
  // The private JWK, to be kept in a file that only its owner may read.
  std::string private_jwk;
  // {"keys": [the public half]}: what services are given as their JWKS.
  std::string jwks;
};

// A fresh P-256 key with this `kid`.
absl::StatusOr<DevelopmentKey> MakeDevelopmentKey(absl::string_view kid);

struct DevelopmentClaims {
  std::string issuer;
  std::string audience = "waymark";
  std::string user_id;
  std::string tenant;
  // Without ROLE_: "OH_NURSE".
  std::vector<std::string> roles;
  // Optional.
  std::string subject_id;
  absl::Time not_before;
  absl::Time expiry;
};

// Signs with ES256 or RS256, after the key's type. INVALID_ARGUMENT KEY_UNUSABLE when the JWK is
// not a private key of a type that services accept.
absl::StatusOr<std::string> MintDevelopmentToken(absl::string_view private_jwk,
                                                 const DevelopmentClaims& claims);

}  // namespace waymark::access

#endif  // WAYMARK_COMMON_ACCESS_DEVELOPMENT_TOKEN_H_
