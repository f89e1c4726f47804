// From the record of a case to what the planner may know of it: the only place that compares the
// record with a protocol's thresholds.
#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_FACTS_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_FACTS_H_

#include "services/casework/facts.h"
#include "services/casework/linter.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/mental_health/v1/mental_health_case.pb.h"

namespace waymark::mental_health {

// Every fact, point and item of `KnownFacts()` that the case knows, and every step that its record
// shows as ended. Pure: the time of asking plays no part.
casework::Facts FactsOf(const v1::MentalHealthCase& record, const casework::v1::Protocol& protocol);

// The names that a protocol of this pathway may use, for the linter.
const casework::KnownFacts& KnownFacts();

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_FACTS_H_
