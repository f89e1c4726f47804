#include "common/access/token.h"

#include <cjose/cjose.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/access/development_token.h"
#include "common/access/jose.h"
#include "common/crypto/crypto.h"
#include "common/status/status.h"
#include "nlohmann/json.hpp"

namespace waymark::access {
namespace {

using ::nlohmann::json;
using ::testing::ElementsAre;

constexpr char kIssuer[] = "https://login.example";

class TokenTest : public ::testing::Test {
 protected:
  TokenTest()
      : path_(::testing::TempDir() + "/jwks-" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".json"),
        key_(*MakeDevelopmentKey("k1")) {
    Publish(key_.jwks);
  }
  ~TokenTest() override { std::filesystem::remove(path_); }

  void Publish(const std::string& jwks) { std::ofstream(path_, std::ios::trunc) << jwks; }

  std::unique_ptr<TokenVerifier> Verifier(size_t most_cached = 100) {
    absl::StatusOr<std::unique_ptr<TokenVerifier>> verifier = TokenVerifier::Create(
        {.jwks = path_, .issuer = kIssuer, .most_cached = most_cached}, clock_);
    EXPECT_TRUE(verifier.ok()) << verifier.status();
    return *std::move(verifier);
  }

  DevelopmentClaims Claims() {
    return {.issuer = kIssuer,
            .user_id = "nurse-1",
            .tenant = "demo",
            .roles = {"OH_NURSE"},
            .not_before = clock_.Now(),
            .expiry = clock_.Now() + absl::Hours(1)};
  }

  // Signs any claims, for those that MintDevelopmentToken does not write.
  std::string Sign(const json& claims, const std::string& private_jwk, const char* algorithm,
                   const char* kid = "k1") {
    cjose_err error;
    const Jwk jwk(cjose_jwk_import(private_jwk.data(), private_jwk.size(), &error));
    const JoseHeader header(cjose_header_new(&error));
    cjose_header_set(header.get(), CJOSE_HDR_ALG, algorithm, &error);
    cjose_header_set(header.get(), CJOSE_HDR_KID, kid, &error);
    const std::string body = claims.dump();
    const Jws jws(cjose_jws_sign(jwk.get(), header.get(),
                                 reinterpret_cast<const uint8_t*>(body.data()), body.size(),
                                 &error));
    const char* compact = nullptr;
    EXPECT_TRUE(jws != nullptr && cjose_jws_export(jws.get(), &compact, &error));
    return compact;
  }

  json Body() {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    return {{"iss", kIssuer},   {"aud", "waymark"},  {"sub", "nurse-1"},
            {"tenant", "demo"}, {"exp", now + 3600}, {"roles", json::array({"OH_NURSE"})}};
  }

  std::string ReasonOf(const std::string& token) {
    return status::Reason(Verifier()->Verify(token).status());
  }
  std::string ReasonOfClaims(const json& claims) {
    return ReasonOf(Sign(claims, key_.private_jwk, "ES256"));
  }

