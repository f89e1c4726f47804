// Reading a case's record: small questions that several rules and changes ask.
#ifndef WAYMARK_SERVICES_DENTAL_RECORD_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/local_time.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// What every change of a case returns.
using DentalChange = absl::StatusOr<casework::Change<v1::DentalCase>>;

absl::Time IncidentOf(const v1::DentalCase& dental_case);

// How soon a dental adviser is wanted: what the adviser decided, else what the rule says. A
// decision for 999 says nothing of the teeth.
v1::Urgency DentalUrgencyOf(const v1::DentalCase& dental_case);
bool IsMedicalEmergency(const v1::DentalCase& dental_case);

// Something broke off or fell out and nobody has said that it is there.
bool FragmentsAreMissing(const v1::DentalInjury& injury);

// What is done with an intruded tooth, given what was seen of it since: one that does not come down
// is repositioned.
v1::IntrusionAction IntrusionActionOf(const v1::DentalCase& dental_case,
                                      const v1::ToothInjury& tooth,
                                      const casework::v1::Protocol& protocol);

// The case as the result of a change: what the rules derive from the record is derived anew.
casework::Change<v1::DentalCase> Changed(v1::DentalCase after, const casework::Call& call);

// Sets every output-only field that follows from the record.
void Derive(const casework::v1::Protocol& protocol, v1::DentalCase& dental_case);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_H_
