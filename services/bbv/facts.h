// From the record of a case to what the planner may know of it: the only place that compares the
// record with a protocol's thresholds.
#ifndef WAYMARK_SERVICES_BBV_FACTS_H_
#define WAYMARK_SERVICES_BBV_FACTS_H_

#include <string>

#include "absl/time/time.h"
#include "services/casework/facts.h"
#include "services/casework/linter.h"
#include "waymark/bbv/v1/bbv_case.pb.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::bbv {

// Every fact, point and test of `KnownFacts()` that the case knows, and every step that its record
// shows as ended. Pure: the time of asking plays no part.
casework::Facts FactsOf(const v1::BbvCase& bbv_case, const casework::v1::Protocol& protocol);

// The names that a protocol of this pathway may use, for the linter.
const casework::KnownFacts& KnownFacts();

// The test step that a sample taken at `sampled` belongs to: of the steps that ask for the test and
// apply to the case, the one that opened last. Empty for a sample taken before any opened. Steps
// with tests must not depend on results, or a result could take away the step it belongs to; tests
// within a step may.
std::string TestStepOf(const casework::v1::Protocol& protocol, const casework::Facts& facts,
                       v1::TestCode test, absl::Time sampled);

// The RIDDOR category of the case, with what FactsOf says of it.
v1::RiddorCategory RiddorOf(const v1::BbvCase& bbv_case, const casework::Facts& facts,
                            const casework::v1::Protocol& protocol);

// The test's name as protocols write it: "HIV_AG_AB".
std::string TestName(v1::TestCode test);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_FACTS_H_
