#include "common/ids/ids.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdint>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace waymark::ids {
namespace {

constexpr size_t kUuidLength = 36;

bool IsDash(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

std::string Format(unsigned char bytes[16], int version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kUuidLength, '-');
  size_t at = 0;
  for (int i = 0; i < 16; ++i) {
    if (IsDash(at)) ++at;
    text[at++] = kDigits[bytes[i] >> 4];
    text[at++] = kDigits[bytes[i] & 0x0F];
  }
  return text;
}

}  // namespace

std::string NewUuid() {
  unsigned char bytes[16];
  // Without random numbers nothing we do is safe: better no process than guessable ids.
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) std::abort();
  uint64_t millis = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));
  for (int i = 5; i >= 0; --i, millis >>= 8) bytes[i] = static_cast<unsigned char>(millis);
  return Format(bytes, 7);
}

std::string DeriveUuid(absl::string_view seed, absl::string_view name) {
  // The length in front keeps ("ab", "c") and ("a", "bc") apart.
  std::string input;
  input.reserve(8 + seed.size() + name.size());
  for (int shift = 56; shift >= 0; shift -= 8) {
    input.push_back(static_cast<char>(static_cast<uint64_t>(seed.size()) >> shift));
  }
  input.append(seed.data(), seed.size());
  input.append(name.data(), name.size());
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest);
  return Format(digest, 8);
}

bool IsUuid(absl::string_view text) {
  if (text.size() != kUuidLength) return false;
  for (size_t i = 0; i < kUuidLength; ++i) {
    const char c = text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (IsDash(i) ? c != '-' : !digit) return false;
  }
  return true;
}

std::optional<std::string> NormaliseUuid(absl::string_view text) {
  if (text.size() != kUuidLength) return std::nullopt;
  std::string lower = absl::AsciiStrToLower(text);
  if (!IsUuid(lower)) return std::nullopt;
  return lower;
}

}  // namespace waymark::ids
