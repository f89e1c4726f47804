// Reading a case's record: small questions that several rules and changes ask.
#ifndef WAYMARK_SERVICES_MSK_RECORD_H_
#define WAYMARK_SERVICES_MSK_RECORD_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/local_time.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// What every change of a case returns.
using MskChange = absl::StatusOr<casework::Change<v1::MskCase>>;

// Of the injury that opened the case.
absl::Time IncidentOf(const v1::MskCase& msk_case);

// The injury that the present course counts from: the last time the part was hurt.
const v1::Injury& LatestInjury(const v1::MskCase& msk_case);
absl::Time CourseStart(const v1::MskCase& msk_case);

// The triage of the present course; null before it.
const v1::Triage* TriageOf(const v1::MskCase& msk_case);

// The first and the last MSK-HQ of the present course by when they were filled in; null without
// one.
const v1::Score* FirstMskHq(const v1::MskCase& msk_case);
const v1::Score* LastMskHq(const v1::MskCase& msk_case);
// The last STarT Back of the present course; null without one.
const v1::Score* LastStartBack(const v1::MskCase& msk_case);

// Away from work, not only on restricted duty.
bool IsAway(const v1::Absence& spell);
// The last day of a spell, nothing while it lasts.
std::optional<absl::CivilDay> LastDay(const v1::Absence& spell);
// Away now, or unable to work by the last clinician who looked, else by the report.
bool IsUnableToWork(const v1::MskCase& msk_case);

// When the treatment really began: first session attended, else done.
std::optional<absl::Time> BegunTime(const v1::Care& care);

// OK while occupational health cares for the person; else FAILED_PRECONDITION CARE_ALREADY_ENDED.
absl::Status CheckInCare(const v1::MskCase& msk_case);

// The case as the result of a change: what the rules derive from the record is derived anew.
casework::Change<v1::MskCase> Changed(v1::MskCase after, const casework::Call& call);

// Sets every output-only field that follows from the record. `now` ends the days of a spell that
// lasts.
void Derive(const casework::v1::Protocol& protocol, absl::Time now, v1::MskCase& msk_case);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_H_
