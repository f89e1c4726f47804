#include "services/casework/ladder.h"

#include <algorithm>
#include <optional>

#include "services/casework/instants.h"
#include "services/casework/unrecorded.h"

namespace waymark::casework {
namespace {

std::optional<absl::Time> BaseOf(const v1::Step& step, v1::RungBase base) {
  switch (base) {
    case v1::RUNG_BASE_OPENS:
      return FromTimestamp(step.has_opens_time() ? step.opens_time() : step.anchor_time());
    case v1::RUNG_BASE_DUE:
      return FromTimestamp(step.due_time());
    case v1::RUNG_BASE_CLOSES:
      if (!step.has_closes_time()) return std::nullopt;
      return FromTimestamp(step.closes_time());
    default:
      return std::nullopt;
  }
}

// An empty one for a step without.
const v1::Ladder& LadderOf(const v1::Protocol& protocol, absl::string_view key) {
  for (const v1::Ladder& ladder : protocol.ladders()) {
    if (ladder.key() == key) return ladder;
  }
  return key == LookLadder().key() ? LookLadder() : v1::Ladder::default_instance();
}

}  // namespace

std::vector<RungAt> ExpandLadder(const v1::Protocol& protocol, const v1::Step& step) {
  std::vector<RungAt> rungs;
  for (const v1::Rung& rung : LadderOf(protocol, step.ladder()).rungs()) {
    const std::optional<absl::Time> base = BaseOf(step, rung.base());
    if (!base) continue;
    rungs.push_back({.fire_time = *base + absl::Minutes(rung.offset_minutes()),
                     .kind = rung.kind(),
                     .audience = rung.audience(),
                     .page = rung.page()});
  }
  std::stable_sort(rungs.begin(), rungs.end(),
                   [](const RungAt& a, const RungAt& b) { return a.fire_time < b.fire_time; });
  for (size_t i = 0; i < rungs.size(); ++i) rungs[i].number = static_cast<int>(i) + 1;
  return rungs;
}

}  // namespace waymark::casework
