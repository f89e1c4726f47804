// Identifiers: random ones that sort by time, and ones derived from another so that the same
// request always makes the same ids.
#ifndef WAYMARK_COMMON_IDS_IDS_H_
#define WAYMARK_COMMON_IDS_IDS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace waymark::ids {

// A new random UUID, version 7 (RFC 9562): 48 bits of real time in milliseconds, 74 random bits.
// New rows land side by side in an index. Costs about half a microsecond.
std::string NewUuid();

// The same UUID for the same (seed, name), different for any other pair: SHA-256 over both, shaped
// as version 8 (RFC 9562). With a random secret or UUID as seed nobody guesses it.
std::string DeriveUuid(absl::string_view seed, absl::string_view name);

// True for the one spelling we store and compare: 8-4-4-4-12 lower-case hexadecimal digits. Any
// version, and the nil UUID, count.
bool IsUuid(absl::string_view text);

// The canonical spelling of a UUID written with upper-case digits too; nothing for anything else.
std::optional<std::string> NormaliseUuid(absl::string_view text);

}  // namespace waymark::ids

#endif  // WAYMARK_COMMON_IDS_IDS_H_
