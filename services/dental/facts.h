// From the record of a case to what the planner may know of it: the only place that compares the
// record with a protocol's thresholds.
#ifndef WAYMARK_SERVICES_DENTAL_FACTS_H_
#define WAYMARK_SERVICES_DENTAL_FACTS_H_

#include "services/casework/facts.h"
#include "services/casework/linter.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// The kind of thing that has a line of steps of its own; items are FDI numbers.
inline constexpr char kTooth[] = "tooth";

// Every fact and point of `KnownFacts()` that the case knows, of the mouth and of each tooth, and
// every step that its record shows as ended. A review ends the review steps of the tooth that are
// open on its day; one that comes late ends the step that opened last.
casework::Facts FactsOf(const v1::DentalCase& dental_case, const casework::v1::Protocol& protocol);

// The names that a protocol of this pathway may use, for the linter.
const casework::KnownFacts& KnownFacts();

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_FACTS_H_
