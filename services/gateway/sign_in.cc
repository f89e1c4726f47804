#include "services/gateway/sign_in.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/gateway/connect.h"
#include "services/gateway/http_head.h"

namespace waymark::gateway {
namespace {

using Json = nlohmann::json;

constexpr absl::Duration kSignInWithin = absl::Minutes(10);
constexpr absl::Duration kAnswerWithin = absl::Seconds(10);
constexpr absl::Duration kRecogniseWithin = absl::Seconds(2);
constexpr size_t kSecretSize = 32;
// A force's morning shift signs in within a quarter of an hour.
constexpr int kMostBegunAMinute = 1200;

std::string Hash(absl::string_view secret) {
  const crypto::Digest digest = crypto::Sha256(secret);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string SetCookie(const char* name, absl::string_view value, absl::string_view rest) {
  return absl::StrCat(name, "=", value, "; Path=/; Secure; HttpOnly; ", rest);
}
std::string DropCookie(const char* name) {
  return SetCookie(name, "", "SameSite=Strict; Max-Age=0");
}

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

// A page without script and style, for the moments when the console is not there: between the
// provider and us.
HttpResponse Page(int status, absl::string_view title, absl::string_view html) {
  return {
      .status = status,
      .headers = {{"content-type", "text/html; charset=utf-8"}, {"cache-control", "no-store"}},
      .body = absl::StrCat("<!doctype html>\n<html lang=\"en-GB\"><head><meta charset=\"utf-8\">"
                           "<meta name=\"viewport\" content=\"width=device-width\"><title>",
                           Escape(title), "</title></head><body><main><h1>", Escape(title), "</h1>",
                           html, "</main></body></html>\n")};
}

HttpResponse Failed(const absl::Status& status) {
  metrics::Default()
      .GetCounter("waymark_gateway_sign_ins_refused_total", "Sign-ins that were refused.")
      .Increment();
  log::Info("sign-in refused", {{"reason", status::Reason(status)}});
  return Page(HttpStatus(status.code()), "You are not signed in",
              absl::StrCat("<p>", Escape(status.message()),
                           "</p><p>Reason: ", Escape(status::Reason(status)),
                           "</p><p><a href=\"/auth/sign-in\">Sign in again</a></p>"));
}

HttpResponse Redirect(std::string to) {
  return {.status = 303, .headers = {{"location", std::move(to)}, {"cache-control", "no-store"}}};
}

std::string ValueOf(const std::vector<std::pair<std::string, std::string>>& fields,
                    absl::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return "";
}

HttpResponse NotAllowed(const char* allowed) {
  return {.status = 405, .headers = {{"allow", allowed}, {"cache-control", "no-store"}}};
}

}  // namespace

HttpResponse ErrorResponse(const absl::Status& status) {
  HttpResponse response = {
      .status = HttpStatus(status.code()),
      .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
      .body = ErrorJson(status)};
  if (const auto delay = status::RetryAfter(status); delay.has_value()) {
    response.headers.emplace_back("retry-after",
                                  absl::StrCat(std::max<int64_t>(1, absl::ToInt64Seconds(*delay))));
  }
  return response;
}

HttpResponse JsonResponse(std::string json) {
  return {.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
          .body = std::move(json)};
}

absl::Status CheckOwnPage(const HttpRequest& request, const Session& session,
                          const std::string& public_url) {
  const absl::string_view site = request.Header("sec-fetch-site");
  const absl::string_view origin = request.Header("origin");
  if ((!site.empty() && site != "same-origin") || (!origin.empty() && origin != public_url)) {
    return status::PermissionDenied("CROSS_SITE", "The request was made by another site.");
  }
  if (!crypto::ConstantTimeEquals(request.Header("waymark-csrf"), session.csrf)) {
    return status::PermissionDenied(
        "CSRF_TOKEN", "Send the csrf_token of /auth/session in the header Waymark-Csrf.");
  }
  return absl::OkStatus();
}

SignIn::SignIn(std::string public_url, std::vector<std::unique_ptr<OidcClient>> providers,
               store::Store& store, Sessions& sessions, const clock::Clock& clock,
               OwnRecord own_record)
    : public_url_(std::move(public_url)),
      providers_(std::move(providers)),
      store_(store),
      sessions_(sessions),
      clock_(clock),
      own_record_(std::move(own_record)) {}

// The rules keep staff from the record that is theirs by this id (access::CheckRelation). To an
// officer it would open that record, and there HR's word for whose sign-in it is does not suffice.
// Without an answer the sign-in goes on all the same: a unit that cannot work harms more people.
void SignIn::Recognise(Person& person) const {
  const bool officer =
      std::find(person.roles.begin(), person.roles.end(), "OFFICER") != person.roles.end();
  if (!person.subject_id.empty() || officer || own_record_ == nullptr) return;
  absl::StatusOr<std::string> subject =
      own_record_(absl::Now() + kRecogniseWithin, person.tenant, person.user_id);
  if (subject.ok()) {
    person.subject_id = *std::move(subject);
    return;
  }
  metrics::Default()
      .GetCounter("waymark_gateway_sign_ins_unrecognised_total",
                  "Sign-ins of whom nobody could say which record is their own.")
      .Increment();
  log::Warning("workforce did not say whose record this is",
               {{"tenant", person.tenant}, {"reason", status::Reason(subject.status())}});
}

OidcClient* SignIn::Find(absl::string_view name) const {
  for (const auto& provider : providers_) {
    if (provider->provider().name == name) return provider.get();
  }
  return nullptr;
}

absl::Status SignIn::CheckProviders() {
  absl::Status all;
  for (const auto& provider : providers_) all.Update(provider->Check());
  return all;
}

HttpResponse SignIn::Handle(const HttpRequest& request) {
  const bool get = request.method == "GET";
  if (request.path == "/auth/providers") return get ? Providers() : NotAllowed("GET");
  if (request.path == "/auth/sign-in") return get ? Start(request) : NotAllowed("GET");
  if (request.path == "/auth/callback") return get ? Callback(request) : NotAllowed("GET");
  if (request.path == "/auth/session" && get) return Show(request);
  if (request.path == "/auth/session" || request.path == "/auth/sign-out" ||
      request.path == "/auth/sign-out-everywhere") {
    return request.method == "POST" ? Change(request) : NotAllowed("POST");
  }
  return ErrorResponse(status::NotFound("PAGE_UNKNOWN", "There is nothing at this address."));
}

HttpResponse SignIn::Providers() const {
  Json list = Json::array();
  for (const auto& provider : providers_) {
    list.push_back({{"name", provider->provider().name}, {"label", provider->provider().label}});
  }
  return JsonResponse(Json{{"providers", list}}.dump());
}

bool SignIn::MayBegin() {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  if (now - minute_ >= absl::Minutes(1)) {
    minute_ = now;
    begun_ = 0;
  }
  return begun_++ < kMostBegunAMinute;
}

HttpResponse SignIn::Start(const HttpRequest& request) {
  const auto fields = ParseQuery(request.query);
  if (!fields.has_value()) {
    return Failed(status::InvalidArgument("QUERY_INVALID", "The address cannot be read."));
  }
  const std::string name = ValueOf(*fields, "provider");
  std::string return_to = ValueOf(*fields, "return_to");
  // An address elsewhere would lend our name to a trap.
  if (return_to.empty() || !IsLocalPath(return_to)) return_to = "/";
  OidcClient* client =
      name.empty() && providers_.size() == 1 ? providers_.front().get() : Find(name);
  if (client == nullptr) {
    std::string links;
    for (const auto& provider : providers_) {
      absl::StrAppend(&links,
                      "<li><a href=\"/auth/sign-in?provider=", UrlEncode(provider->provider().name),
                      "&amp;return_to=", UrlEncode(return_to), "\">",
                      Escape(provider->provider().label), "</a></li>");
    }
    return Page(200, "Sign in", absl::StrCat("<ul>", links, "</ul>"));
  }
  if (!MayBegin()) {
    return Failed(status::ResourceExhausted("SIGN_IN_BUSY",
                                            "Many people are signing in. Try again in a minute."));
  }
  SignInAttempt attempt = {.provider = client->provider().name,
                           .nonce = crypto::Base64Url(crypto::RandomBytes(kSecretSize)),
                           .verifier = crypto::Base64Url(crypto::RandomBytes(kSecretSize)),
                           .return_to = return_to};
  const std::string state = crypto::Base64Url(crypto::RandomBytes(kSecretSize));
  // One cookie for all sign-ins of this browser, so that two tabs do not disturb each other.
  std::string browser = Cookie(request.Header("cookie"), kSignInCookie).value_or("");
  if (const auto bytes = crypto::FromBase64Url(browser);
      !bytes.has_value() || bytes->size() != kSecretSize) {
    browser = crypto::Base64Url(crypto::RandomBytes(kSecretSize));
  }
  const absl::StatusOr<std::string> url = client->AuthorizationUrl(state, attempt);
  if (!url.ok()) return Failed(url.status());
  const absl::Time now = clock_.Now();
  const std::string content = Json{
      {"provider", attempt.provider},
      {"nonce", attempt.nonce},
      {"verifier", attempt.verifier},
      {"return_to",
       attempt.return_to}}.dump();
  if (absl::Status stored = store_.InsertSignIn(absl::Now() + kAnswerWithin, Hash(state),
                                                Hash(browser), now + kSignInWithin, content);
      !stored.ok()) {
    return Failed(stored);
  }
  HttpResponse response = Redirect(*url);
  response.headers.emplace_back(
      "set-cookie",
      SetCookie(kSignInCookie, browser,
                absl::StrCat("SameSite=Lax; Max-Age=", absl::ToInt64Seconds(kSignInWithin))));
  return response;
}

HttpResponse SignIn::Callback(const HttpRequest& request) {
  const absl::Time now = clock_.Now();
  const auto fields = ParseQuery(request.query);
  const std::string browser = Cookie(request.Header("cookie"), kSignInCookie).value_or("");
  const std::string state = fields.has_value() ? ValueOf(*fields, "state") : "";
  if (state.empty() || browser.empty()) {
    return Failed(
        status::Unauthenticated("STATE_UNKNOWN", "This sign-in was not begun in this browser."));
  }
  const absl::StatusOr<std::optional<std::string>> content =
      store_.TakeSignIn(absl::Now() + kAnswerWithin, Hash(state), Hash(browser), now);
  if (!content.ok()) return Failed(content.status());
  const Json json = Json::parse(content->value_or(""), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return Failed(status::Unauthenticated(
        "STATE_UNKNOWN", "This sign-in has been used, is too old, or was begun elsewhere."));
  }
  const SignInAttempt attempt = {.provider = json.value("provider", ""),
                                 .nonce = json.value("nonce", ""),
                                 .verifier = json.value("verifier", ""),
                                 .return_to = json.value("return_to", "/")};
  OidcClient* client = Find(attempt.provider);
  const std::string issuer = ValueOf(*fields, "iss");
  // RFC 9207: an answer of another provider is not for this sign-in.
  if (client == nullptr || (!issuer.empty() && issuer != client->provider().issuer)) {
    return Failed(status::Unauthenticated("PROVIDER_MIXED_UP",
                                          "Another sign-in service answered than was asked."));
  }
  const std::string code = ValueOf(*fields, "code");
  if (code.empty() || !ValueOf(*fields, "error").empty()) {
    return Failed(
        status::Unauthenticated("SIGN_IN_DECLINED", "The sign-in service did not sign you in."));
  }
  Person known;
  absl::StatusOr<SignedIn> signed_in = client->Redeem(code, attempt, &known);
  if (!signed_in.ok()) {
    if (absl::Status recorded =
            sessions_.RecordRefusal(absl::Now() + kAnswerWithin, known, signed_in.status());
        !recorded.ok()) {
      return Failed(recorded);
    }
    return Failed(signed_in.status());
  }
  Recognise(signed_in->person);
  // Whatever session this browser had: it ends, and its secret is never taken over.
  if (const auto old = Cookie(request.Header("cookie"), kSessionCookie); old.has_value()) {
    if (const auto session = sessions_.Find(absl::Now() + kAnswerWithin, *old, /*background=*/true);
        session.ok()) {
      (void)sessions_.End(absl::Now() + kAnswerWithin, **session,
                          ActAtTheDoor("waymark.gateway.sign-in", (*session)->person));
    }
  }
  const absl::StatusOr<std::string> cookie = sessions_.Create(
      absl::Now() + kAnswerWithin, signed_in->person, attempt.provider, signed_in->id_token);
  if (!cookie.ok()) return Failed(cookie.status());
  metrics::Default().GetCounter("waymark_gateway_sign_ins_total", "Sign-ins.").Increment();
  log::Info("signed in", {{"tenant", signed_in->person.tenant}, {"provider", attempt.provider}});
  HttpResponse response = Redirect(absl::StrCat(public_url_, attempt.return_to));
  response.headers.emplace_back("set-cookie",
                                SetCookie(kSessionCookie, *cookie, "SameSite=Strict"));
  response.headers.emplace_back("set-cookie", DropCookie(kSignInCookie));
  return response;
}

HttpResponse SignIn::Show(const HttpRequest& request) {
  const auto cookie = Cookie(request.Header("cookie"), kSessionCookie);
  if (!cookie.has_value()) return JsonResponse(Json{{"signed_in", false}}.dump());
  const absl::string_view site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin") {
    return ErrorResponse(
        status::PermissionDenied("CROSS_SITE", "The request was made by another site."));
  }
  const auto session = sessions_.Find(absl::Now() + kAnswerWithin, *cookie, /*background=*/true);
  if (!session.ok() && !absl::IsUnauthenticated(session.status())) {
    return ErrorResponse(session.status());
  }
  if (!session.ok()) {
    HttpResponse response = JsonResponse(
        Json{{"signed_in", false}, {"reason", status::Reason(session.status())}}.dump());
    response.headers.emplace_back("set-cookie", DropCookie(kSessionCookie));
    return response;
  }
  const Person& person = (*session)->person;
  const absl::Time idle_ends = (*session)->last_used + sessions_.options().idle;
  return JsonResponse(Json{
      {"signed_in", true},
      {"user_id", person.user_id},
      {"name", person.display_name},
      {"tenant", person.tenant},
      {"roles", person.roles},
      {"subject_id", person.subject_id},
      {"csrf_token", (*session)->csrf},
      {"end_time", absl::FormatTime(absl::RFC3339_sec, (*session)->ends, absl::UTCTimeZone())},
      {"idle_end_time", absl::FormatTime(absl::RFC3339_sec, std::min(idle_ends, (*session)->ends),
                                         absl::UTCTimeZone())},
      {"idle_seconds", absl::ToInt64Seconds(sessions_.options().idle)},
      // For a page whose device has another time.
      {"seconds_left", absl::ToInt64Seconds(std::min(idle_ends, (*session)->ends) - clock_.Now())}}
                          .dump(-1, ' ', false, Json::error_handler_t::replace));
}

HttpResponse SignIn::Change(const HttpRequest& request) {
  const absl::Time deadline = absl::Now() + kAnswerWithin;
  const auto cookie = Cookie(request.Header("cookie"), kSessionCookie);
  const auto session = sessions_.Find(deadline, cookie.value_or(""), /*background=*/true);
  if (!session.ok()) {
    // Signing out twice is no mistake.
    if (request.path != "/auth/session" && absl::IsUnauthenticated(session.status())) {
      HttpResponse response = JsonResponse("{}");
      response.headers.emplace_back("set-cookie", DropCookie(kSessionCookie));
      return response;
    }
    return ErrorResponse(session.status());
  }
  if (absl::Status own = CheckOwnPage(request, **session, public_url_); !own.ok()) {
    return ErrorResponse(own);
  }
  if (request.path == "/auth/session") {
    const auto kept = sessions_.Find(deadline, *cookie, /*background=*/false);
    return kept.ok() ? Show(request) : ErrorResponse(kept.status());
  }
  const Person& person = (*session)->person;
  if (request.path == "/auth/sign-out-everywhere") {
    const auto ended = sessions_.EndAllOf(
        deadline, ActAtTheDoor("waymark.gateway.sign-out-everywhere", person), person.user_id);
    if (!ended.ok()) return ErrorResponse(ended.status());
  }
  // Everywhere or not, this process forgets it at once.
  if (absl::Status ended =
          sessions_.End(deadline, **session, ActAtTheDoor("waymark.gateway.sign-out", person));
      !ended.ok()) {
    return ErrorResponse(ended);
  }
  OidcClient* client = Find((*session)->provider);
  HttpResponse response =
      JsonResponse(Json{{"provider_sign_out_url",
                         client == nullptr ? ""
                                           : client->EndSessionUrl((*session)->id_token,
                                                                   absl::StrCat(public_url_, "/"))}}
                       .dump());
  response.headers.emplace_back("set-cookie", DropCookie(kSessionCookie));
  response.headers.emplace_back("clear-site-data", "\"cache\", \"storage\"");
  return response;
}

}  // namespace waymark::gateway
