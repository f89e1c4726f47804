// Signed notes, checkpoints and verifier keys: what anybody may hold against the log.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/audit/checkpoint.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::audit {
namespace {

constexpr char kOrigin[] = "audit.waymark.example/demo";

void CheckText(absl::string_view text) {
  const absl::StatusOr<CheckpointText> checkpoint = ParseCheckpoint(text);
  if (!checkpoint.ok()) return;
  std::string again = FormatCheckpoint(checkpoint->origin, checkpoint->size, checkpoint->root);
  for (const std::string& line : checkpoint->extensions) absl::StrAppend(&again, line, "\n");
  FUZZ_REQUIRE(again == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const NoteSigner& signer =
      *new NoteSigner(*NoteSigner::FromSeed(kOrigin, std::string(32, 'k')));
  static const std::vector<VerifierKey> known = {signer.verifier_key()};
  const absl::string_view input = fuzz::Text(data, size);

  CheckText(input);
  if (const auto key = ParseVerifierKey(input); key.ok()) {
    const absl::StatusOr<VerifierKey> again = ParseVerifierKey(FormatVerifierKey(*key));
    FUZZ_REQUIRE(again.ok() && again->id == key->id && again->public_key == key->public_key);
  }
  // What opens was signed by the one known key; signing is deterministic, so the note we write over
  // the same text opens to the same.
  if (const absl::StatusOr<Note> note = OpenNote(input, known); note.ok()) {
    FUZZ_REQUIRE(note->signed_by.size() == 1);
    FUZZ_REQUIRE(!note->text.empty() && note->text.back() == '\n');
    CheckText(note->text);
  }
  // Any text that may be signed comes back as it was, and not one byte of it may change.
  if (absl::StatusOr<std::string> signed_note = signer.Sign(input); signed_note.ok()) {
    const absl::StatusOr<Note> note = OpenNote(*signed_note, known);
    FUZZ_REQUIRE(size > 900000 || (note.ok() && note->text == input));
    (*signed_note)[size / 2] ^= 1;
    const absl::StatusOr<Note> altered = OpenNote(*signed_note, known);
    FUZZ_REQUIRE(!altered.ok() || altered->text == input);
  }
  return 0;
}

}  // namespace waymark::audit
