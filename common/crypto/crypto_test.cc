#include "common/crypto/crypto.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/secret.h"
#include "common/status/status.h"

namespace waymark::crypto {
namespace {

std::string Unhex(absl::string_view text) { return FromHex(text).value(); }

std::string Counting(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i);
  return bytes;
}

DataKey KeyOf(absl::string_view hex) { return DataKeyFromBytes(Unhex(hex)).value(); }

constexpr char kKey[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

// A secret can be neither copied, nor streamed, nor joined into a text.
template <typename T>
concept Streams = requires(std::ostream& out, const T& value) {
  out << value;
};
template <typename T>
concept Joins = requires(const T& value) {
  absl::StrCat(value);
};
static_assert(Streams<std::string> && !Streams<SecretBytes> && !Streams<DataKey>);
static_assert(Joins<std::string> && !Joins<SecretBytes> && !Joins<DataKey>);
static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<DataKey>);
static_assert(!std::is_convertible_v<SecretBytes, std::string>);

TEST(Sha256, GivesThePublishedDigests) {
  // FIPS 180-4 examples.
  const struct {
    std::string text;
    const char* digest;
  } kCases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  Sha256Stream stream;
  for (const auto& c : kCases) {
    EXPECT_EQ(Hex(Bytes(Sha256(c.text))), c.digest);
    const size_t half = c.text.size() / 2;
    EXPECT_EQ(Hex(Bytes(Sha256({c.text.substr(0, half), c.text.substr(half)}))), c.digest);
    stream.Update(c.text.substr(0, half));
    stream.Update(c.text.substr(half));
    EXPECT_EQ(Hex(Bytes(stream.Finish())), c.digest) << "and the stream is empty for the next";
  }
}

TEST(HmacSha256, GivesThePublishedMacs) {
  const struct {
    std::string key, data;
    const char* mac;
  } kCases[] = {
      // RFC 4231 cases 1, 2, 3, 6; then an empty key and text.
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Hex(Bytes(HmacSha256(c.key, c.data))), c.mac);
  }
  EXPECT_EQ(HmacSha256("Jefe", {"what do ya want ", "", "for nothing?"}),
            HmacSha256("Jefe", "what do ya want for nothing?"));
}

TEST(HmacSha256, AnEmptyKeyIsNotTheLastKey) {
  const Digest first = HmacSha256("", "x");
  HmacSha256("other", "x");
  EXPECT_EQ(HmacSha256("", "x"), first);
  HmacSha256("other", "x");
  EXPECT_EQ(HmacSha256(absl::string_view(), "x"), first);
}

