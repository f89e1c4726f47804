#include "common/access/development_token.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/access/jose.h"
#include "common/status/status.h"
#include "nlohmann/json.hpp"

namespace waymark::access {

using Json = nlohmann::json;

absl::StatusOr<DevelopmentKey> MakeDevelopmentKey(absl::string_view kid) {
  cjose_err error;
  const Jwk jwk(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error));
  if (jwk == nullptr || !cjose_jwk_set_kid(jwk.get(), kid.data(), kid.size(), &error)) {
    return status::Internal("KEY_NOT_MADE", "A development key could not be made.");
  }
  const JoseText secret(cjose_jwk_to_json(jwk.get(), /*priv=*/true, &error));
  const JoseText open(cjose_jwk_to_json(jwk.get(), /*priv=*/false, &error));
  if (secret == nullptr || open == nullptr) {
    return status::Internal("KEY_NOT_MADE", "A development key could not be written.");
  }
  Json public_key = Json::parse(open.get());
  public_key["use"] = "sig";
  public_key["alg"] = "ES256";
  return DevelopmentKey{.private_jwk = secret.get(),
                        .jwks = Json{{"keys", Json::array({public_key})}}.dump(2)};
}

absl::StatusOr<std::string> MintDevelopmentToken(absl::string_view private_jwk,
                                                 const DevelopmentClaims& claims) {
  cjose_err error;
  const Json key = Json::parse(private_jwk.begin(), private_jwk.end(), nullptr,
                               /*allow_exceptions=*/false);
  const Jwk jwk(cjose_jwk_import(private_jwk.data(), private_jwk.size(), &error));
  const char* algorithm = jwk == nullptr ? nullptr : AlgorithmOf(jwk.get());
  const char* kid = jwk == nullptr ? nullptr : cjose_jwk_get_kid(jwk.get(), &error);
  if (algorithm == nullptr || kid == nullptr || !key.is_object() || !key.contains("d")) {
    return status::InvalidArgument(
        "KEY_UNUSABLE", "The key is not a private JWK with a kid, P-256 or RSA of 2048 bits.");
  }
  Json body = {{"iss", claims.issuer},
               {"aud", claims.audience},
               {"sub", claims.user_id},
               {"tenant", claims.tenant},
               {"roles", claims.roles},
               {"iat", absl::ToUnixSeconds(claims.not_before)},
               {"nbf", absl::ToUnixSeconds(claims.not_before)},
               {"exp", absl::ToUnixSeconds(claims.expiry)}};
  if (!claims.subject_id.empty()) body["subject_id"] = claims.subject_id;
  const std::string text = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  const JoseHeader header(cjose_header_new(&error));
  const char* compact = nullptr;
  if (header == nullptr || !cjose_header_set(header.get(), CJOSE_HDR_ALG, algorithm, &error) ||
      !cjose_header_set(header.get(), CJOSE_HDR_KID, kid, &error)) {
    return status::Internal("TOKEN_NOT_MADE", "The token's header could not be made.");
  }
  const Jws jws(cjose_jws_sign(jwk.get(), header.get(),
                               reinterpret_cast<const uint8_t*>(text.data()), text.size(), &error));
  if (jws == nullptr || !cjose_jws_export(jws.get(), &compact, &error)) {
    return status::Internal("TOKEN_NOT_MADE", "The token could not be signed.");
  }
  return std::string(compact);
}

}  // namespace waymark::access
