// One identity provider, as OpenID Connect Core and Discovery describe it: where to send a browser,
// and what a code that it comes back with is worth. Blocks on the network.
#ifndef WAYMARK_SERVICES_GATEWAY_OIDC_H_
#define WAYMARK_SERVICES_GATEWAY_OIDC_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "services/gateway/claims.h"
#include "services/gateway/jwt.h"

namespace waymark::gateway {

// What is remembered between sending a browser away and its coming back.
struct SignInAttempt {
  std::string provider;
  std::string nonce;
  std::string verifier;  // PKCE
  std::string return_to;
};

struct SignedIn {
  Person person;
  std::string id_token;
};

class OidcClient {
 public:
  // `redirect_uri` is this gateway's callback. FAILED_PRECONDITION IDENTITY_CONFIG when the secret
  // file cannot be read or used. Contacts nobody yet. `clock` is real time.
  static absl::StatusOr<std::unique_ptr<OidcClient>> Create(Provider provider,
                                                            std::string redirect_uri,
                                                            bool development,
                                                            const clock::Clock& clock);

  // Asks the provider what it publishes about itself, however lately it was asked before: whether
  // anybody could sign in. UNAVAILABLE PROVIDER_UNAVAILABLE.
  absl::Status Check();
  // Where to send the browser. UNAVAILABLE PROVIDER_UNAVAILABLE when the provider does not say.
  absl::StatusOr<std::string> AuthorizationUrl(absl::string_view state,
                                               const SignInAttempt& attempt);
  // Redeems `code` and finds out who it is for. UNAUTHENTICATED CODE_REFUSED, and what KeySet,
  // CheckIdToken and PersonOf refuse; `known` as there.
  absl::StatusOr<SignedIn> Redeem(absl::string_view code, const SignInAttempt& attempt,
                                  Person* known);
  // Where a browser signs out of the provider too; empty when it has no such place.
  std::string EndSessionUrl(absl::string_view id_token, absl::string_view return_to);

  const Provider& provider() const { return provider_; }

 private:
  struct Endpoints {
    std::string authorization;
    std::string token;
    std::string userinfo;
    std::string end_session;
    std::string jwks;
  };

  OidcClient(Provider provider, std::string redirect_uri, bool development, std::string secret,
             const clock::Clock& clock);
  absl::StatusOr<Endpoints> Discover();
  absl::StatusOr<Endpoints> Rediscover();
  absl::StatusOr<std::string> Assertion(const std::string& audience) const;

  const Provider provider_;
  const std::string redirect_uri_;
  const bool development_;
  const std::string secret_;
  const clock::Clock& clock_;
  std::unique_ptr<SigningKey> key_;  // of private_key_jwt
  KeySet keys_;
  absl::Mutex mutex_;
  Endpoints endpoints_ ABSL_GUARDED_BY(mutex_);
  absl::Time discovered_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_OIDC_H_
