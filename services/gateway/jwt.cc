#include "services/gateway/jwt.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/access/jose.h"
#include "common/crypto/crypto.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace waymark::gateway {
namespace {

using access::Jwk;
using Json = nlohmann::json;

constexpr size_t kLongestToken = size_t{16} * 1024;
constexpr absl::Duration kRefreshEvery = absl::Hours(1);

absl::Status Refuse(absl::string_view reason, absl::string_view message) {
  return status::Unauthenticated(reason, message);
}

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

std::optional<absl::Time> Date(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 253402300799.0) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

// The public part alone; nothing when a number is not base64url (libcjose 0.6.2 would end the
// process on it).
std::optional<std::string> PublicJwk(const Json& jwk) {
  Json part = {{"kty", Text(jwk, "kty")}};
  if (jwk.contains("crv")) part["crv"] = Text(jwk, "crv");
  for (const char* number : {"x", "y", "n", "e"}) {
    if (!jwk.contains(number)) continue;
    const std::string text = Text(jwk, number);
    if (!crypto::FromBase64Url(text).has_value()) return std::nullopt;
    part[number] = text;
  }
  return part.dump();
}

}  // namespace

struct KeySet::Key {
  Jwk jwk;
  std::string algorithm;
};

KeySet::KeySet(Fetch fetch, absl::Duration least_between)
    : fetch_(std::move(fetch)), least_between_(least_between) {}
KeySet::~KeySet() = default;

std::shared_ptr<const KeySet::Key> KeySet::Find(const std::string& kid) {
  absl::MutexLock lock(&mutex_);
  if (const auto found = keys_.find(kid); found != keys_.end()) return found->second;
  // A provider with one key need not name it.
  return kid.empty() && keys_.size() == 1 ? keys_.begin()->second : nullptr;
}

absl::Status KeySet::Refresh(absl::Time now) {
  {
    absl::MutexLock lock(&mutex_);
    if (now - fetched_ < least_between_) return absl::OkStatus();
    fetched_ = now;
  }
  ASSIGN_OR_RETURN(const std::string text, fetch_());
  const Json set = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::map<std::string, std::shared_ptr<const Key>> keys;
  if (set.is_object() && set.contains("keys") && set["keys"].is_array()) {
    for (const Json& one : set["keys"]) {
      if (!one.is_object() || (one.contains("use") && Text(one, "use") != "sig")) continue;
      const std::optional<std::string> json = PublicJwk(one);
      if (!json.has_value()) continue;
      cjose_err error;
      Jwk jwk(cjose_jwk_import(json->data(), json->size(), &error));
      const char* algorithm = jwk == nullptr ? nullptr : access::AlgorithmOf(jwk.get());
      if (algorithm == nullptr) continue;
      if (one.contains("alg") && Text(one, "alg") != algorithm) continue;
      keys[Text(one, "kid")] = std::make_shared<const Key>(Key{std::move(jwk), algorithm});
    }
  }
  if (keys.empty()) {
    return status::Unavailable("KEYS_UNAVAILABLE", "The provider publishes no key we can use.");
  }
  absl::MutexLock lock(&mutex_);
  keys_ = std::move(keys);
  return absl::OkStatus();
}

absl::StatusOr<Json> KeySet::Verify(absl::string_view token, absl::Time now) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (token.size() > kLongestToken || parts.size() != 3) {
    return Refuse("TOKEN_MALFORMED", "The provider's token is not a signed token.");
  }
  for (const absl::string_view part : parts) {
    if (part.empty() || !crypto::FromBase64Url(part).has_value()) {
      return Refuse("TOKEN_MALFORMED", "The provider's token is not base64url.");
    }
  }
  const Json header = Json::parse(*crypto::FromBase64Url(parts[0]), nullptr, false);
  if (!header.is_object() || header.contains("crit")) {
    return Refuse("TOKEN_MALFORMED", "The provider's token has a header we cannot read.");
  }
  const std::string algorithm = Text(header, "alg");
  if (algorithm != "ES256" && algorithm != "RS256") {
    return Refuse("TOKEN_ALGORITHM", "Tokens are signed with ES256 or RS256.");
  }
  const std::string kid = Text(header, "kid");
  bool stale = false;
  {
    absl::MutexLock lock(&mutex_);
    stale = now - fetched_ >= kRefreshEvery;
  }
  std::shared_ptr<const Key> key = stale ? nullptr : Find(kid);
  if (key == nullptr) {
    const absl::Status refreshed = Refresh(now);
    key = Find(kid);
    if (key == nullptr && !refreshed.ok()) return refreshed;
    if (!refreshed.ok()) {
      log::Warning("provider keys not refreshed", {{"reason", status::Reason(refreshed)}});
    }
  }
  if (key == nullptr) {
    return Refuse("TOKEN_KEY_UNKNOWN", "The token was signed with a key that is not trusted.");
  }
  if (key->algorithm != algorithm) {
    return Refuse("TOKEN_ALGORITHM", "The token's algorithm is not that of its key.");
  }
  cjose_err error;
  const access::Jws jws(cjose_jws_import(token.data(), token.size(), &error));
  if (jws == nullptr) return Refuse("TOKEN_MALFORMED", "The token is not a signed token.");
  const char* read = cjose_header_get(cjose_jws_get_protected(jws.get()), CJOSE_HDR_ALG, &error);
  if (read == nullptr || key->algorithm != read) {
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
  Json claims = Json::parse(bytes, bytes + size, nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object()) return Refuse("TOKEN_MALFORMED", "The token's claims are not JSON.");
  return claims;
}