TEST(Hkdf, GivesThePublishedKeys) {
  // RFC 5869 A.1, A.2, A.3.
  const struct {
    std::string key, salt, info, expected;
  } kCases[] = {
      {std::string(22, '\x0b'), Unhex("000102030405060708090a0b0c"), Unhex("f0f1f2f3f4f5f6f7f8f9"),
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {Counting(80),
       Unhex("606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788"
             "898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf"),
       Unhex("b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8"
             "d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"),
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
       "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {std::string(22, '\x0b'), "", "",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Hex(Hkdf(c.key, c.salt, c.info, c.expected.size() / 2).Reveal()), c.expected);
  }
}

TEST(Seal, OpensWhatItSealed) {
  const DataKey key = NewDataKey();
  for (const std::string& text :
       {std::string(), std::string("x"), Counting(255), std::string(1'000'003, '\x7f')}) {
    const std::string sealed = Seal(key, "binding", text);
    EXPECT_EQ(sealed.size(), text.size() + kSealOverhead);
    EXPECT_EQ(Open(key, "binding", sealed).value(), text);
  }
  EXPECT_EQ(Open(key, "", Seal(key, "", "no binding")).value(), "no binding");
  EXPECT_NE(Seal(key, "", "text"), Seal(key, "", "text")) << "the nonce is fresh";
}

TEST(Seal, AgreesWithThePublishedVector) {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
  const std::string sealed = Unhex(
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(
      Hex(Open(KeyOf(kKey), Unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), sealed).value()),
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST(Open, RefusesEveryOtherKeyBindingAndByte) {
  const DataKey key = KeyOf(kKey);
  const std::string sealed = Seal(key, "case 1", "secret");
  for (size_t i = 0; i < sealed.size(); ++i) {
    for (const int bit : {1, 128}) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      EXPECT_EQ(status::Reason(Open(key, "case 1", changed).status()), "SEAL_BROKEN") << i;
    }
    EXPECT_FALSE(Open(key, "case 1", absl::string_view(sealed).substr(0, i)).ok()) << i;
  }
  EXPECT_FALSE(Open(key, "case 1", sealed + "x").ok());
  EXPECT_FALSE(Open(key, "case 2", sealed).ok());
  EXPECT_FALSE(Open(key, "", sealed).ok());
  EXPECT_FALSE(Open(NewDataKey(), "case 1", sealed).ok());
  EXPECT_EQ(Open(key, "case 1", sealed).value(), "secret") << "a failure leaves nothing behind";
}

TEST(DataKeyFromBytes, Takes32BytesOnly) {
  EXPECT_TRUE(DataKeyFromBytes(Counting(32)).ok());
  EXPECT_EQ(status::Reason(DataKeyFromBytes(Counting(31)).status()), "KEY_SIZE");
  EXPECT_EQ(status::Reason(DataKeyFromBytes("").status()), "KEY_SIZE");
}

TEST(BindingOf, KeepsPartsApart) {
  EXPECT_NE(BindingOf({"ab", "c"}), BindingOf({"a", "bc"}));
  EXPECT_NE(BindingOf({"a", ""}), BindingOf({"a"}));
  EXPECT_EQ(BindingOf({"a", "b"}), BindingOf({"a", "b"}));
}

TEST(Ed25519, GivesThePublishedSignatures) {
  const struct {
    std::string seed, public_key, message, signature;
  } kCases[] = {
      // RFC 8032 7.1, tests 1 to 3.
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
       "1cf9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
       "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
       "984dc6594a7c15e9716ed28dc027beceea1ec40a"},
  };
  for (const auto& c : kCases) {
    const auto key = Ed25519Key::FromSeed(Unhex(c.seed));
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(Hex(key->public_key()), c.public_key);
    EXPECT_EQ(Hex(key->Sign(Unhex(c.message))), c.signature);
    EXPECT_TRUE(Ed25519Verify(key->public_key(), Unhex(c.message), Unhex(c.signature)));
    EXPECT_FALSE(Ed25519Verify(key->public_key(), Unhex(c.message) + "x", Unhex(c.signature)));
  }
  EXPECT_EQ(Hex(Ed25519Key::FromSeed(Counting(32))->public_key()),
            "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
}

TEST(Ed25519, VerifiesASignedNote) {
  // The example of the C2SP signed-note format; four bytes of key id go before the signature, one
  // of algorithm before the key.
  const std::string key = *FromBase64("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  const std::string signature = *FromBase64(
      "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1"
      "Yu72IneyaQM=");
  EXPECT_TRUE(Ed25519Verify(key.substr(1), "This is an example message.\n", signature.substr(4)));
}

TEST(Ed25519, RefusesWrongSizes) {
  const auto key = Ed25519Key::FromSeed(Counting(32));
  const std::string signature = key->Sign("m");
  EXPECT_FALSE(Ed25519Verify(key->public_key().substr(1), "m", signature));
  EXPECT_FALSE(Ed25519Verify(key->public_key(), "m", signature.substr(1)));
  EXPECT_FALSE(Ed25519Verify("", "m", ""));
  EXPECT_FALSE(Ed25519Verify(std::string(32, '\xff'), "m", signature));
  EXPECT_EQ(status::Reason(Ed25519Key::FromSeed("short").status()), "KEY_SIZE");
}

TEST(Encodings, GoThereAndBack) {
  const struct {
    std::string bytes, base64, base64_url, base32, hex;
  } kCases[] = {
      // RFC 4648 section 10.
      {"", "", "", "", ""},
      {"f", "Zg==", "Zg", "my", "66"},
      {"fo", "Zm8=", "Zm8", "mzxq", "666f"},
      {"foo", "Zm9v", "Zm9v", "mzxw6", "666f6f"},
      {"foob", "Zm9vYg==", "Zm9vYg", "mzxw6yq", "666f6f62"},
      {"fooba", "Zm9vYmE=", "Zm9vYmE", "mzxw6ytb", "666f6f6261"},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy", "mzxw6ytboi", "666f6f626172"},
      {"\xfb\xff\xfe", "+//+", "-__-", "7p774", "fbfffe"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Base64(c.bytes), c.base64);
    EXPECT_EQ(FromBase64(c.base64), c.bytes);
    EXPECT_EQ(Base64Url(c.bytes), c.base64_url);
    EXPECT_EQ(FromBase64Url(c.base64_url), c.bytes);
    EXPECT_EQ(Base32Lower(c.bytes), c.base32);
    EXPECT_EQ(Hex(c.bytes), c.hex);
    EXPECT_EQ(FromHex(c.hex), c.bytes);
  }
}

TEST(Encodings, RefuseEveryOtherSpelling) {
  for (const char* text :
       {"Zg", "Zg=", "Zh==", "Zg==\n", " Zg==", "Zg=a", "Z", "-__-", "Zg..", "====", "Zm9v\xff"}) {
    EXPECT_EQ(FromBase64(text), std::nullopt) << text;
  }
  for (const char* text : {"Zg==", "Zh", "+//+", "Zm 9v", "Z", "Zm9v."}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
  for (const char* text : {"6", "6G", "FF", "0x66", "6 6 "}) {
    EXPECT_EQ(FromHex(text), std::nullopt) << text;
  }
}

TEST(ConstantTimeEquals, ComparesAllOfIt) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "ab"));
}

TEST(RandomBytes, AreNotTheSameTwice) {
  EXPECT_EQ(RandomBytes(0), "");
  EXPECT_EQ(RandomBytes(32).size(), 32u);
  EXPECT_NE(RandomBytes(32), RandomBytes(32));
}

TEST(Secret, LeavesNothingWhereItMovedFrom) {
  // Short enough to live in the string itself, where a move would leave the characters behind.
  alignas(SecretBytes) unsigned char place[sizeof(SecretBytes)];
  auto* secret = new (place) SecretBytes(std::string("hunter2"));
  const SecretBytes moved(std::move(*secret));
  EXPECT_EQ(moved.Reveal(), "hunter2");
  const std::string left(reinterpret_cast<const char*>(place), sizeof(place));
  EXPECT_EQ(left.find("hunter2"), std::string::npos);
  secret->~SecretBytes();
}

TEST(Secret, OverwritesItsBytesWhenItGoes) {
  alignas(DataKey) unsigned char place[sizeof(DataKey)];
  auto* key = new (place) DataKey(KeyOf(kKey));
  EXPECT_EQ(Hex(Bytes(key->Reveal())), kKey);
  key->~DataKey();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(place), sizeof(place)),
            std::string(sizeof(place), '\0'));
}

TEST(Secret, IsDuplicatedOnPurposeOnly) {
  SecretBytes first(std::string("one"));
  const SecretBytes second = first.Duplicate();
  first = SecretBytes(std::string("other"));
  EXPECT_EQ(second.Reveal(), "one");
  EXPECT_EQ(first.Reveal(), "other");
}

}  // namespace
}  // namespace waymark::crypto
