#include "common/crypto/pseudonymiser.h"

#include <algorithm>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/status/status.h"

namespace waymark::crypto {
namespace {

constexpr size_t kMacBytes = 20;   // of 32: enough that two people never meet
constexpr size_t kTextBytes = 32;  // what they are in base32

std::string TokenUnder(int32_t version, const SecretBytes& key, absl::string_view domain,
                       absl::string_view id) {
  const Digest mac = HmacSha256(key.Reveal(), {domain, absl::string_view("\0", 1), id});
  return absl::StrCat("p", version, ".", Base32Lower(Bytes(mac).substr(0, kMacBytes)));
}

}  // namespace

absl::StatusOr<Pseudonymiser> Pseudonymiser::Create(const SecretBytes& root, absl::string_view salt,
                                                    absl::string_view purpose,
                                                    std::vector<int32_t> live_versions) {
  std::sort(live_versions.begin(), live_versions.end(), std::greater<>());
  live_versions.erase(std::unique(live_versions.begin(), live_versions.end()), live_versions.end());
  if (root.Reveal().size() < 32 || purpose.empty() || live_versions.empty() ||
      live_versions.back() < 1) {
    return status::InvalidArgument("PSEUDONYM_KEY",
                                   "Pseudonyms need a root key of at least 32 bytes, a purpose and "
                                   "one or more key versions from 1.");
  }
  std::vector<std::pair<int32_t, SecretBytes>> keys;
  for (int32_t version : live_versions) {
    keys.emplace_back(version, Hkdf(root.Reveal(), salt,
                                    absl::StrCat("police-oh/pseudonym/", purpose, "/v", version)));
  }
  return Pseudonymiser(std::move(keys));
}

std::string Pseudonymiser::Token(absl::string_view domain, absl::string_view id) const {
  return TokenUnder(keys_.front().first, keys_.front().second, domain, id);
}

std::vector<std::string> Pseudonymiser::LiveTokens(absl::string_view domain,
                                                   absl::string_view id) const {
  std::vector<std::string> tokens;
  for (const auto& [version, key] : keys_) tokens.push_back(TokenUnder(version, key, domain, id));
  return tokens;
}

int32_t PseudonymVersion(absl::string_view token) {
  const size_t dot = token.find('.');
  int32_t version = 0;
  if (dot == absl::string_view::npos || token[0] != 'p' || token.size() - dot - 1 != kTextBytes ||
      !absl::SimpleAtoi(token.substr(1, dot - 1), &version) || version < 1 ||
      token.substr(1, dot - 1) != absl::StrCat(version)) {
    return 0;
  }
  for (const char c : token.substr(dot + 1)) {
    if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'))) return 0;
  }
  return version;
}

}  // namespace waymark::crypto