  clock::FakeClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  const std::string path_;
  DevelopmentKey key_;
};

TEST_F(TokenTest, ReadsWhoCalls) {
  DevelopmentClaims claims = Claims();
  claims.roles = {"OH_NURSE", "OFFICER", "WIZARD", "UNSPECIFIED"};
  claims.subject_id = "0190A000-0000-7000-8000-00000000000A";
  const absl::StatusOr<Caller> caller =
      Verifier()->Verify(*MintDevelopmentToken(key_.private_jwk, claims));
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->user_id, "nurse-1");
  EXPECT_EQ(caller->tenant, "demo");
  EXPECT_THAT(caller->roles, ElementsAre(options::v1::ROLE_OH_NURSE, options::v1::ROLE_OFFICER));
  EXPECT_EQ(caller->subject_id, "0190a000-0000-7000-8000-00000000000a");
  EXPECT_EQ(caller->token_expiry, claims.expiry + absl::Seconds(30));
}

TEST_F(TokenTest, RefusesWhatIsNoToken) {
  EXPECT_EQ(ReasonOf(""), "TOKEN_MISSING");
  EXPECT_EQ(ReasonOf("a"), "TOKEN_MALFORMED");
  EXPECT_EQ(ReasonOf("a.b.c"), "TOKEN_MALFORMED");
  EXPECT_EQ(ReasonOf("..."), "TOKEN_MALFORMED");
  EXPECT_EQ(ReasonOf(std::string(9000, 'a')), "TOKEN_MALFORMED");
  EXPECT_EQ(ReasonOf(absl::StrCat(crypto::Base64Url("[]"), ".e30.AA")), "TOKEN_MALFORMED");
}

// libcjose ends the process on some of these, so they must never reach it.
TEST_F(TokenTest, RefusesPartsThatAreNotBase64Url) {
  const std::string token = Sign(Body(), key_.private_jwk, "ES256");
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  for (const char* bad : {"A", "AA=A", "AAAA=", "=", "A===", "A A", "AB", "++++", "\xff\xff"}) {
    EXPECT_EQ(ReasonOf(absl::StrCat(parts[0], ".", bad, ".", parts[2])), "TOKEN_MALFORMED") << bad;
    EXPECT_EQ(ReasonOf(absl::StrCat(parts[0], ".", parts[1], ".", bad)), "TOKEN_MALFORMED") << bad;
  }
  EXPECT_EQ(ReasonOf(absl::StrCat(parts[0], ".", parts[1], ".")), "TOKEN_MALFORMED");
}

TEST_F(TokenTest, PassesOverKeysThatAreNotBase64Url) {
  const json good = json::parse(key_.jwks)["keys"][0];
  for (const char* field : {"x", "y"}) {
    for (const char* bad : {"A", "AA=A", "=", "\x01"}) {
      json key = good;
      key[field] = bad;
      Publish(json{{"keys", {key}}}.dump());
      EXPECT_EQ(status::Reason(
                    TokenVerifier::Create({.jwks = path_, .issuer = kIssuer}, clock_).status()),
                "JWKS_UNUSABLE")
          << field << bad;
    }
  }
}

TEST_F(TokenTest, RefusesAnUnsignedToken) {
  for (const char* none : {"none", "None", "NONE", ""}) {
    const std::string header = json{{"alg", none}, {"kid", "k1"}}.dump();
    EXPECT_EQ(ReasonOf(absl::StrCat(crypto::Base64Url(header), ".",
                                    crypto::Base64Url(Body().dump()), ".")),
              "TOKEN_ALGORITHM")
        << none;
  }
}

TEST_F(TokenTest, RefusesATokenSignedWithThePublicKeyAsAnHmacSecret) {
  cjose_err error;
  const Jwk rsa(cjose_jwk_create_RSA_random(2048, nullptr, 0, &error));
  ASSERT_NE(rsa, nullptr);
  cjose_jwk_set_kid(rsa.get(), "rsa", 3, &error);
  const JoseText open(cjose_jwk_to_json(rsa.get(), false, &error));
  Publish(json{{"keys", {json::parse(open.get())}}}.dump());
  // What a library that lets the token choose would do: HMAC with the public key's own text.
  const std::string secret = json{{"kty", "oct"}, {"k", crypto::Base64Url(open.get())}}.dump();
  EXPECT_EQ(ReasonOf(Sign(Body(), secret, "HS256", "rsa")), "TOKEN_ALGORITHM");
}

TEST_F(TokenTest, HoldsTheAlgorithmToTheTypeOfTheKey) {
  cjose_err error;
  const Jwk rsa(cjose_jwk_create_RSA_random(2048, nullptr, 0, &error));
  cjose_jwk_set_kid(rsa.get(), "rsa", 3, &error);
  const JoseText open(cjose_jwk_to_json(rsa.get(), false, &error));
  const JoseText secret(cjose_jwk_to_json(rsa.get(), true, &error));
  json set = json::parse(key_.jwks);
  set["keys"].push_back(json::parse(open.get()));
  Publish(set.dump());
  EXPECT_EQ(ReasonOf(Sign(Body(), secret.get(), "RS256", "rsa")), "");
  EXPECT_EQ(ReasonOf(Sign(Body(), secret.get(), "PS256", "rsa")), "TOKEN_ALGORITHM");
  EXPECT_EQ(ReasonOf(Sign(Body(), secret.get(), "RS512", "rsa")), "TOKEN_ALGORITHM");
  EXPECT_EQ(ReasonOf(Sign(Body(), secret.get(), "RS256", "k1")), "TOKEN_ALGORITHM");
  EXPECT_EQ(ReasonOf(Sign(Body(), key_.private_jwk, "ES256", "rsa")), "TOKEN_ALGORITHM");
}

TEST_F(TokenTest, TakesNoSymmetricOrWeakKeyFromTheKeySet) {
  cjose_err error;
  const Jwk weak(cjose_jwk_create_RSA_random(1024, nullptr, 0, &error));
  cjose_jwk_set_kid(weak.get(), "weak", 4, &error);
  const JoseText open(cjose_jwk_to_json(weak.get(), false, &error));
  Publish(json{{"keys",
                {{{"kty", "oct"}, {"kid", "k1"}, {"k", crypto::Base64Url("secret")}},
                 json::parse(open.get())}}}
              .dump());
  EXPECT_EQ(
      status::Reason(TokenVerifier::Create({.jwks = path_, .issuer = kIssuer}, clock_).status()),
      "JWKS_UNUSABLE");
}

TEST_F(TokenTest, RefusesAnotherKeyUnderAKnownNameAndAnUnknownName) {
  const DevelopmentKey forged = *MakeDevelopmentKey("k1");
  const DevelopmentKey unknown = *MakeDevelopmentKey("k2");
  EXPECT_EQ(ReasonOf(*MintDevelopmentToken(forged.private_jwk, Claims())), "TOKEN_SIGNATURE");
  EXPECT_EQ(ReasonOf(*MintDevelopmentToken(unknown.private_jwk, Claims())), "TOKEN_KEY_UNKNOWN");
}

TEST_F(TokenTest, RefusesClaimsChangedAfterSigning) {
  const std::vector<std::string> parts =
      absl::StrSplit(*MintDevelopmentToken(key_.private_jwk, Claims()), '.');
  json claims = json::parse(*crypto::FromBase64Url(parts[1]));
  claims["roles"] = {"OH_LEAD"};
  EXPECT_EQ(ReasonOf(absl::StrCat(parts[0], ".", crypto::Base64Url(claims.dump()), ".", parts[2])),
            "TOKEN_SIGNATURE");
}

TEST_F(TokenTest, RefusesAnExtensionItDoesNotUnderstand) {
  const std::string header =
      json{{"alg", "ES256"}, {"kid", "k1"}, {"crit", {"b64"}}, {"b64", false}}.dump();
  EXPECT_EQ(ReasonOf(absl::StrCat(crypto::Base64Url(header), ".e30.AA")), "TOKEN_MALFORMED");
}

TEST_F(TokenTest, RefusesAnotherIssuerOrAudience) {
  json claims = Body();
  claims["iss"] = "https://evil.example";
  EXPECT_EQ(ReasonOfClaims(claims), "TOKEN_ISSUER");
  claims = Body();
  claims["aud"] = "another";
  EXPECT_EQ(ReasonOfClaims(claims), "TOKEN_AUDIENCE");
  claims["aud"] = {"another", "waymark"};
  EXPECT_EQ(ReasonOfClaims(claims), "");
  claims.erase("aud");
  EXPECT_EQ(ReasonOfClaims(claims), "TOKEN_AUDIENCE");
}

TEST_F(TokenTest, RefusesATokenBeforeAndAfterItsTimeWithALittleLeeway) {
  const int64_t now = absl::ToUnixSeconds(clock_.Now());
  json claims = Body();
  claims["exp"] = now - 29;
  EXPECT_EQ(ReasonOfClaims(claims), "");
  claims["exp"] = now - 30;
  EXPECT_EQ(ReasonOfClaims(claims), "TOKEN_EXPIRED");
  claims = Body();
  claims["nbf"] = now + 30;
  EXPECT_EQ(ReasonOfClaims(claims), "");
  claims["nbf"] = now + 31;
  EXPECT_EQ(ReasonOfClaims(claims), "TOKEN_NOT_YET_VALID");
}

TEST_F(TokenTest, RefusesClaimsThatAreMissingOrOfTheWrongType) {
  for (const char* name : {"exp", "sub", "roles"}) {
    json claims = Body();
    claims.erase(name);
    EXPECT_EQ(ReasonOfClaims(claims), "TOKEN_CLAIMS") << name;
  }
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, json>>{{"exp", "soon"},
                                                 {"exp", -1},
                                                 {"exp", 1e300},
                                                 {"nbf", true},
                                                 {"sub", 7},
                                                 {"sub", "two words"},
                                                 {"sub", "-"},
                                                 {"sub", "service:bbv"},
                                                 {"sub", std::string(129, 'a')},
                                                 {"roles", "OH_NURSE"},
                                                 {"roles", {1}},
                                                 {"subject_id", "me"},
                                                 {"subject_id", nullptr}}) {
    json claims = Body();
    claims[name] = value;
    EXPECT_EQ(ReasonOfClaims(claims), "TOKEN_CLAIMS") << name << " " << value;
  }
  for (const json& tenant : {json(), json(""), json("a b"), json("x'; drop"), json(1)}) {
    json claims = Body();
    claims["tenant"] = tenant;
    EXPECT_EQ(ReasonOfClaims(claims), "TOKEN_TENANT") << tenant;
  }
}

