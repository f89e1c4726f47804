#include "services/gateway/oidc.h"

#include <curl/curl.h>

#include <fstream>
#include <iterator>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/gateway/http_head.h"

namespace waymark::gateway {
namespace {

using Json = nlohmann::json;
using Form = std::vector<std::pair<std::string, std::string>>;

constexpr size_t kMostBytes = size_t{256} * 1024;
constexpr long kTimeoutMs = 5000;
constexpr absl::Duration kDiscoverEvery = absl::Hours(1);

absl::Status Unavailable() {
  return status::WithRetryAfter(
      status::Unavailable("PROVIDER_UNAVAILABLE",
                          "The sign-in service does not answer. Try again in a minute."),
      absl::Seconds(30));
}

size_t Collect(char* data, size_t size, size_t count, void* into) {
  auto* text = static_cast<std::string*>(into);
  if (text->size() + size * count > kMostBytes) return 0;
  text->append(data, size * count);
  return size * count;
}

struct Ask {
  std::string url;
  const Form* form = nullptr;  // POST when there is one
  std::string user;            // Basic
  std::string password;
  std::string bearer;
};
struct Answer {
  long status = 0;
  std::string body;
};

std::string Encode(const Form& form) {
  return absl::StrJoin(form, "&", [](std::string* out, const auto& field) {
    absl::StrAppend(out, UrlEncode(field.first), "=", UrlEncode(field.second));
  });
}

// Neither redirects nor another protocol: what is asked is what was configured or discovered.
absl::StatusOr<Answer> Fetch(const Ask& ask, const std::string& ca_file, bool development) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  CURL* c = curl.get();
  Answer answer;
  curl_easy_setopt(c, CURLOPT_URL, ask.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, development ? "http,https" : "https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, kTimeoutMs);
  if (!ca_file.empty()) curl_easy_setopt(c, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, &Collect);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &answer.body);
  std::string body;
  if (ask.form != nullptr) {
    body = Encode(*ask.form);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  }
  if (!ask.user.empty()) {
    // RFC 6749 section 2.3.1: both are encoded as in a form first.
    curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(c, CURLOPT_USERNAME, UrlEncode(ask.user).c_str());
    curl_easy_setopt(c, CURLOPT_PASSWORD, UrlEncode(ask.password).c_str());
  }
  curl_slist* list = curl_slist_append(nullptr, "Accept: application/json");
  if (!ask.bearer.empty()) {
    list = curl_slist_append(list, absl::StrCat("Authorization: Bearer ", ask.bearer).c_str());
  }
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(list, curl_slist_free_all);
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  if (const CURLcode code = curl_easy_perform(c); code != CURLE_OK) {
    log::Warning("identity provider did not answer", {{"error", curl_easy_strerror(code)}});
    return Unavailable();
  }
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

std::string DigestBytes(const crypto::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string WithQuery(absl::string_view url, const Form& form) {
  return absl::StrCat(url, absl::StrContains(url, "?") ? "&" : "?", Encode(form));
}

}  // namespace

OidcClient::OidcClient(Provider provider, std::string redirect_uri, bool development,
                       std::string secret, const clock::Clock& clock)
    : provider_(std::move(provider)),
      redirect_uri_(std::move(redirect_uri)),
      development_(development),
      secret_(std::move(secret)),
      clock_(clock),
      keys_([this]() -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const Endpoints endpoints, Discover());
        ASSIGN_OR_RETURN(Answer answer,
                         Fetch({.url = endpoints.jwks}, provider_.ca_file, development_));
        if (answer.status != 200) return Unavailable();
        return std::move(answer.body);
      }) {}

absl::StatusOr<std::unique_ptr<OidcClient>> OidcClient::Create(Provider provider,
                                                               std::string redirect_uri,
                                                               bool development,
                                                               const clock::Clock& clock) {
  std::string secret;
  if (!provider.secret_file.empty()) {
    std::ifstream file(provider.secret_file);
    secret.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    secret = std::string(absl::StripAsciiWhitespace(secret));
    if (!file.good() || secret.empty()) {
      return status::FailedPrecondition("IDENTITY_CONFIG",
                                        absl::StrCat("Cannot read ", provider.secret_file, "."));
    }
  }
  const bool signs = provider.client_auth == ClientAuth::kPrivateKeyJwt;
  std::unique_ptr<OidcClient> client(new OidcClient(std::move(provider), std::move(redirect_uri),
                                                    development, std::move(secret), clock));
  if (signs) {
    ASSIGN_OR_RETURN(SigningKey key, SigningKey::FromJwk(client->secret_));
    client->key_ = std::make_unique<SigningKey>(std::move(key));
  }
  return client;
}

absl::StatusOr<OidcClient::Endpoints> OidcClient::Discover() {
  {
    absl::MutexLock lock(&mutex_);
    if (clock_.Now() - discovered_ < kDiscoverEvery) return endpoints_;
  }
  return Rediscover();
}

absl::Status OidcClient::Check() {
  const absl::Status asked = Rediscover().status();
  metrics::Default()
      .GetGauge("waymark_gateway_provider_reachable", "1: people can sign in there; 0: nobody can.",
                {{"provider", provider_.name}})
      .Set(asked.ok() ? 1 : 0);
  return asked;
}

