#include "common/access/token.h"

#include <curl/curl.h>

#include <cmath>
#include <cstdint>
#include <deque>
#include <fstream>
#include <mutex>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/access/jose.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "nlohmann/json.hpp"

namespace waymark::access {

using Json = nlohmann::json;

const char* AlgorithmOf(const cjose_jwk_t* jwk) {
  cjose_err error;
  switch (cjose_jwk_get_kty(jwk, &error)) {
    case CJOSE_JWK_KTY_EC:
      return cjose_jwk_EC_get_curve(jwk, &error) == CJOSE_JWK_EC_P_256 ? "ES256" : nullptr;
    case CJOSE_JWK_KTY_RSA:
      return cjose_jwk_get_keysize(jwk, &error) >= 2048 ? "RS256" : nullptr;
    default:
      return nullptr;  // a symmetric key in a public set would let anyone sign
  }
}

namespace {

// A token travels in a header, and gRPC caps all headers of a call at 8 KiB.
constexpr size_t kLongestToken = 8192;
constexpr size_t kLongestKeySet = size_t{256} * 1024;

absl::Status Refuse(absl::string_view reason, absl::string_view message) {
  return status::Unauthenticated(reason, message);
}

std::optional<std::string> Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// A NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction. Bounded, so that no
// arithmetic on it can overflow.
std::optional<absl::Time> Date(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 253402300799.0) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

// "service:..." is how histories name a service, and "-" how the audit log names nobody: no person
// may be called so.
bool IsPlainId(absl::string_view id) {
  if (id.empty() || id.size() > 128 || id == "-" || absl::StartsWith(id, "service:")) return false;
  for (const unsigned char c : id) {
    if (c < 0x21 || c == 0x7f) return false;
  }
  return true;
}

bool HasAudience(const Json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get_ref<const std::string&>() == audience;
  if (!found->is_array()) return false;
  for (const Json& one : *found) {
    if (one.is_string() && one.get_ref<const std::string&>() == audience) return true;
  }
  return false;
}

struct Key {
  Jwk jwk;
  std::string algorithm;
};
using Keys = absl::flat_hash_map<std::string, std::shared_ptr<const Key>>;

// The public part of a JWK, as text for libcjose. Nothing when a number in it is not base64url:
// libcjose 0.6.2 ends the process on some of those (an assertion in its decoder).
std::optional<std::string> PublicJwk(const Json& jwk) {
  Json part = {{"kty", Text(jwk, "kty").value_or("")}};
  if (const auto curve = Text(jwk, "crv")) part["crv"] = *curve;
  for (const char* number : {"x", "y", "n", "e"}) {
    const std::optional<std::string> text = Text(jwk, number);
    if (!text.has_value()) continue;
    if (!crypto::FromBase64Url(*text).has_value()) return std::nullopt;
    part[number] = *text;
  }
  return part.dump();
}

// The usable keys of a JWKS (RFC 7517): of a type we accept, with a kid, for signatures. Others are
// passed over, because a provider may publish keys for other purposes beside them.
absl::StatusOr<Keys> ParseKeys(const std::string& text) {
  const Json set = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array()) {
    return status::FailedPrecondition("JWKS_UNUSABLE",
                                      "The key set is not a JSON object with a `keys` array.");
  }
  Keys keys;
  for (const Json& one : set["keys"]) {
    if (!one.is_object()) continue;
    const std::optional<std::string> kid = Text(one, "kid");
    if (!kid.has_value() || kid->empty()) continue;
    if (Text(one, "use").value_or("sig") != "sig") continue;
    const std::optional<std::string> json = PublicJwk(one);
    if (!json.has_value()) continue;
    cjose_err error;
    Jwk jwk(cjose_jwk_import(json->data(), json->size(), &error));
    if (jwk == nullptr) continue;
    const char* algorithm = AlgorithmOf(jwk.get());
    if (algorithm == nullptr || Text(one, "alg").value_or(algorithm) != algorithm) continue;
    keys[*kid] = std::make_shared<const Key>(Key{std::move(jwk), algorithm});
  }
  if (keys.empty()) {
    return status::FailedPrecondition(
        "JWKS_UNUSABLE",
        "The key set holds no key with a kid that is P-256 or RSA of at least 2048 bits.");
  }
  return keys;
}

size_t Collect(char* data, size_t size, size_t count, void* into) {
  auto* text = static_cast<std::string*>(into);
  if (text->size() + size * count > kLongestKeySet) return 0;  // curl then gives up
  text->append(data, size * count);
  return size * count;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file.good() || text.str().size() > kLongestKeySet) {
    return status::FailedPrecondition(
        "JWKS_UNUSABLE", absl::StrCat("The key set ", path, " cannot be read or is too large."));
  }
  return text.str();
}

