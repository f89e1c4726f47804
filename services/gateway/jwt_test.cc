#include "services/gateway/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/access/development_token.h"
#include "common/crypto/crypto.h"
#include "common/testing/matchers.h"

namespace waymark::gateway {
namespace {

using Json = nlohmann::json;
using testing::IsOk;
using testing::StatusIs;

constexpr absl::StatusCode kUnauthenticated = absl::StatusCode::kUnauthenticated;
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

Json Claims() {
  return {{"iss", "https://p.test"},
          {"aud", "console"},
          {"sub", "s"},
          {"nonce", "n"},
          {"iat", absl::ToUnixSeconds(kNow)},
          {"exp", absl::ToUnixSeconds(kNow) + 300}};
}

IdTokenExpectations Expected() {
  return {.issuer = "https://p.test", .client_id = "console", .nonce = "n", .now = kNow};
}

TEST(CheckIdToken, TakesTheTokenOfThisSignIn) {
  EXPECT_THAT(CheckIdToken(Claims(), Expected()), IsOk());
  Json claims = Claims();
  claims["aud"] = {"console"};
  EXPECT_THAT(CheckIdToken(claims, Expected()), IsOk());
  claims["aud"] = {"console", "other"};
  claims["azp"] = "console";
  EXPECT_THAT(CheckIdToken(claims, Expected()), IsOk());
}

TEST(CheckIdToken, RefusesEveryOther) {
  const int64_t now = absl::ToUnixSeconds(kNow);
  const std::vector<std::tuple<const char*, Json, const char*>> changes = {
      {"iss", "https://evil.test", "TOKEN_ISSUER"},
      {"iss", "https://p.test/", "TOKEN_ISSUER"},
      {"aud", "other", "TOKEN_AUDIENCE"},
      {"aud", Json::array(), "TOKEN_AUDIENCE"},
      {"aud", Json(), "TOKEN_AUDIENCE"},
      {"aud", Json::array({"console", "other"}), "TOKEN_PARTY"},
      {"azp", "other", "TOKEN_PARTY"},
      {"nonce", "m", "TOKEN_NONCE"},
      {"nonce", "", "TOKEN_NONCE"},
      {"nonce", Json(), "TOKEN_NONCE"},
      {"exp", now - 61, "TOKEN_EXPIRED"},
      {"exp", "tomorrow", "TOKEN_CLAIMS"},
      {"exp", 1e300, "TOKEN_CLAIMS"},
      {"iat", now + 120, "TOKEN_NOT_YET_VALID"},
      {"iat", Json(), "TOKEN_CLAIMS"},
      {"nbf", now + 120, "TOKEN_NOT_YET_VALID"},
      {"sub", "", "TOKEN_CLAIMS"},
  };
  for (const auto& [name, value, reason] : changes) {
    Json claims = Claims();
    claims[name] = value;
    EXPECT_THAT(CheckIdToken(claims, Expected()), StatusIs(kUnauthenticated, reason))
        << name << " " << value;
  }
}

// A provider with keys that change.
class KeySetTest : public ::testing::Test {
 protected:
  KeySet Keys() {
    return KeySet([this]() -> absl::StatusOr<std::string> {
      ++fetches_;
      return published_;
    });
  }
  static access::DevelopmentKey NewKey(const char* kid) { return *access::MakeDevelopmentKey(kid); }
  static std::string Sign(const access::DevelopmentKey& key) {
    return *SigningKey::FromJwk(key.private_jwk)->Sign(Claims());
  }

  std::string published_;
  int fetches_ = 0;
};

TEST_F(KeySetTest, FollowsAProviderThatRotatesAndIsNotFlooded) {
  const access::DevelopmentKey first = NewKey("first");
  const access::DevelopmentKey second = NewKey("second");
  KeySet keys = Keys();
  published_ = first.jwks;
  EXPECT_THAT(keys.Verify(Sign(first), kNow).status(), IsOk());
  EXPECT_THAT(keys.Verify(Sign(first), kNow).status(), IsOk());
  EXPECT_EQ(fetches_, 1);

  published_ = second.jwks;
  // Not at once: an invented name must not become a fetch each time.
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(keys.Verify(Sign(second), kNow + absl::Seconds(1)).status(),
                StatusIs(kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
  }
  EXPECT_EQ(fetches_, 1);
  EXPECT_THAT(keys.Verify(Sign(second), kNow + absl::Seconds(31)).status(), IsOk());
  EXPECT_EQ(fetches_, 2);
  // And what was withdrawn is gone.
  EXPECT_THAT(keys.Verify(Sign(first), kNow + absl::Seconds(32)).status(),
              StatusIs(kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
}

TEST_F(KeySetTest, RefusesForgedTokens) {
  const access::DevelopmentKey ours = NewKey("k");
  const access::DevelopmentKey theirs = NewKey("k");
  published_ = ours.jwks;
  KeySet keys = Keys();
  const std::string good = Sign(ours);
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  const auto with_header = [&](const Json& header) {
    return absl::StrCat(crypto::Base64Url(header.dump()), ".", parts[1], ".", parts[2]);
  };
  EXPECT_THAT(keys.Verify(good, kNow).status(), IsOk());
  EXPECT_THAT(keys.Verify(Sign(theirs), kNow).status(),
              StatusIs(kUnauthenticated, "TOKEN_SIGNATURE"));
  Json other = Claims();
  other["sub"] = "somebody else";
  EXPECT_THAT(
      keys.Verify(absl::StrCat(parts[0], ".", crypto::Base64Url(other.dump()), ".", parts[2]), kNow)
          .status(),
      StatusIs(kUnauthenticated, "TOKEN_SIGNATURE"));
  for (const Json& header :
       {Json{{"alg", "none"}, {"kid", "k"}}, Json{{"alg", "HS256"}, {"kid", "k"}},
        Json{{"alg", "RS256"}, {"kid", "k"}}, Json{{"kid", "k"}}}) {
    EXPECT_THAT(keys.Verify(with_header(header), kNow).status(),
                StatusIs(kUnauthenticated, "TOKEN_ALGORITHM"));
  }
  EXPECT_THAT(
      keys.Verify(with_header({{"alg", "ES256"}, {"kid", "k"}, {"crit", {"x"}}}), kNow).status(),
      StatusIs(kUnauthenticated, "TOKEN_MALFORMED"));
  for (const std::string& text :
       {std::string(), std::string("a.b"), absl::StrCat(parts[0], ".", parts[1], "."),
        absl::StrCat(good, "."), absl::StrCat(good, "="), std::string(20000, 'a'),
        absl::StrCat("....", good)}) {
    EXPECT_THAT(keys.Verify(text, kNow).status(), StatusIs(kUnauthenticated, "TOKEN_MALFORMED"));
  }
}

TEST(SigningKeyTest, TakesPrivateKeysOnly) {
  const access::DevelopmentKey key = *access::MakeDevelopmentKey("k");
  const auto good = SigningKey::FromJwk(key.private_jwk);
  ASSERT_THAT(good.status(), IsOk());
  EXPECT_EQ(good->jwks().find("\"d\""), std::string::npos);
  for (const std::string& wrong : {std::string("{}"), std::string("x"), key.jwks,
                                   std::string(R"({"kty":"oct","k":"AAAA","kid":"k","d":"AA"})")}) {
    EXPECT_THAT(SigningKey::FromJwk(wrong).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, "SIGNING_KEY"));
  }
}

}  // namespace
}  // namespace waymark::gateway
