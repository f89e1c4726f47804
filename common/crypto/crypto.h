// Hashes, MACs, authenticated encryption, signatures and encodings over OpenSSL 3. Algorithms are
// fetched once for the process and contexts reused per thread: looking a digest up costs more than
// hashing 64 bytes. Text in and out is bytes unless said otherwise. All functions are thread-safe.
// A failure that can only mean broken machinery (no random numbers, no memory) ends the process.
#ifndef WAYMARK_COMMON_CRYPTO_CRYPTO_H_
#define WAYMARK_COMMON_CRYPTO_CRYPTO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret.h"

namespace waymark::crypto {

using Digest = std::array<uint8_t, 32>;

// SHA-256 of the parts one after another, as if they were one text.
Digest Sha256(std::initializer_list<absl::string_view> parts);
inline Digest Sha256(absl::string_view data) { return Sha256({data}); }

// SHA-256 of what arrives in pieces. Not thread-safe.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Update(absl::string_view data);
  // The digest of all since the start or the last Finish; the stream is then empty again.
  Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Digest HmacSha256(absl::string_view key, std::initializer_list<absl::string_view> parts);
inline Digest HmacSha256(absl::string_view key, absl::string_view data) {
  return HmacSha256(key, {data});
}

// HKDF-SHA-256 (RFC 5869), extract and expand. `size` at most 8160 bytes.
SecretBytes Hkdf(absl::string_view key, absl::string_view salt, absl::string_view info,
                 size_t size = 32);

// From the operating system's generator.
std::string RandomBytes(size_t size);
DataKey NewDataKey();
// INVALID_ARGUMENT KEY_SIZE unless `bytes` are 32.
absl::StatusOr<DataKey> DataKeyFromBytes(absl::string_view bytes);

// Equal, in a time that depends on the lengths only.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

// Joins the parts so that no two different lists give the same bytes (each is preceded by its
// length). What a sealed value is bound to: BindingOf({tenant, "case", case_id, version}).
std::string BindingOf(std::initializer_list<absl::string_view> parts);

// What Seal adds to a plaintext: nonce in front, tag behind.
inline constexpr size_t kSealOverhead = 12 + 16;

// AES-256-GCM under a random 96-bit nonce: nonce || ciphertext || tag. `binding` (associated data)
// is authenticated and not stored. One key may seal 2^32 values.
std::string Seal(const DataKey& key, absl::string_view binding, absl::string_view plaintext);
// DATA_LOSS SEAL_BROKEN when key, binding or bytes are not those of Seal.
absl::StatusOr<std::string> Open(const DataKey& key, absl::string_view binding,
                                 absl::string_view sealed);

// An Ed25519 private key (RFC 8032). Signing is deterministic and thread-safe.
class Ed25519Key {
 public:
  // INVALID_ARGUMENT KEY_SIZE unless `seed` is 32 bytes.
  static absl::StatusOr<Ed25519Key> FromSeed(absl::string_view seed);
  Ed25519Key(Ed25519Key&&) noexcept;
  Ed25519Key& operator=(Ed25519Key&&) noexcept;
  ~Ed25519Key();

  const std::string& public_key() const { return public_key_; }  // 32 bytes
  std::string Sign(absl::string_view message) const;             // 64 bytes

 private:
  struct Key;
  Ed25519Key(std::unique_ptr<Key> key, std::string public_key);
  std::unique_ptr<Key> key_;
  std::string public_key_;
};

// False for a wrong signature and for a key or signature of the wrong size.
bool Ed25519Verify(absl::string_view public_key, absl::string_view message,
                   absl::string_view signature);

// Encodings. Decoders take only the one spelling that the encoder writes, so that two texts never
// stand for the same bytes.
std::string Hex(absl::string_view bytes);  // lower case
std::optional<std::string> FromHex(absl::string_view text);
std::string Base64(absl::string_view bytes);  // RFC 4648 section 4, padded
std::optional<std::string> FromBase64(absl::string_view text);
std::string Base64Url(absl::string_view bytes);  // RFC 4648 section 5, not padded
std::optional<std::string> FromBase64Url(absl::string_view text);
std::string Base32Lower(absl::string_view bytes);  // RFC 4648 section 6, lower case, not padded

}  // namespace waymark::crypto

#endif  // WAYMARK_COMMON_CRYPTO_CRYPTO_H_
