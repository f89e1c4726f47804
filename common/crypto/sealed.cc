#include "common/crypto/sealed.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/status/status.h"

namespace waymark::crypto {
namespace {

constexpr size_t kHeader = 6;

uint32_t Number(absl::string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes) number = (number << 8) | static_cast<unsigned char>(byte);
  return number;
}

void AppendNumber(uint32_t number, int bytes, std::string& out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((number >> shift) & 0xFF));
  }
}

}  // namespace

absl::StatusOr<std::string> SealAlone(const KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view plaintext) {
  ASSIGN_OR_RETURN(const Envelope envelope, SealEnvelope(keys, tenant, binding, plaintext));
  std::string stored;
  stored.reserve(kHeader + envelope.key.bytes.size() + envelope.sealed.size());
  AppendNumber(static_cast<uint32_t>(envelope.key.key_version), 4, stored);
  AppendNumber(static_cast<uint32_t>(envelope.key.bytes.size()), 2, stored);
  absl::StrAppend(&stored, envelope.key.bytes, envelope.sealed);
  return stored;
}

absl::StatusOr<std::string> OpenAlone(const KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view stored) {
  const size_t wrapped = stored.size() < kHeader ? 0 : Number(stored.substr(4, 2));
  if (stored.size() < kHeader + wrapped) {
    return status::DataLoss("SEAL_BROKEN", "A stored value is cut short.");
  }
  Envelope envelope;
  envelope.key.key_version = static_cast<int32_t>(Number(stored.substr(0, 4)));
  envelope.key.bytes = std::string(stored.substr(kHeader, wrapped));
  envelope.sealed = std::string(stored.substr(kHeader + wrapped));
  return OpenEnvelope(keys, tenant, binding, envelope);
}

}  // namespace waymark::crypto
