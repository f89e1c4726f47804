#include "services/workforce/people/settle.h"

#include <algorithm>

namespace waymark::workforce {

Settled Settle(const std::vector<Slice>& known, const Slice& statement) {
  Settled settled;
  const Slice* before = nullptr;  // the last that begins before the statement
  const Slice* same = nullptr;
  absl::CivilDay next = kNoEnd;
  for (const Slice& slice : known) {
    if (slice.from == statement.from) {
      same = &slice;
    } else if (slice.from > statement.from) {
      next = std::min(next, slice.from);
    } else if (before == nullptr || slice.from > before->from) {
      before = &slice;
    }
  }
  if (same != nullptr && same->source_version >= statement.source_version) {
    settled.outdated = true;
    return settled;
  }
  if (same != nullptr) {
    settled.close.push_back(same->slice_id);
  } else if (before != nullptr) {
    settled.close.push_back(before->slice_id);
    Slice shorter = *before;
    shorter.slice_id.clear();
    shorter.until = statement.from;
    settled.open.push_back(shorter);
  }
  Slice opened = statement;
  opened.slice_id.clear();
  opened.until = next;
  settled.open.push_back(opened);
  return settled;
}

}  // namespace waymark::workforce
