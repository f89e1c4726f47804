#include "common/crypto/pseudonymiser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/crypto/crypto.h"
#include "common/status/status.h"

namespace waymark::crypto {
namespace {

using ::testing::ElementsAre;

constexpr char kSalt[] = "police-oh-pseudonym-salt-v1";

SecretBytes Root() {
  std::string bytes(32, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  return SecretBytes(bytes);
}

TEST(Pseudonymiser, GivesTheAgreedKeysMacsAndTokens) {
  const struct {
    std::string purpose;
    int version;
    std::string key, mac, token;
  } kCases[] = {
      {"outcomes-release", 1, "35d706f27b6af387aa87a20e6289e039e7200d0e040774223a65722f9020703a",
       "86f43d305d60e506f99073079f23e7b2df13734583c66fe6ec803a5103e582fe",
       "p1.q32d2mc5mdsqn6mqomdz6i7hwlprg42f"},
      {"outcomes-release", 2, "180efbb9a4f6bd8c6b5dcada9fe3d08d4d36c58da7a7604000d5d41cb86ce342",
       "2be571dc584c06b94a87a802228965e5aff5fa23c176cfb815eb83f1b58af624",
       "p2.fpsxdxcyjqdlssuhvabcfclf4wx7l6rd"},
      {"audit-subject", 1, "940797f9fd3c49bc2990734f01bbec273b7e27646a53fec11f2ca72490786304",
       "402bd21907475da2f86af8d2648d4857258f8b40f4d726f3f14e6a9b313ec6c3",
       "p1.iav5egihi5o2f6dk7djgjdkik4sy7c2a"},
  };
  for (const auto& c : kCases) {
    const SecretBytes key =
        Hkdf(Root().Reveal(), kSalt,
             "police-oh/pseudonym/" + c.purpose + "/v" + std::to_string(c.version));
    EXPECT_EQ(Hex(key.Reveal()), c.key);
    EXPECT_EQ(Hex(Bytes(HmacSha256(key.Reveal(), std::string("nhs-number\0", 11) + "9000000009"))),
              c.mac);
    const auto pseudonymiser = Pseudonymiser::Create(Root(), kSalt, c.purpose, {c.version});
    ASSERT_TRUE(pseudonymiser.ok());
    EXPECT_EQ(pseudonymiser->Token("nhs-number", "9000000009"), c.token);
    EXPECT_EQ(PseudonymVersion(c.token), c.version);
  }
}

TEST(Pseudonymiser, TheNewestVersionMakesTokensAndAllAreSearched) {
  const auto pseudonymiser = Pseudonymiser::Create(Root(), kSalt, "outcomes-release", {1, 2, 1});
  ASSERT_TRUE(pseudonymiser.ok());
  EXPECT_EQ(pseudonymiser->newest_version(), 2);
  EXPECT_EQ(pseudonymiser->Token("nhs-number", "9000000009"),
            "p2.fpsxdxcyjqdlssuhvabcfclf4wx7l6rd");
  EXPECT_THAT(
      pseudonymiser->LiveTokens("nhs-number", "9000000009"),
      ElementsAre("p2.fpsxdxcyjqdlssuhvabcfclf4wx7l6rd", "p1.q32d2mc5mdsqn6mqomdz6i7hwlprg42f"));
}

TEST(Pseudonymiser, DomainsAndPurposesDoNotJoin) {
  const auto audit = Pseudonymiser::Create(Root(), kSalt, "audit-subject", {1});
  const auto partner = Pseudonymiser::Create(Root(), kSalt, "partner-feed:x", {1});
  EXPECT_NE(audit->Token("subject", "1"), partner->Token("subject", "1"));
  EXPECT_NE(audit->Token("subject", "1"), audit->Token("actor", "1"));
  EXPECT_EQ(audit->Token("subject", "1"), audit->Token("subject", "1"));
}

TEST(Pseudonymiser, RefusesAWeakRootAndNoVersion) {
  const SecretBytes weak(std::string(31, 'k'));
  EXPECT_EQ(status::Reason(Pseudonymiser::Create(weak, kSalt, "p", {1}).status()), "PSEUDONYM_KEY");
  EXPECT_FALSE(Pseudonymiser::Create(Root(), kSalt, "", {1}).ok());
  EXPECT_FALSE(Pseudonymiser::Create(Root(), kSalt, "p", {}).ok());
  EXPECT_FALSE(Pseudonymiser::Create(Root(), kSalt, "p", {0, 1}).ok());
}

TEST(PseudonymVersion, ReadsTokensOnly) {
  const std::string text = "q32d2mc5mdsqn6mqomdz6i7hwlprg42f";
  EXPECT_EQ(PseudonymVersion("p12." + text), 12);
  for (const std::string& token :
       {std::string(), std::string("p1."), "1." + text, "p." + text, "p0." + text, "p01." + text,
        "p-1." + text, "p+1." + text, "p 1." + text, "p1." + text + "a", "p1." + text.substr(1),
        "p99999999999." + text, "p1.Q" + text.substr(1), "p1.1" + text.substr(1), "." + text}) {
    EXPECT_EQ(PseudonymVersion(token), 0) << token;
  }
}

}  // namespace
}  // namespace waymark::crypto
