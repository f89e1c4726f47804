#include "services/audit/checkpoint.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace waymark::audit {
namespace {

constexpr char kEd25519 = 0x01;
constexpr size_t kPublicKeySize = 32;
constexpr size_t kSeedSize = 32;
constexpr size_t kSignatureSize = 64;
constexpr size_t kKeyIdSize = 4;
// U+2014 and a space.
constexpr absl::string_view kSignaturePrefix = "\xE2\x80\x94 ";
// The same bounds as the reference implementation (golang.org/x/mod/sumdb/note).
constexpr size_t kMaxNoteSize = 1000000;
constexpr size_t kMaxSignatures = 100;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::Status Refuse(absl::string_view why) { return absl::InvalidArgumentError(why); }

// Strict: the standard alphabet, padded, and the one way to write these bytes.
absl::StatusOr<std::string> DecodeBase64(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || absl::Base64Escape(bytes) != text) {
    return Refuse("Not base64 in the standard alphabet with padding.");
  }
  return bytes;
}

bool IsKeyName(absl::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '+' || c == 0x7f) return false;
  }
  return true;
}

uint32_t BigEndian(absl::string_view four) {
  uint32_t number = 0;
  for (size_t i = 0; i < kKeyIdSize; ++i) {
    number = (number << 8) | static_cast<unsigned char>(four[i]);
  }
  return number;
}

std::string BigEndian(uint32_t number) {
  std::string four(kKeyIdSize, '\0');
  for (size_t i = 0; i < kKeyIdSize; ++i) {
    four[i] = static_cast<char>(number >> (8 * (kKeyIdSize - 1 - i)));
  }
  return four;
}

uint32_t KeyId(absl::string_view name, absl::string_view public_key) {
  const std::string input = absl::StrCat(name, "\n", absl::string_view(&kEd25519, 1), public_key);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(input.data(), input.size(), digest, &length, EVP_sha256(), nullptr);
  return BigEndian(absl::string_view(reinterpret_cast<const char*>(digest), kKeyIdSize));
}

bool SignatureHolds(const VerifierKey& key, absl::string_view text, absl::string_view signature) {
  const Key public_key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(key.public_key),
                                                   key.public_key.size()),
                       &EVP_PKEY_free);
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return public_key != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(text),
                          text.size()) == 1;
}

// Well-formed UTF-8 without control characters other than line feed, as a note must be.
bool IsNoteText(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      if (lead < 0x20 && lead != '\n') return false;
      ++i;
      continue;
    }
    const int following = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || i + following >= text.size()) return false;
    uint32_t point = lead & (0x3f >> following);
    for (int k = 1; k <= following; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if ((byte & 0xc0) != 0x80) return false;
      point = (point << 6) | (byte & 0x3f);
    }
    const bool overlong = (following == 2 && point < 0x800) || (following == 3 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += following + 1;
  }
  return true;
}

}  // namespace

absl::StatusOr<VerifierKey> ParseVerifierKey(absl::string_view vkey) {
  // The base64 part may hold a '+', the name and the id may not.
  const std::vector<absl::string_view> parts = absl::StrSplit(vkey, absl::MaxSplits('+', 2));
  if (parts.size() != 3 || !IsKeyName(parts[0]) || parts[1].size() != 2 * kKeyIdSize ||
      !std::all_of(parts[1].begin(), parts[1].end(),
                   [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); })) {
    return Refuse("A verifier key is written name+keyid+base64.");
  }
  absl::StatusOr<std::string> material = DecodeBase64(parts[2]);
  if (!material.ok()) return Refuse("The last part of the verifier key is not base64.");
  if (material->empty() || (*material)[0] != kEd25519 || material->size() != 1 + kPublicKeySize) {
    return Refuse("The verifier key is not an Ed25519 key (kind 1).");
  }
  VerifierKey key{std::string(parts[0]), BigEndian(absl::HexStringToBytes(parts[1])),
                  material->substr(1)};
  if (key.id != KeyId(key.name, key.public_key)) {
    return Refuse("The verifier key's id does not belong to its name and key.");
  }
  return key;
}

std::string FormatVerifierKey(const VerifierKey& key) {
  return absl::StrCat(
      key.name, "+", absl::Hex(key.id, absl::kZeroPad8), "+",
      absl::Base64Escape(absl::StrCat(absl::string_view(&kEd25519, 1), key.public_key)));
}

absl::StatusOr<NoteSigner> NoteSigner::FromSeed(absl::string_view name, absl::string_view seed) {
  if (!IsKeyName(name)) return Refuse("A key name has no space, no control character and no '+'.");
  if (seed.size() != kSeedSize) return Refuse("An Ed25519 seed is 32 bytes long.");
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size()),
                &EVP_PKEY_free);
  std::string public_key(kPublicKeySize, '\0');
  size_t length = public_key.size();
  if (key == nullptr ||
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(public_key.data()),
                                  &length) != 1) {
    return absl::InternalError("OpenSSL did not take the Ed25519 seed.");
  }
  NoteSigner signer;
  signer.key_ = {std::string(name), KeyId(name, public_key), public_key};
  signer.seed_ = std::string(seed);
  return signer;
}