TEST_F(TokenTest, StopsTrustingARememberedTokenAtItsExpiry) {
  const std::unique_ptr<TokenVerifier> verifier = Verifier();
  const std::string token = *MintDevelopmentToken(key_.private_jwk, Claims());
  EXPECT_TRUE(verifier->Verify(token).ok());
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(verifier->Verify(token).ok()) << "within the leeway";
  clock_.Advance(absl::Seconds(30));
  EXPECT_EQ(status::Reason(verifier->Verify(token).status()), "TOKEN_EXPIRED");
}

TEST_F(TokenTest, ForgetsRememberedTokensWhenTheirKeyIsWithdrawn) {
  const std::unique_ptr<TokenVerifier> verifier = Verifier();
  const std::string token = *MintDevelopmentToken(key_.private_jwk, Claims());
  EXPECT_TRUE(verifier->Verify(token).ok());
  Publish(MakeDevelopmentKey("k2")->jwks);
  ASSERT_TRUE(verifier->Refresh().ok());
  EXPECT_EQ(status::Reason(verifier->Verify(token).status()), "TOKEN_KEY_UNKNOWN");
}

TEST_F(TokenTest, FetchesTheKeysAgainForAnUnknownNameButNotTooOften) {
  const std::unique_ptr<TokenVerifier> verifier = Verifier();
  const DevelopmentKey next = *MakeDevelopmentKey("k2");
  const std::string token = *MintDevelopmentToken(next.private_jwk, Claims());
  Publish(next.jwks);
  EXPECT_EQ(status::Reason(verifier->Verify(token).status()), "TOKEN_KEY_UNKNOWN")
      << "the keys were read just now";
  clock_.Advance(absl::Seconds(30));
  EXPECT_TRUE(verifier->Verify(token).ok());
}