absl::StatusOr<std::string> Download(const TokenOptions& options) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  std::string text;
  CURL* c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, options.jwks.c_str());
  // Neither redirects nor another protocol: the keys come from the place that was configured.
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options.fetch_timeout)));
  if (!options.ca_file.empty()) curl_easy_setopt(c, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, &Collect);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &text);
  if (const CURLcode code = curl_easy_perform(c); code != CURLE_OK) {
    return status::Unavailable(
        "KEYS_UNAVAILABLE",
        absl::StrCat("The key server did not answer: ", curl_easy_strerror(code), "."));
  }
  return text;
}

// The two parts of a compact token that we look at before any signature is checked.
struct Header {
  std::string algorithm;
  std::string kid;
};

absl::StatusOr<Header> ParseHeader(absl::string_view token) {
  if (token.empty()) return Refuse("TOKEN_MISSING", "Send a token.");
  if (token.size() > kLongestToken) return Refuse("TOKEN_MALFORMED", "The token is too long.");
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) {
    return Refuse("TOKEN_MALFORMED", "A token has three parts separated by dots.");
  }
  const std::optional<std::string> bytes = crypto::FromBase64Url(parts[0]);
  if (!bytes.has_value()) {
    return Refuse("TOKEN_MALFORMED", "The token's header is not base64url.");
  }
  const Json json = Json::parse(*bytes, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Refuse("TOKEN_MALFORMED", "The token's header is not JSON.");
  // An extension we do not understand must be refused (RFC 7515 section 4.1.11).
  if (json.contains("crit")) {
    return Refuse("TOKEN_MALFORMED", "The token asks for an extension that is not supported.");
  }
  Header header;
  header.algorithm = Text(json, "alg").value_or("");
  header.kid = Text(json, "kid").value_or("");
  if (header.algorithm != "ES256" && header.algorithm != "RS256") {
    return Refuse("TOKEN_ALGORITHM", "Tokens are signed with ES256 or RS256.");
  }
  // Before libcjose sees them: its decoder ends the process on some texts that are not base64url.
  for (const absl::string_view part : {parts[1], parts[2]}) {
    if (part.empty() || !crypto::FromBase64Url(part).has_value()) {
      return Refuse("TOKEN_MALFORMED", "The token's claims or signature are not base64url.");
    }
  }
  return header;
}

}  // namespace

struct TokenVerifier::State {
  State(TokenOptions options, const clock::Clock& clock)
      : options(std::move(options)), clock(clock) {}

  const TokenOptions options;
  const clock::Clock& clock;

  absl::Mutex mutex;
  std::shared_ptr<const Keys> keys ABSL_GUARDED_BY(mutex) = std::make_shared<Keys>();
  std::string keys_text ABSL_GUARDED_BY(mutex);
  // Rises with each change of the keys, so that a check begun under old keys is not remembered.
  uint64_t generation ABSL_GUARDED_BY(mutex) = 0;
  absl::Time fetched ABSL_GUARDED_BY(mutex) = absl::InfinitePast();
  bool fetching ABSL_GUARDED_BY(mutex) = false;
  absl::flat_hash_map<crypto::Digest, Caller> verified ABSL_GUARDED_BY(mutex);
  std::deque<crypto::Digest> oldest_first ABSL_GUARDED_BY(mutex);

  bool remote() const { return absl::StartsWith(options.jwks, "https://"); }

