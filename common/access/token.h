// Verification of the signed tokens that name a person (JWT, RFC 7519), on Debian's libcjose.
//
// Only ES256 with a P-256 key and RS256 with an RSA key of at least 2048 bits are accepted, and the
// algorithm is pinned to the key named by `kid`, never chosen by the token. A verified token is
// remembered by its SHA-256 until it expires, so that the usual cost of a call is one hash (1-2 us)
// rather than one signature check (60-100 us).
#ifndef WAYMARK_COMMON_ACCESS_TOKEN_H_
#define WAYMARK_COMMON_ACCESS_TOKEN_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/access/caller.h"
#include "common/clock/clock.h"

namespace waymark::access {

struct TokenOptions {
  // Where the public keys are: a file path, file:///path or https://host/path. Plain http is
  // refused.
  std::string jwks;
  std::string issuer;
  std::string audience = "waymark";
  // How far exp and nbf may be off, for clocks that disagree.
  absl::Duration leeway = absl::Seconds(30);
  // Keys are read again this often, and when an unknown kid arrives, but then not more often than
  // `least_between_fetches`: a flood of invented kids must not become a flood of fetches.
  absl::Duration refresh_every = absl::Minutes(10);
  absl::Duration least_between_fetches = absl::Seconds(30);
  absl::Duration fetch_timeout = absl::Seconds(3);
  // Authority for the https JWKS server; the system's when empty.
  std::string ca_file;
  size_t most_cached = 4096;
};

class TokenVerifier {
 public:
  // `clock` is real time, never the clinical clock. A JWKS file that cannot be read or holds no
  // usable key is FAILED_PRECONDITION JWKS_UNUSABLE; an unreachable https server is not an error
  // here: until it answers, Verify says UNAVAILABLE KEYS_UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<TokenVerifier>> Create(TokenOptions options,
                                                               const clock::Clock& clock);
  ~TokenVerifier();

  // `token` is the compact form, without "Bearer ". Thread-safe. May fetch keys once (bounded by
  // fetch_timeout) when the kid is unknown. UNAUTHENTICATED with one of TOKEN_MISSING,
  // TOKEN_MALFORMED, TOKEN_ALGORITHM, TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE, TOKEN_ISSUER,
  // TOKEN_AUDIENCE, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_CLAIMS, TOKEN_TENANT otherwise.
  // `service` of the result is empty; the corridor fills it.
  absl::StatusOr<Caller> Verify(absl::string_view token);

  // Reads the keys again; a change forgets every cached token. Called by the server's duty. On an
  // error the keys held before stay in use.
  absl::Status Refresh();

 private:
  struct State;
  explicit TokenVerifier(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace waymark::access

#endif  // WAYMARK_COMMON_ACCESS_TOKEN_H_
