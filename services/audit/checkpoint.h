// Signed notes and log checkpoints as C2SP writes them (c2sp.org/signed-note,
// c2sp.org/tlog-checkpoint, commit 5ba5ee83): what the log publishes, and what anybody may hold to
// catch it lying. Pure.
#ifndef WAYMARK_SERVICES_AUDIT_CHECKPOINT_H_
#define WAYMARK_SERVICES_AUDIT_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/crypto.h"
#include "services/audit/merkle.h"

namespace waymark::audit {

// An Ed25519 key that notes are verified with, written "name+keyid+base64" (a vkey).
struct VerifierKey {
  std::string name;
  // First four bytes of SHA-256(name, line feed, 0x01, public key), big endian.
  uint32_t id = 0;
  // 32 bytes.
  std::string public_key;
};

// INVALID_ARGUMENT for a malformed key, a wrong id, or a kind other than Ed25519.
absl::StatusOr<VerifierKey> ParseVerifierKey(absl::string_view vkey);
std::string FormatVerifierKey(const VerifierKey& key);

// A 32-byte Ed25519 seed under a name. The name has no space and no '+'.
class NoteSigner {
 public:
  static absl::StatusOr<NoteSigner> FromSeed(absl::string_view name, absl::string_view seed);

  const VerifierKey& verifier_key() const { return key_; }
  // The whole note: text, blank line, signature line. `text` ends with a line feed.
  absl::StatusOr<std::string> Sign(absl::string_view text) const;

 private:
  NoteSigner(VerifierKey key, crypto::Ed25519Key secret)
      : key_(std::move(key)), secret_(std::move(secret)) {}
  VerifierKey key_;
  crypto::Ed25519Key secret_;
};

// A note whose text at least one known key signed.
struct Note {
  // With its last line feed, without the blank line.
  std::string text;
  // The known keys that signed it, each once.
  std::vector<VerifierKey> signed_by;
  // How many signatures were by keys that we do not know, and were passed over.
  int unknown = 0;
};

// Opens a note. Signatures by unknown keys are passed over; up to 100 are read. INVALID_ARGUMENT
// for a malformed note, for a wrong signature under a known key, and when no known key signed.
absl::StatusOr<Note> OpenNote(absl::string_view note, absl::Span<const VerifierKey> known);

// The text of a checkpoint.
struct CheckpointText {
  std::string origin;
  uint64_t size = 0;
  Hash root;
  // Further lines, without line feeds. We write none and read any.
  std::vector<std::string> extensions;
};

absl::StatusOr<CheckpointText> ParseCheckpoint(absl::string_view text);
std::string FormatCheckpoint(absl::string_view origin, uint64_t size, absl::string_view root);

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_CHECKPOINT_H_