  absl::Status Fetch() {
    {
      absl::MutexLock lock(&mutex);
      if (fetching) return absl::OkStatus();  // one at a time; the others go on with what is there
      fetching = true;
      fetched = clock.Now();
    }
    absl::StatusOr<std::string> text =
        remote() ? Download(options)
                 : ReadFile(std::string(absl::StripPrefix(options.jwks, "file://")));
    absl::StatusOr<Keys> parsed = text.ok() ? ParseKeys(*text) : text.status();
    absl::MutexLock lock(&mutex);
    fetching = false;
    if (!parsed.ok()) return parsed.status();
    if (*text == keys_text) return absl::OkStatus();
    keys = std::make_shared<const Keys>(*std::move(parsed));
    keys_text = *std::move(text);
    ++generation;
    // A key that was withdrawn must stop working now, not when its tokens run out.
    verified.clear();
    oldest_first.clear();
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<const Key>> FindKey(const std::string& kid,
                                                     uint64_t* generation_seen) {
    for (int attempt = 0;; ++attempt) {
      bool none = false;
      bool may_fetch = false;
      {
        absl::MutexLock lock(&mutex);
        *generation_seen = generation;
        if (const auto found = keys->find(kid); found != keys->end()) return found->second;
        none = keys->empty();
        may_fetch = clock.Now() - fetched >= options.least_between_fetches;
      }
      if (attempt == 0 && may_fetch) {
        if (absl::Status status = Fetch(); !status.ok()) {
          log::Warning("token keys not refreshed", {{"reason", status::Reason(status)}});
        }
        continue;
      }
      if (none) {
        return status::WithRetryAfter(
            status::Unavailable("KEYS_UNAVAILABLE",
                                "The keys that tokens are checked with cannot be had now."),
            absl::Seconds(5));
      }
      return Refuse("TOKEN_KEY_UNKNOWN", "The token was signed with a key that is not trusted.");
    }
  }

  absl::StatusOr<Caller> CheckClaims(const Json& claims, absl::Time now) const {
    if (Text(claims, "iss") != options.issuer) {
      return Refuse("TOKEN_ISSUER", "The token comes from an issuer that is not trusted.");
    }
    if (!HasAudience(claims, options.audience)) {
      return Refuse("TOKEN_AUDIENCE", "The token is meant for another audience.");
    }
    const std::optional<absl::Time> expiry = Date(claims, "exp");
    if (!expiry.has_value()) return Refuse("TOKEN_CLAIMS", "The token has no valid `exp`.");
    if (now >= *expiry + options.leeway) {
      return Refuse("TOKEN_EXPIRED", "The token has expired: sign in again.");
    }
    if (claims.contains("nbf")) {
      const std::optional<absl::Time> not_before = Date(claims, "nbf");
      if (!not_before.has_value()) return Refuse("TOKEN_CLAIMS", "The token's `nbf` is no time.");
      if (now + options.leeway < *not_before) {
        return Refuse("TOKEN_NOT_YET_VALID", "The token is not valid yet.");
      }
    }
    Caller caller;
    caller.token_expiry = *expiry + options.leeway;
    caller.user_id = Text(claims, "sub").value_or("");
    if (!IsPlainId(caller.user_id)) {
      return Refuse("TOKEN_CLAIMS",
                    "The token's `sub` names no person in 1 to 128 characters without spaces.");
    }
    caller.tenant = Text(claims, "tenant").value_or("");
    if (!IsTenant(caller.tenant)) {
      return Refuse("TOKEN_TENANT", "The token's `tenant` names no organisation.");
    }
    const auto roles = claims.find("roles");
    if (roles == claims.end() || !roles->is_array()) {
      return Refuse("TOKEN_CLAIMS", "The token's `roles` is not a list.");
    }
    for (const Json& one : *roles) {
      if (!one.is_string())
        return Refuse("TOKEN_CLAIMS", "The token's `roles` is not a list of text.");
      options::v1::Role role;
      if (options::v1::Role_Parse(absl::StrCat("ROLE_", one.get_ref<const std::string&>()),
                                  &role) &&
          role != options::v1::ROLE_UNSPECIFIED) {
        caller.roles.push_back(role);
      }
    }
    if (claims.contains("subject_id")) {
      caller.subject_id = ids::NormaliseUuid(Text(claims, "subject_id").value_or(""));
      if (!caller.subject_id.has_value()) {
        return Refuse("TOKEN_CLAIMS", "The token's `subject_id` is not a UUID.");
      }
    }
    return caller;
  }

  void Remember(const crypto::Digest& digest, const Caller& caller, uint64_t generation_seen) {
    absl::MutexLock lock(&mutex);
    if (generation != generation_seen || options.most_cached == 0) return;
    if (!verified.emplace(digest, caller).second) return;
    oldest_first.push_back(digest);
    while (verified.size() > options.most_cached) {
      verified.erase(oldest_first.front());
      oldest_first.pop_front();
    }
  }
};

TokenVerifier::TokenVerifier(std::unique_ptr<State> state) : state_(std::move(state)) {}
TokenVerifier::~TokenVerifier() = default;

absl::StatusOr<std::unique_ptr<TokenVerifier>> TokenVerifier::Create(TokenOptions options,
                                                                     const clock::Clock& clock) {
  if (absl::StartsWith(options.jwks, "http://") || options.jwks.empty()) {
    return status::FailedPrecondition(
        "JWKS_UNUSABLE", "The key set is a file path, a file:// URL or an https:// URL.");
  }
  if (options.issuer.empty() || options.audience.empty()) {
    return status::FailedPrecondition("TOKEN_OPTIONS", "Name the tokens' issuer and audience.");
  }
  auto state = std::make_unique<State>(std::move(options), clock);
  if (absl::Status status = state->Fetch(); !status.ok()) {
    if (!state->remote()) return status;
    log::Warning("token keys not available yet", {{"reason", status::Reason(status)}});
  }
  return std::unique_ptr<TokenVerifier>(new TokenVerifier(std::move(state)));
}

absl::Status TokenVerifier::Refresh() { return state_->Fetch(); }

absl::StatusOr<Caller> TokenVerifier::Verify(absl::string_view token) {
  if (token.size() > kLongestToken) return Refuse("TOKEN_MALFORMED", "The token is too long.");
  const absl::Time now = state_->clock.Now();
  const crypto::Digest digest = crypto::Sha256(token);
  {
    absl::MutexLock lock(&state_->mutex);
    if (const auto found = state_->verified.find(digest); found != state_->verified.end()) {
      if (now >= found->second.token_expiry) {
        return Refuse("TOKEN_EXPIRED", "The token has expired: sign in again.");
      }
      return found->second;
    }
  }
  ASSIGN_OR_RETURN(const Header header, ParseHeader(token));
  uint64_t generation = 0;
  ASSIGN_OR_RETURN(const std::shared_ptr<const Key> key, state_->FindKey(header.kid, &generation));
  // The key says which algorithm, not the token.
  if (key->algorithm != header.algorithm) {
    return Refuse("TOKEN_ALGORITHM", "The token's algorithm is not that of its key.");
  }
  cjose_err error;
  const Jws jws(cjose_jws_import(token.data(), token.size(), &error));
  if (jws == nullptr) return Refuse("TOKEN_MALFORMED", "The token is not a signed token.");
  // What the library read must be what we judged.
  const char* algorithm =
      cjose_header_get(cjose_jws_get_protected(jws.get()), CJOSE_HDR_ALG, &error);
  if (algorithm == nullptr || key->algorithm != algorithm) {
    return Refuse("TOKEN_ALGORITHM", "The token's algorithm is not that of its key.");
  }
  if (!cjose_jws_verify(jws.get(), key->jwk.get(), &error)) {
    return Refuse("TOKEN_SIGNATURE", "The token's signature is wrong.");
  }
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, &error)) {
    return Refuse("TOKEN_MALFORMED", "The token has no claims.");
  }
  const Json claims = Json::parse(bytes, bytes + size, nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object()) return Refuse("TOKEN_MALFORMED", "The token's claims are not JSON.");
  ASSIGN_OR_RETURN(Caller caller, state_->CheckClaims(claims, now));
  state_->Remember(digest, caller, generation);
  return caller;
}

}  // namespace waymark::access
