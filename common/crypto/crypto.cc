#include "common/crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/status/status.h"

namespace waymark::crypto {
namespace {

constexpr int kNonceSize = 12;
constexpr int kTagSize = 16;
// OpenSSL counts in int.
constexpr size_t kMaxPiece = size_t{1} << 30;

// For calls that fail only without memory, random numbers or the algorithm itself: to go on would
// be to store something unprotected or wrong.
void Must(bool ok) {
  if (ok) return;
  std::fputs("waymark: OpenSSL failed where it cannot; stopping\n", stderr);
  std::abort();
}

template <typename T>
T* Must(T* pointer) {
  Must(pointer != nullptr);
  return pointer;
}

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* Data(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* Data(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

// Fetched once and never freed: OpenSSL's own lists are gone before our statics would be.
const EVP_MD* Sha256Algorithm() {
  static EVP_MD* const algorithm = Must(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return algorithm;
}

const EVP_CIPHER* Aes256Gcm() {
  static EVP_CIPHER* const algorithm = Must(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return algorithm;
}

EVP_MAC_CTX* NewHmacContext() {
  static EVP_MAC* const algorithm = Must(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  EVP_MAC_CTX* context = Must(EVP_MAC_CTX_new(algorithm));
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  Must(EVP_MAC_CTX_set_params(context, params) == 1);
  return context;
}

void Update(EVP_MD_CTX* context, absl::string_view data) {
  Must(EVP_DigestUpdate(context, data.data(), data.size()) == 1);
}

EVP_CIPHER_CTX* CipherContext() {
  thread_local Owned<EVP_CIPHER_CTX> context(Must(EVP_CIPHER_CTX_new()));
  return context.get();
}

// Feeds associated data (out null) or text through an initialised cipher in pieces OpenSSL can
// count.
bool Feed(EVP_CIPHER_CTX* context, bool seal, absl::string_view in, unsigned char* out) {
  do {
    const absl::string_view piece = in.substr(0, kMaxPiece);
    int size = 0;
    const int done =
        seal ? EVP_EncryptUpdate(context, out, &size, Data(piece), static_cast<int>(piece.size()))
             : EVP_DecryptUpdate(context, out, &size, Data(piece), static_cast<int>(piece.size()));
    if (done != 1) return false;
    if (out != nullptr) out += size;
    in.remove_prefix(piece.size());
  } while (!in.empty());
  return true;
}

std::optional<std::string> OnlyIfCanonical(absl::string_view text, std::string decoded,
                                           std::string (*encode)(absl::string_view)) {
  if (encode(decoded) != text) return std::nullopt;
  return decoded;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

void Wipe(void* bytes, size_t size) { OPENSSL_cleanse(bytes, size); }

Digest Sha256(std::initializer_list<absl::string_view> parts) {
  thread_local Owned<EVP_MD_CTX> context(Must(EVP_MD_CTX_new()));
  Must(EVP_DigestInit_ex2(context.get(), Sha256Algorithm(), nullptr) == 1);
  for (absl::string_view part : parts) Update(context.get(), part);
  Digest digest;
  Must(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

struct Sha256Stream::Context {
  Owned<EVP_MD_CTX> md;
};

Sha256Stream::Sha256Stream() : context_(new Context{Owned<EVP_MD_CTX>(Must(EVP_MD_CTX_new()))}) {
  Must(EVP_DigestInit_ex2(context_->md.get(), Sha256Algorithm(), nullptr) == 1);
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Update(absl::string_view data) {
  waymark::crypto::Update(context_->md.get(), data);
}

Digest Sha256Stream::Finish() {
  Digest digest;
  Must(EVP_DigestFinal_ex(context_->md.get(), digest.data(), nullptr) == 1);
  Must(EVP_DigestInit_ex2(context_->md.get(), Sha256Algorithm(), nullptr) == 1);
  return digest;
}

Digest HmacSha256(absl::string_view key, std::initializer_list<absl::string_view> parts) {
  thread_local Owned<EVP_MAC_CTX> context(NewHmacContext());
  // A null key means "the last one" to OpenSSL, so an empty key still needs an address.
  const unsigned char* bytes = key.empty() ? reinterpret_cast<const unsigned char*>("") : Data(key);
  Must(EVP_MAC_init(context.get(), bytes, key.size(), nullptr) == 1);
  for (absl::string_view part : parts) {
    Must(EVP_MAC_update(context.get(), Data(part), part.size()) == 1);
  }
  Digest digest;
  size_t size = 0;
  Must(EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1);
  return digest;
}

SecretBytes Hkdf(absl::string_view key, absl::string_view salt, absl::string_view info,
                 size_t size) {
  Must(size <= 255 * sizeof(Digest));
  Digest extracted = HmacSha256(salt, key);
  std::string out;
  out.reserve(size);  // no growth, so no copy of the key is left behind
  Digest block;
  for (unsigned char counter = 1; out.size() < size; ++counter) {
    const absl::string_view previous = counter == 1 ? absl::string_view() : Bytes(block);
    block = HmacSha256(Bytes(extracted),
                       {previous, info, {reinterpret_cast<const char*>(&counter), 1}});
    out.append(reinterpret_cast<const char*>(block.data()),
               std::min(block.size(), size - out.size()));
  }
  Wipe(extracted.data(), extracted.size());
  Wipe(block.data(), block.size());
  return SecretBytes(std::move(out));
}

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  Must(size <= kMaxPiece && RAND_bytes(Data(bytes), static_cast<int>(size)) == 1);
  return bytes;
}

DataKey NewDataKey() {
  std::array<uint8_t, 32> bytes;
  Must(RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  DataKey key(bytes);
  Wipe(bytes.data(), bytes.size());
  return key;
}

absl::StatusOr<DataKey> DataKeyFromBytes(absl::string_view bytes) {
  std::array<uint8_t, 32> key;
  if (bytes.size() != key.size()) {
    return status::InvalidArgument("KEY_SIZE", "A key must be 32 bytes.");
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  DataKey result(key);
  Wipe(key.data(), key.size());
  return result;
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string BindingOf(std::initializer_list<absl::string_view> parts) {
  size_t size = 0;
  for (absl::string_view part : parts) size += 8 + part.size();
  std::string binding;
  binding.reserve(size);
  for (absl::string_view part : parts) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      binding.push_back(static_cast<char>(static_cast<uint64_t>(part.size()) >> shift));
    }
    binding.append(part.data(), part.size());
  }
  return binding;
}

std::string Seal(const DataKey& key, absl::string_view binding, absl::string_view plaintext) {
  std::string sealed(plaintext.size() + kSealOverhead, '\0');
  unsigned char* nonce = Data(sealed);
  unsigned char* text = nonce + kNonceSize;
  Must(RAND_bytes(nonce, kNonceSize) == 1);
  EVP_CIPHER_CTX* context = CipherContext();
  Must(EVP_EncryptInit_ex2(context, Aes256Gcm(), key.Reveal().data(), nonce, nullptr) == 1);
  Must(binding.empty() || Feed(context, true, binding, nullptr));
  Must(plaintext.empty() || Feed(context, true, plaintext, text));
  int none = 0;
  unsigned char* tag = text + plaintext.size();
  Must(EVP_EncryptFinal_ex(context, tag, &none) == 1);
  Must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1);
  Must(EVP_CIPHER_CTX_reset(context) == 1);  // the thread keeps the context, not the key
  return sealed;
}

absl::StatusOr<std::string> Open(const DataKey& key, absl::string_view binding,
                                 absl::string_view sealed) {
  const auto broken = [] {
    return status::DataLoss("SEAL_BROKEN",
                            "A sealed value does not open: it was altered, moved, or sealed under "
                            "another key.");
  };
  if (sealed.size() < kSealOverhead) return broken();
  const absl::string_view text =
      sealed.substr(kNonceSize, sealed.size() - static_cast<size_t>(kSealOverhead));
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string plaintext(text.size(), '\0');
  EVP_CIPHER_CTX* context = CipherContext();
  Must(EVP_DecryptInit_ex2(context, Aes256Gcm(), key.Reveal().data(), Data(sealed), nullptr) == 1);
  Must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1);
  Must(binding.empty() || Feed(context, false, binding, nullptr));
  Must(text.empty() || Feed(context, false, text, Data(plaintext)));
  int none = 0;
  unsigned char rest[kTagSize];
  const bool genuine = EVP_DecryptFinal_ex(context, rest, &none) == 1;
  Must(EVP_CIPHER_CTX_reset(context) == 1);
  if (!genuine) {
    Wipe(plaintext.data(), plaintext.size());
    return broken();
  }
  return plaintext;
}

struct Ed25519Key::Key {
  Owned<EVP_PKEY> pkey;
};

Ed25519Key::Ed25519Key(std::unique_ptr<Key> key, std::string public_key)
    : key_(std::move(key)), public_key_(std::move(public_key)) {}
Ed25519Key::Ed25519Key(Ed25519Key&&) noexcept = default;
Ed25519Key& Ed25519Key::operator=(Ed25519Key&&) noexcept = default;
Ed25519Key::~Ed25519Key() = default;

absl::StatusOr<Ed25519Key> Ed25519Key::FromSeed(absl::string_view seed) {
  if (seed.size() != 32) {
    return status::InvalidArgument("KEY_SIZE", "An Ed25519 seed must be 32 bytes.");
  }
  auto key = std::make_unique<Key>();
  key->pkey.reset(
      Must(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Data(seed), seed.size())));
  std::string public_key(32, '\0');
  size_t size = public_key.size();
  Must(EVP_PKEY_get_raw_public_key(key->pkey.get(), Data(public_key), &size) == 1 && size == 32);
  return Ed25519Key(std::move(key), std::move(public_key));
}

std::string Ed25519Key::Sign(absl::string_view message) const {
  Owned<EVP_MD_CTX> context(Must(EVP_MD_CTX_new()));
  Must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->pkey.get()) == 1);
  std::string signature(64, '\0');
  size_t size = signature.size();
  Must(EVP_DigestSign(context.get(), Data(signature), &size, Data(message), message.size()) == 1 &&
       size == 64);
  return signature;
}

bool Ed25519Verify(absl::string_view public_key, absl::string_view message,
                   absl::string_view signature) {
  if (public_key.size() != 32 || signature.size() != 64) return false;
  Owned<EVP_PKEY> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Data(public_key), public_key.size()));
  if (key == nullptr) return false;
  Owned<EVP_MD_CTX> context(Must(EVP_MD_CTX_new()));
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Data(signature), signature.size(), Data(message),
                          message.size()) == 1;
}

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

std::optional<std::string> FromHex(absl::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes(text.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexValue(text[2 * i]);
    const int low = HexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string Base64(absl::string_view bytes) { return absl::Base64Escape(bytes); }

std::optional<std::string> FromBase64(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes)) return std::nullopt;
  return OnlyIfCanonical(text, std::move(bytes), &Base64);
}

std::string Base64Url(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

std::optional<std::string> FromBase64Url(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes)) return std::nullopt;
  return OnlyIfCanonical(text, std::move(bytes), &Base64Url);
}

std::string Base32Lower(absl::string_view bytes) {
  static constexpr char kDigits[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string text;
  text.reserve((bytes.size() * 8 + 4) / 5);
  uint32_t buffer = 0;
  int bits = 0;
  for (const char byte : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 5; bits -= 5) text.push_back(kDigits[buffer >> (bits - 5) & 31]);
  }
  if (bits > 0) text.push_back(kDigits[buffer << (5 - bits) & 31]);
  return text;
}

}  // namespace waymark::crypto