TEST_F(TokenTest, KeepsItsKeysWhenTheKeySetTurnsUnreadable) {
  const std::unique_ptr<TokenVerifier> verifier = Verifier();
  const std::string token = *MintDevelopmentToken(key_.private_jwk, Claims());
  Publish("{ not json");
  EXPECT_FALSE(verifier->Refresh().ok());
  EXPECT_TRUE(verifier->Verify(token).ok());
  std::filesystem::remove(path_);
  EXPECT_FALSE(verifier->Refresh().ok());
  EXPECT_TRUE(verifier->Verify(token).ok());
}

TEST_F(TokenTest, RemembersNoMoreTokensThanItMay) {
  const std::unique_ptr<TokenVerifier> verifier = Verifier(/*most_cached=*/2);
  for (int i = 0; i < 5; ++i) {
    DevelopmentClaims claims = Claims();
    claims.user_id = absl::StrCat("nurse-", i);
    const std::string token = *MintDevelopmentToken(key_.private_jwk, claims);
    for (int again = 0; again < 2; ++again) {
      const absl::StatusOr<Caller> caller = verifier->Verify(token);
      ASSERT_TRUE(caller.ok());
      EXPECT_EQ(caller->user_id, claims.user_id);
    }
  }
}

TEST_F(TokenTest, RefusesPlainHttpAndAMissingFileForItsKeys) {
  EXPECT_EQ(status::Reason(TokenVerifier::Create(
                               {.jwks = "http://login.example/jwks", .issuer = kIssuer}, clock_)
                               .status()),
            "JWKS_UNUSABLE");
  EXPECT_EQ(
      status::Reason(
          TokenVerifier::Create({.jwks = "/nowhere/jwks", .issuer = kIssuer}, clock_).status()),
      "JWKS_UNUSABLE");
  EXPECT_TRUE(TokenVerifier::Create({.jwks = "file://" + path_, .issuer = kIssuer}, clock_).ok());
}

TEST_F(TokenTest, SaysThatTheKeysCannotBeHadWhileTheirServerIsAway) {
  const absl::StatusOr<std::unique_ptr<TokenVerifier>> verifier =
      TokenVerifier::Create({.jwks = "https://127.0.0.1:1/jwks", .issuer = kIssuer}, clock_);
  ASSERT_TRUE(verifier.ok());
  const absl::Status status =
      (*verifier)->Verify(*MintDevelopmentToken(key_.private_jwk, Claims())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::Reason(status), "KEYS_UNAVAILABLE");
}

TEST_F(TokenTest, MintsOnlyFromAPrivateKey) {
  const json open = json::parse(key_.jwks)["keys"][0];
  EXPECT_EQ(status::Reason(MintDevelopmentToken(open.dump(), Claims()).status()), "KEY_UNUSABLE");
  EXPECT_EQ(status::Reason(MintDevelopmentToken("rubbish", Claims()).status()), "KEY_UNUSABLE");
}

}  // namespace
}  // namespace waymark::access
