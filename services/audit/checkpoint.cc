#include "services/audit/checkpoint.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"

namespace waymark::audit {
namespace {

constexpr char kEd25519 = 0x01;
constexpr size_t kPublicKeySize = 32;
constexpr size_t kKeyIdSize = 4;
// U+2014 and a space.
constexpr absl::string_view kSignaturePrefix = "\xE2\x80\x94 ";
// The same bounds as the reference implementation (golang.org/x/mod/sumdb/note).
constexpr size_t kMaxNoteSize = 1000000;
constexpr size_t kMaxSignatures = 100;

absl::Status Refuse(absl::string_view why) { return absl::InvalidArgumentError(why); }

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
  const crypto::Digest digest =
      crypto::Sha256({name, "\n", absl::string_view(&kEd25519, 1), public_key});
  return BigEndian(crypto::Bytes(digest).substr(0, kKeyIdSize));
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
  const std::optional<std::string> material = crypto::FromBase64(parts[2]);
  if (!material) return Refuse("The last part of the verifier key is not base64.");
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
      crypto::Base64(absl::StrCat(absl::string_view(&kEd25519, 1), key.public_key)));
}

absl::StatusOr<NoteSigner> NoteSigner::FromSeed(absl::string_view name, absl::string_view seed) {
  if (!IsKeyName(name)) return Refuse("A key name has no space, no control character and no '+'.");
  ASSIGN_OR_RETURN(crypto::Ed25519Key secret, crypto::Ed25519Key::FromSeed(seed));
  VerifierKey key{std::string(name), KeyId(name, secret.public_key()), secret.public_key()};
  return NoteSigner(std::move(key), std::move(secret));
}

absl::StatusOr<std::string> NoteSigner::Sign(absl::string_view text) const {
  if (text.empty() || text.back() != '\n' || !IsNoteText(text)) {
    return Refuse("The text of a note is UTF-8 and ends with a line feed.");
  }
  return absl::StrCat(text, "\n", kSignaturePrefix, key_.name, " ",
                      crypto::Base64(absl::StrCat(BigEndian(key_.id), secret_.Sign(text))), "\n");
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
    const std::optional<std::string> signature = crypto::FromBase64(parts[1]);
    if (!signature || signature->size() <= kKeyIdSize) {
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
    if (!crypto::Ed25519Verify(key->public_key, opened.text,
                               absl::string_view(*signature).substr(kKeyIdSize))) {
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
  std::optional<std::string> root = crypto::FromBase64(lines[2]);
  if (!root || root->size() != kHashSize) {
    return Refuse("The root of a checkpoint is base64 of 32 bytes.");
  }
  checkpoint.root = *std::move(root);
  for (size_t i = 3; i < lines.size(); ++i) checkpoint.extensions.emplace_back(lines[i]);
  return checkpoint;
}

std::string FormatCheckpoint(absl::string_view origin, uint64_t size, absl::string_view root) {
  return absl::StrCat(origin, "\n", size, "\n", crypto::Base64(root), "\n");
}

}  // namespace waymark::audit
