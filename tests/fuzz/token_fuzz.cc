// Signed tokens and the key sets they are checked with. The first byte says what the rest is: 't' a
// token as a caller sends it, 'c' claims that our own issuer signed, 'k' a key set.
#include <cjose/cjose.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/access/development_token.h"
#include "common/access/jose.h"
#include "common/access/token.h"
#include "common/clock/clock.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::access {
namespace {

// Issued once for kKeySet; its private key is gone. Every other spelling of header and claims must
// be refused.
constexpr absl::string_view kSignedPart =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0."
    "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUiLCJhdWQiOiJ3YXltYXJrIiwic3ViIjoibnVyc2Ut"
    "MSIsInRlbmFudCI6ImRlbW8iLCJleHAiOjE3OTAwMDM2MDAsIm5iZiI6MTc5MDAwMDAwMCwiaWF0Ijox"
    "NzkwMDAwMDAwLCJyb2xlcyI6WyJPSF9OVVJTRSJdfQ";
constexpr char kKeySet[] = R"({"keys": [{"kty": "EC", "crv": "P-256", 
 "x": "eam_C5W7UyWWi74qSXqnBBQm1gpPxLkwjjcE4LdCO9A", 
 "y": "y0m5cjfYHeCJVcr-rAj4975wa69wiI8QjfljGq3inCw", 
 "kid": "k1", "use": "sig", "alg": "ES256"}]})";

const clock::Clock& Clock() {
  static const auto& clock = *new clock::FakeClock(absl::FromUnixSeconds(1'790'000'000));
  return clock;
}

std::string Write(absl::string_view name, absl::string_view text) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = absl::StrCat(folder == nullptr ? "/tmp" : folder, "/", name, "-", getpid());
  std::ofstream(path, std::ios::trunc | std::ios::binary) << text;
  return path;
}

absl::StatusOr<std::unique_ptr<TokenVerifier>> VerifierOf(absl::string_view name,
                                                          absl::string_view key_set) {
  const std::string path = Write(name, key_set);
  auto verifier = TokenVerifier::Create(
      {.jwks = path, .issuer = "https://login.example", .most_cached = 0}, Clock());
  std::remove(path.c_str());
  return verifier;
}

void CheckCaller(const Caller& caller) {
  FUZZ_REQUIRE(caller.is_user() && caller.user_id.size() <= 128);
  FUZZ_REQUIRE(caller.user_id != "-" && caller.user_id.rfind("service:", 0) != 0);
  FUZZ_REQUIRE(IsTenant(caller.tenant) && caller.service.empty());
  FUZZ_REQUIRE(caller.token_expiry > Clock().Now());
  for (const options::v1::Role role : caller.roles) {
    FUZZ_REQUIRE(options::v1::Role_IsValid(role) && role != options::v1::ROLE_UNSPECIFIED);
  }
}

void CheckToken(absl::string_view token) {
  static auto& verifier = *new auto(*VerifierOf("keys", kKeySet));
  const absl::StatusOr<Caller> caller = verifier->Verify(token);
  if (!caller.ok()) return;
  CheckCaller(*caller);
  FUZZ_REQUIRE(token.substr(0, token.rfind('.')) == kSignedPart);
}

void CheckClaims(absl::string_view claims) {
  static const DevelopmentKey& key = *new DevelopmentKey(*MakeDevelopmentKey("k1"));
  static auto& verifier = *new auto(*VerifierOf("own-keys", key.jwks));
  cjose_err error;
  static const Jwk& jwk =
      *new Jwk(cjose_jwk_import(key.private_jwk.data(), key.private_jwk.size(), &error));
  const JoseHeader header(cjose_header_new(&error));
  cjose_header_set(header.get(), CJOSE_HDR_ALG, "ES256", &error);
  cjose_header_set(header.get(), CJOSE_HDR_KID, "k1", &error);
  const Jws jws(cjose_jws_sign(jwk.get(), header.get(),
                               reinterpret_cast<const uint8_t*>(claims.data()), claims.size(),
                               &error));
  const char* compact = nullptr;
  if (jws == nullptr || !cjose_jws_export(jws.get(), &compact, &error)) return;
  if (const absl::StatusOr<Caller> caller = verifier->Verify(compact); caller.ok()) {
    CheckCaller(*caller);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view rest = fuzz::Text(data + 1, size - 1);
  if (data[0] == 't') CheckToken(rest);
  if (data[0] == 'c') CheckClaims(rest);
  if (data[0] == 'k') (void)VerifierOf("any-keys", rest).ok();
  return 0;
}

}  // namespace waymark::access
