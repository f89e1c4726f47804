// Reading a case's record: small questions that several rules and changes ask.
#ifndef WAYMARK_SERVICES_BBV_RECORD_H_
#define WAYMARK_SERVICES_BBV_RECORD_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/local_time.h"
#include "waymark/bbv/v1/bbv_case.pb.h"
#include "waymark/casework/v1/protocol.pb.h"

namespace waymark::bbv {

// What every change of a case returns.
using BbvChange = absl::StatusOr<casework::Change<v1::BbvCase>>;

enum class Virus { kNone, kHepatitisB, kHepatitisC, kHiv };

// The infection that a positive result of the test shows. Antibodies to hepatitis B show immunity
// or the past, so neither of them shows one.
Virus VirusOf(v1::TestCode test);

absl::Time IncidentOf(const v1::BbvCase& bbv_case);
bool IsWorkforce(const v1::BbvCase& bbv_case);

// What the assessor decided, else what the rule says.
v1::Significance SignificanceOf(const v1::BbvCase& bbv_case);

// No correction replaced it.
bool Stands(const v1::TestResult& result);
// It stands and says yes or no.
bool IsFinal(const v1::TestResult& result);

// Nothing when PEP was never started, InfiniteFuture while the course runs.
std::optional<absl::Time> PepEnd(const v1::BbvCase& bbv_case);

// The case as the result of a change: what the rules derive from the record is derived anew.
casework::Change<v1::BbvCase> Changed(v1::BbvCase after, const casework::Call& call);

// Sets every output-only field that follows from the record: advice, RIDDOR category, and of each
// result its step and whether it is conclusive.
void Derive(const casework::v1::Protocol& protocol, v1::BbvCase& bbv_case);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_H_
