// Signing in and out: what is at /auth/. README.md lists the addresses.
#ifndef WAYMARK_SERVICES_GATEWAY_SIGN_IN_H_
#define WAYMARK_SERVICES_GATEWAY_SIGN_IN_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "services/gateway/http.h"
#include "services/gateway/oidc.h"
#include "services/gateway/sessions.h"
#include "services/gateway/store.h"

namespace waymark::gateway {

// `__Host-`: only this host, over TLS, set it. The session's is never sent with a request that
// another site began; that of a sign-in must be, because the provider sends the browser back.
inline constexpr char kSessionCookie[] = "__Host-waymark-session";
inline constexpr char kSignInCookie[] = "__Host-waymark-sign-in";

// An error as answer to a program: Connect's JSON, with the HTTP status that belongs to it.
HttpResponse ErrorResponse(const absl::Status& status);
HttpResponse JsonResponse(std::string json);

// That a request which rests on a cookie was made by a page of ours: Sec-Fetch-Site and Origin
// where the browser sends them, and the session's token in the header Waymark-Csrf.
// PERMISSION_DENIED CROSS_SITE or CSRF_TOKEN.
absl::Status CheckOwnPage(const HttpRequest& request, const Session& session,
                          const std::string& public_url);

class SignIn {
 public:
  // The subject id of a user of a tenant; empty: nobody's.
  using OwnRecord = std::function<absl::StatusOr<std::string>(
      absl::Time deadline, const std::string& tenant, const std::string& user_id)>;

  // `own_record` is asked when the provider does not say whose record somebody has; may be empty.
  SignIn(std::string public_url, std::vector<std::unique_ptr<OidcClient>> providers,
         store::Store& store, Sessions& sessions, const clock::Clock& clock, OwnRecord own_record);

  // Whether every provider can be reached; the first that cannot is the answer. Blocks on them.
  absl::Status CheckProviders();
  // Blocks on the database and the provider.
  HttpResponse Handle(const HttpRequest& request);

 private:
  HttpResponse Providers() const;
  HttpResponse Start(const HttpRequest& request);
  HttpResponse Callback(const HttpRequest& request);
  HttpResponse Show(const HttpRequest& request);
  HttpResponse Change(const HttpRequest& request);
  OidcClient* Find(absl::string_view name) const;
  // Sets the subject id of somebody whose provider does not say it.
  void Recognise(Person& person) const;
  // Whether one more sign-in may begin now: each leaves a row, and nobody is known yet.
  bool MayBegin();

  const std::string public_url_;
  const std::vector<std::unique_ptr<OidcClient>> providers_;
  store::Store& store_;
  Sessions& sessions_;
  const clock::Clock& clock_;
  const OwnRecord own_record_;
  absl::Mutex mutex_;
  absl::Time minute_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int begun_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_SIGN_IN_H_
