// Leaves of the audit log, and the events that other services send to it.
#include <google/protobuf/stubs/logging.h>

#include <string>

#include "services/audit/leaf.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::audit {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // protobuf would print a line about every text that is not UTF-8.
  [[maybe_unused]] static auto* const silenced = google::protobuf::SetLogHandler(nullptr);
  const absl::string_view input = fuzz::Text(data, size);
  if (const absl::StatusOr<Leaf> leaf = ParseLeaf(input); leaf.ok()) {
    FUZZ_REQUIRE(FormatLeaf(*leaf) == input);
  }

  // An event that is let in becomes a leaf that can be read again, whatever its fields hold: a
  // line feed in one of them must never make a second line.
  v1::AuditEvent event;
  if (!event.ParseFromArray(data, static_cast<int>(size))) return 0;
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  if (!ValidateEvent(event, event.tenant(), event.source(), now).ok()) return 0;
  Leaf leaf = LeafOf(event);
  leaf.previous = EmptyRoot();
  leaf.commitment = Commitment(std::string(kSaltSize, 's'), event.SerializeAsString());
  leaf.sequenced = now;
  leaf.source_number = 1;
  const std::string text = FormatLeaf(leaf);
  const absl::StatusOr<Leaf> again = ParseLeaf(text);
  // The tenant and the source are those of the batch, checked by its receiver and free here.
  const bool plain = (event.tenant() + event.source()).find('\n') == std::string::npos &&
                     event.tenant() != "-" && event.source() != "-";
  FUZZ_REQUIRE(!plain || (again.ok() && FormatLeaf(*again) == text));
  FUZZ_REQUIRE(!plain || (again->method == event.method() && again->purpose == event.purpose()));
  return 0;
}

}  // namespace waymark::audit
