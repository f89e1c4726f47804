// The calls for attention that a planned step makes, at their instants.
#ifndef WAYMARK_SERVICES_CASEWORK_LADDER_H_
#define WAYMARK_SERVICES_CASEWORK_LADDER_H_

#include <vector>

#include "absl/time/time.h"
#include "waymark/casework/v1/plan.pb.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/options/v1/rule.pb.h"

namespace waymark::casework {

// One rung of one step.
struct RungAt {
  // Its place on the ladder, from 1, in order of time: a later rung goes higher.
  int number = 0;
  absl::Time fire_time;
  v1::RungKind kind = v1::RUNG_KIND_UNSPECIFIED;
  options::v1::Role audience = options::v1::ROLE_UNSPECIFIED;
  bool page = false;
};

// The step's ladder in order of time; rungs at the same instant keep the order of the protocol.
// Empty for a step without a ladder. A rung from `opens` counts from the anchor when the step opens
// with it; one from an instant that the step has not is left out. Says nothing about now: rungs of
// a step that has ended, or whose time has passed, are included.
std::vector<RungAt> ExpandLadder(const v1::Protocol& protocol, const v1::Step& step);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_LADDER_H_
