// Refuses a protocol that nobody should be treated by: a step without an owner or a source, a date
// that cannot be computed, a name that means nothing. Finds every fault, not the first.
#ifndef WAYMARK_SERVICES_CASEWORK_LINTER_H_
#define WAYMARK_SERVICES_CASEWORK_LINTER_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::casework {

// What a pathway's code knows by name: the names a protocol of it may use.
struct KnownFacts {
  // Fact name to the values it can have; booleans are {"true", "false"}.
  std::map<std::string, std::set<std::string>> values;
  // Anchor points other than "step:<key>".
  std::set<std::string> points;
  // Codes of the tests that a panel may ask for.
  std::set<std::string> tests;
  // Parameters that the code reads: each must be in the protocol.
  std::set<std::string> parameters;
  // Kinds of things that steps may be asked for once each of (StepRule.each).
  std::set<std::string> items;
};

void KnowBooleans(const std::vector<std::string>& names, KnownFacts& known);
// What ReadHeader (facts.h) sets.
void KnowHeader(KnownFacts& known);

// One thing wrong with a protocol file.
struct Fault {
  // From 1; 0 when the protocol did not come from a file.
  int line = 0;
  int column = 0;
  // Stable, e.g. "STEP_UNOWNED".
  std::string reason;
  // What is wrong and what would be right.
  std::string message;
};

// Every fault, in the order of the file. `known` null: names of facts, points and tests are not
// checked. `locations` null: faults have no line.
//
// PROTOCOL_INCOMPLETE, KEY_INVALID, KEY_DUPLICATE, STAGE_UNKNOWN, PARAMETER_MISSING,
// PARAMETER_UNSOURCED, LADDER_UNKNOWN, RUNG_INCOMPLETE, RUNG_WITHOUT_BASE, RUNG_MISPLACED,
// STEP_UNOWNED, STEP_UNSOURCED, STEP_INCOMPLETE, ANCHOR_UNKNOWN, ANCHOR_CYCLE, ANCHOR_EMPTY,
// FACT_UNKNOWN, VALUE_UNKNOWN, ITEM_UNKNOWN, CONDITION_EMPTY, TEST_UNKNOWN, TEST_DUPLICATE,
// OFFSET_EMPTY, OFFSET_MIXED, OFFSET_RANGE, OFFSET_CHAINED, WORKING_DAYS_REFUSED, DUE_AFTER_CLOSES,
// OPENS_AFTER_DUE, MEASURE_INVALID.
std::vector<Fault> Lint(const v1::Protocol& protocol, const KnownFacts* known,
                        const google::protobuf::TextFormat::ParseInfoTree* locations = nullptr);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_LINTER_H_