absl::Status CheckIdToken(const Json& claims, const IdTokenExpectations& expected) {
  if (Text(claims, "iss") != expected.issuer) {
    return Refuse("TOKEN_ISSUER", "The token comes from another provider.");
  }
  const auto audience = claims.find("aud");
  bool ours = false;
  bool others = false;
  if (audience != claims.end() && audience->is_string()) {
    ours = audience->get<std::string>() == expected.client_id;
  } else if (audience != claims.end() && audience->is_array()) {
    for (const Json& one : *audience) {
      const bool same = one.is_string() && one.get<std::string>() == expected.client_id;
      ours = ours || same;
      others = others || !same;
    }
  }
  if (!ours) return Refuse("TOKEN_AUDIENCE", "The token is meant for another application.");
  if ((others || claims.contains("azp")) && Text(claims, "azp") != expected.client_id) {
    return Refuse("TOKEN_PARTY", "The token was given to another application.");
  }
  const std::optional<absl::Time> expiry = Date(claims, "exp");
  const std::optional<absl::Time> issued = Date(claims, "iat");
  if (!expiry.has_value() || !issued.has_value() || Text(claims, "sub").empty()) {
    return Refuse("TOKEN_CLAIMS", "The token lacks exp, iat or sub.");
  }
  if (expected.now >= *expiry + expected.leeway) {
    return Refuse("TOKEN_EXPIRED", "The token has expired.");
  }
  const absl::Time not_before = std::max(*issued, Date(claims, "nbf").value_or(*issued));
  if (expected.now + expected.leeway < not_before) {
    return Refuse("TOKEN_NOT_YET_VALID", "The token is not valid yet.");
  }
  if (!crypto::ConstantTimeEquals(Text(claims, "nonce"), expected.nonce) ||
      expected.nonce.empty()) {
    return Refuse("TOKEN_NONCE", "The token belongs to another sign-in.");
  }
  return absl::OkStatus();
}

struct SigningKey::Key {
  Jwk jwk;
  std::string algorithm;
  std::string kid;
};

SigningKey::SigningKey(std::unique_ptr<Key> key, std::string jwks)
    : key_(std::move(key)), jwks_(std::move(jwks)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

absl::StatusOr<SigningKey> SigningKey::FromJwk(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  const auto unusable = [] {
    return status::FailedPrecondition(
        "SIGNING_KEY", "A signing key is a private JWK with a kid, P-256 or RSA of 2048 bits.");
  };
  if (!json.is_object() || !json.contains("d") || Text(json, "kid").empty()) return unusable();
  for (const auto& [name, value] : json.items()) {
    if (name == "kty" || name == "crv" || name == "kid" || name == "use" || name == "alg") continue;
    if (value.is_string() && !crypto::FromBase64Url(value.get<std::string>()).has_value()) {
      return unusable();
    }
  }
  cjose_err error;
  auto key = std::make_unique<Key>();
  key->jwk.reset(cjose_jwk_import(text.data(), text.size(), &error));
  const char* algorithm = key->jwk == nullptr ? nullptr : access::AlgorithmOf(key->jwk.get());
  if (algorithm == nullptr) return unusable();
  key->algorithm = algorithm;
  key->kid = Text(json, "kid");
  const std::optional<std::string> part = PublicJwk(json);
  if (!part.has_value()) return unusable();
  Json open = Json::parse(*part);
  open["kid"] = key->kid;
  open["use"] = "sig";
  open["alg"] = key->algorithm;
  return SigningKey(std::move(key), Json{{"keys", Json::array({open})}}.dump());
}

absl::StatusOr<std::string> SigningKey::Sign(const Json& claims) const {
  cjose_err error;
  const auto failed = [] {
    return status::Internal("TOKEN_NOT_MADE", "The token could not be signed.");
  };
  const std::string text = claims.dump(-1, ' ', false, Json::error_handler_t::replace);
  const access::JoseHeader header(cjose_header_new(&error));
  if (header == nullptr ||
      !cjose_header_set(header.get(), CJOSE_HDR_ALG, key_->algorithm.c_str(), &error) ||
      !cjose_header_set(header.get(), CJOSE_HDR_KID, key_->kid.c_str(), &error)) {
    return failed();
  }
  const access::Jws jws(cjose_jws_sign(key_->jwk.get(), header.get(),
                                       reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                                       &error));
  const char* compact = nullptr;
  if (jws == nullptr || !cjose_jws_export(jws.get(), &compact, &error)) return failed();
  return std::string(compact);
}

}  // namespace waymark::gateway
