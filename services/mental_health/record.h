// Reading and changing a case's record: small questions and acts that several changes share.
#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/fields.h"
#include "services/casework/local_time.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/mental_health/v1/mental_health_case.pb.h"

namespace waymark::mental_health {

// What every change of a case returns.
using MentalHealthChange = absl::StatusOr<casework::Change<v1::MentalHealthCase>>;

// Date in London.
absl::CivilDay DateOf(const casework::v1::LocalTime& time);
// Of the latest event on or before that date; nothing when none is known.
std::optional<absl::CivilDay> LatestEvent(const v1::MentalHealthCase& record, absl::CivilDay day);
// When whatever opened the case happened: the referral, the first event, the death, the enrolment.
// Nothing that was done for the case lies before it.
absl::Time BeginOf(const v1::MentalHealthCase& record);

// The latest valid measurement with the instrument, by when it was filled in; null when there is
// none.
const v1::Measurement* Latest(const v1::MentalHealthCase& record, v1::Instrument instrument);
const v1::ClinicalAssessment* LatestAssessment(const v1::MentalHealthCase& record);
// The plan in force; null when there is none.
v1::SafetyPlan* PlanInForce(v1::MentalHealthCase& record);
// The latest conversation that reached them, about any flag, found active intent.
bool HasActiveIntent(const v1::MentalHealthCase& record);
// Being reached from this instant on answers the flag: the day on which it was raised, or earlier
// when the form that raised it was filled in earlier.
absl::Time AnsweredFrom(const v1::MentalHealthCase& record, const v1::RiskFlag& flag);

// By its number; null when the case has none such.
v1::Incident* FindIncident(v1::MentalHealthCase& record, int number);
v1::RiskFlag* FindFlag(v1::MentalHealthCase& record, int number);
absl::Status NoSuchIncident();
absl::Status NoSuchFlag();

// Raises a flag now, by the caller.
v1::RiskFlag& RaiseFlag(v1::RiskSource source, const std::string& concern,
                        const casework::Call& call, v1::MentalHealthCase& record);

// Checks every form under `path` and says what is wrong. At most 12 at once.
void CheckSheets(absl::string_view path, casework::Fields& fields, v1::AnswerSheets& sheets);
// Scores forms that CheckSheets found good, keeps them apart, and raises the flags that item 9 asks
// for.
void AddSheets(const v1::AnswerSheets& sheets, const casework::Call& call,
               v1::MentalHealthCase& record);

// Nothing is read from the form any more; that it was filled in, and why it does not count, stays.
void Withdraw(const std::string& reason, v1::Measurement& measurement);

// What was reported of an event, with the time of the report: now, when it is left out.
void CheckIncident(absl::string_view path, casework::Fields& fields, v1::Incident& incident);

// Nurses and physicians; what others may not attach or see is decided by it.
bool IsClinician(const casework::Call& call);

// The case as the result of a change: what the rules derive from the record is derived anew.
// FAILED_PRECONDITION PERSON_DIED: the record is complete, and nothing may be asked for any more.
MentalHealthChange Changed(v1::MentalHealthCase after, const casework::Call& call);

// Sets every output-only field that follows from the record: changes, progress, advice, TRiM
// totals.
void Derive(const casework::v1::Protocol& protocol, v1::MentalHealthCase& record);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_H_
