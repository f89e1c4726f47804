// From the record of a case to what the planner may know of it: the only place that compares the
// record with a protocol's thresholds.
#ifndef WAYMARK_SERVICES_MSK_FACTS_H_
#define WAYMARK_SERVICES_MSK_FACTS_H_

#include "services/casework/facts.h"
#include "services/casework/linter.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// Every fact and point of `KnownFacts()` that the case knows, a line of steps for each red flag,
// each thing asked for, each absence and each review of the return, and every step that the record
// shows as ended. Pure: the time of asking plays no part.
casework::Facts FactsOf(const v1::MskCase& msk_case, const casework::v1::Protocol& protocol);

// The names that a protocol of this pathway may use, for the linter.
const casework::KnownFacts& KnownFacts();

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_FACTS_H_
