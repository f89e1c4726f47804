#include "services/workforce/store/sealed.h"

#include "common/status/status.h"

namespace waymark::workforce {
namespace {

constexpr size_t kHeader = 8;

void AppendNumber(uint32_t number, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

uint32_t ReadNumber(absl::string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

}  // namespace

absl::StatusOr<std::string> SealAlone(const crypto::KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view plaintext) {
  ASSIGN_OR_RETURN(const crypto::Envelope envelope,
                   crypto::SealEnvelope(keys, tenant, binding, plaintext));
  std::string stored;
  AppendNumber(static_cast<uint32_t>(envelope.key.key_version), stored);
  AppendNumber(static_cast<uint32_t>(envelope.key.bytes.size()), stored);
  stored += envelope.key.bytes;
  stored += envelope.sealed;
  return stored;
}

absl::StatusOr<std::string> OpenAlone(const crypto::KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view stored) {
  if (stored.size() < kHeader || stored.size() - kHeader < ReadNumber(stored.substr(4, 4))) {
    return status::DataLoss("SEAL_BROKEN", "A stored value is cut short.");
  }
  const size_t wrapped = ReadNumber(stored.substr(4, 4));
  crypto::Envelope envelope;
  envelope.key.key_version = static_cast<int32_t>(ReadNumber(stored.substr(0, 4)));
  envelope.key.bytes = std::string(stored.substr(kHeader, wrapped));
  envelope.sealed = std::string(stored.substr(kHeader + wrapped));
  return crypto::OpenEnvelope(keys, tenant, binding, envelope);
}

}  // namespace waymark::workforce