absl::StatusOr<std::string> NoteSigner::Sign(absl::string_view text) const {
  if (text.empty() || text.back() != '\n' || !IsNoteText(text)) {
    return Refuse("The text of a note is UTF-8 and ends with a line feed.");
  }
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed_), seed_.size()),
                &EVP_PKEY_free);
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureSize, '\0');
  size_t length = signature.size();
  if (key == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     Bytes(text), text.size()) != 1) {
    return absl::InternalError("OpenSSL did not sign the note.");
  }
  return absl::StrCat(text, "\n", kSignaturePrefix, key_.name, " ",
                      absl::Base64Escape(absl::StrCat(BigEndian(key_.id), signature)), "\n");
}

absl::StatusOr<Note> OpenNote(absl::string_view note, absl::Span<const VerifierKey> known) {
  if (note.size() > kMaxNoteSize) return Refuse("The note is longer than a megabyte.");
  if (!IsNoteText(note)) return Refuse("The note is not plain UTF-8 text.");
  const size_t blank = note.rfind("\n\n");
  if (blank == absl::string_view::npos) return Refuse("The note has no signatures.");
  Note opened;
  opened.text = std::string(note.substr(0, blank + 1));
  absl::string_view rest = note.substr(blank + 2);
  if (rest.empty() || rest.back() != '\n') {
    return Refuse("The last signature line does not end with a line feed.");
  }
  rest.remove_suffix(1);
  const std::vector<absl::string_view> lines = absl::StrSplit(rest, '\n');
  if (lines.size() > kMaxSignatures) return Refuse("The note has more than 100 signatures.");
  for (absl::string_view line : lines) {
    if (!absl::ConsumePrefix(&line, kSignaturePrefix)) {
      return Refuse("A signature line begins with an em dash and a space.");
    }
    const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
    if (parts.size() != 2 || !IsKeyName(parts[0])) {
      return Refuse("A signature line has a key name and a signature.");
    }
    absl::StatusOr<std::string> signature = DecodeBase64(parts[1]);
    if (!signature.ok() || signature->size() <= kKeyIdSize) {
      return Refuse("A signature is base64 of a key id and at least one byte.");
    }
    const uint32_t id = BigEndian(*signature);
    const auto key = std::find_if(known.begin(), known.end(), [&](const VerifierKey& candidate) {
      return candidate.name == parts[0] && candidate.id == id;
    });
    if (key == known.end()) {
      ++opened.unknown;
      continue;
    }
    const bool seen = std::any_of(
        opened.signed_by.begin(), opened.signed_by.end(),
        [&](const VerifierKey& other) { return other.name == key->name && other.id == key->id; });
    if (seen) continue;
    if (!SignatureHolds(*key, opened.text, absl::string_view(*signature).substr(kKeyIdSize))) {
      return Refuse(absl::StrCat("The signature of ", key->name, " does not hold."));
    }
    opened.signed_by.push_back(*key);
  }
  if (opened.signed_by.empty()) return Refuse("No known key signed the note.");
  return opened;
}

absl::StatusOr<CheckpointText> ParseCheckpoint(absl::string_view text) {
  if (text.empty() || text.back() != '\n') {
    return Refuse("A checkpoint ends with a line feed.");
  }
  text.remove_suffix(1);
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() < 3) return Refuse("A checkpoint has an origin, a size and a root.");
  for (const absl::string_view line : lines) {
    if (line.empty()) return Refuse("A checkpoint has no empty line.");
  }
  CheckpointText checkpoint;
  checkpoint.origin = std::string(lines[0]);
  const bool digits = std::all_of(lines[1].begin(), lines[1].end(),
                                  [](unsigned char c) { return absl::ascii_isdigit(c); });
  if (!digits || (lines[1].size() > 1 && lines[1][0] == '0') ||
      !absl::SimpleAtoi(lines[1], &checkpoint.size)) {
    return Refuse("The size of a checkpoint is a decimal number without leading zeros.");
  }
  absl::StatusOr<std::string> root = DecodeBase64(lines[2]);
  if (!root.ok() || root->size() != kHashSize) {
    return Refuse("The root of a checkpoint is base64 of 32 bytes.");
  }
  checkpoint.root = *std::move(root);
  for (size_t i = 3; i < lines.size(); ++i) checkpoint.extensions.emplace_back(lines[i]);
  return checkpoint;
}

std::string FormatCheckpoint(absl::string_view origin, uint64_t size, absl::string_view root) {
  return absl::StrCat(origin, "\n", size, "\n", absl::Base64Escape(root), "\n");
}

}  // namespace waymark::audit