absl::StatusOr<OidcClient::Endpoints> OidcClient::Rediscover() {
  const absl::Time now = clock_.Now();
  const std::string url =
      absl::StrCat(absl::StripSuffix(provider_.issuer, "/"), "/.well-known/openid-configuration");
  ASSIGN_OR_RETURN(const Answer answer, Fetch({.url = url}, provider_.ca_file, development_));
  const Json json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (answer.status != 200 || !json.is_object()) return Unavailable();
  // Discovery section 4.3: the document must be about the issuer that was asked.
  if (Text(json, "issuer") != provider_.issuer) {
    return status::Unavailable("PROVIDER_UNAVAILABLE",
                               "The sign-in service answers as somebody else.");
  }
  Endpoints endpoints = {.authorization = Text(json, "authorization_endpoint"),
                         .token = Text(json, "token_endpoint"),
                         .userinfo = Text(json, "userinfo_endpoint"),
                         .end_session = Text(json, "end_session_endpoint"),
                         .jwks = Text(json, "jwks_uri")};
  for (const std::string* needed : {&endpoints.authorization, &endpoints.token, &endpoints.jwks}) {
    const bool https = absl::StartsWith(*needed, "https://");
    if (!https && !(development_ && absl::StartsWith(*needed, "http://"))) return Unavailable();
  }
  absl::MutexLock lock(&mutex_);
  endpoints_ = endpoints;
  discovered_ = now;
  return endpoints;
}

absl::StatusOr<std::string> OidcClient::AuthorizationUrl(absl::string_view state,
                                                         const SignInAttempt& attempt) {
  ASSIGN_OR_RETURN(const Endpoints endpoints, Discover());
  Form form = {{"response_type", "code"},
               {"client_id", provider_.client_id},
               {"redirect_uri", redirect_uri_},
               {"scope", absl::StrJoin(provider_.scopes, " ")},
               {"state", std::string(state)},
               {"nonce", attempt.nonce},
               {"code_challenge", crypto::Base64Url(DigestBytes(crypto::Sha256(attempt.verifier)))},
               {"code_challenge_method", "S256"}};
  if (!provider_.acr_values.empty()) form.emplace_back("acr_values", provider_.acr_values);
  return WithQuery(endpoints.authorization, form);
}

// RFC 7523 section 2.2.
absl::StatusOr<std::string> OidcClient::Assertion(const std::string& audience) const {
  const absl::Time now = clock_.Now();
  return key_->Sign(Json{{"iss", provider_.client_id},
                         {"sub", provider_.client_id},
                         {"aud", audience},
                         {"jti", ids::NewUuid()},
                         {"iat", absl::ToUnixSeconds(now)},
                         {"exp", absl::ToUnixSeconds(now + absl::Minutes(1))}});
}

absl::StatusOr<SignedIn> OidcClient::Redeem(absl::string_view code, const SignInAttempt& attempt,
                                            Person* known) {
  ASSIGN_OR_RETURN(const Endpoints endpoints, Discover());
  Form form = {{"grant_type", "authorization_code"},
               {"code", std::string(code)},
               {"redirect_uri", redirect_uri_},
               {"code_verifier", attempt.verifier}};
  Ask ask = {.url = endpoints.token, .form = &form};
  switch (provider_.client_auth) {
    case ClientAuth::kNone:
      form.emplace_back("client_id", provider_.client_id);
      break;
    case ClientAuth::kSecretBasic:
      ask.user = provider_.client_id;
      ask.password = secret_;
      break;
    case ClientAuth::kSecretPost:
      form.emplace_back("client_id", provider_.client_id);
      form.emplace_back("client_secret", secret_);
      break;
    case ClientAuth::kPrivateKeyJwt: {
      ASSIGN_OR_RETURN(std::string assertion, Assertion(endpoints.token));
      form.emplace_back("client_id", provider_.client_id);
      form.emplace_back("client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      form.emplace_back("client_assertion", std::move(assertion));
      break;
    }
  }
  ASSIGN_OR_RETURN(const Answer answer, Fetch(ask, provider_.ca_file, development_));
  const Json json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (answer.status != 200 || !json.is_object() || Text(json, "id_token").empty()) {
    if (answer.status >= 500) return Unavailable();
    return status::Unauthenticated("CODE_REFUSED",
                                   "The sign-in service did not confirm your sign-in.");
  }
  SignedIn signed_in = {.id_token = Text(json, "id_token")};
  ASSIGN_OR_RETURN(Json claims, keys_.Verify(signed_in.id_token, clock_.Now()));
  RETURN_IF_ERROR(CheckIdToken(claims, {.issuer = provider_.issuer,
                                        .client_id = provider_.client_id,
                                        .nonce = attempt.nonce,
                                        .now = clock_.Now()}));
  if (provider_.userinfo) {
    if (!absl::StartsWith(endpoints.userinfo, "https://") &&
        !(development_ && absl::StartsWith(endpoints.userinfo, "http://"))) {
      return Unavailable();
    }
    ASSIGN_OR_RETURN(const Answer info,
                     Fetch({.url = endpoints.userinfo, .bearer = Text(json, "access_token")},
                           provider_.ca_file, development_));
    const Json more = Json::parse(info.body, nullptr, /*allow_exceptions=*/false);
    // Core section 5.3.2: claims about somebody else are not used.
    if (info.status != 200 || !more.is_object() || Text(more, "sub") != Text(claims, "sub")) {
      return status::Unauthenticated("USERINFO_REFUSED",
                                     "The sign-in service did not say who you are.");
    }
    // What was signed stands.
    for (const auto& [name, value] : more.items()) {
      if (!claims.contains(name)) claims[name] = value;
    }
  }
  ASSIGN_OR_RETURN(signed_in.person, PersonOf(provider_, claims, known));
  return signed_in;
}

std::string OidcClient::EndSessionUrl(absl::string_view id_token, absl::string_view return_to) {
  absl::MutexLock lock(&mutex_);
  if (endpoints_.end_session.empty()) return "";
  return WithQuery(endpoints_.end_session, {{"id_token_hint", std::string(id_token)},
                                            {"client_id", provider_.client_id},
                                            {"post_logout_redirect_uri", std::string(return_to)}});
}

}  // namespace waymark::gateway
