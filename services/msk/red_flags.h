// What the signs asked for at the door may mean, and how long that may wait. Source: clinical
// reference 3.1 (GIRFT 2023, NICE NG234, NG59, NG100; the rest general knowledge). A rule that errs
// here errs towards the emergency department.
#ifndef WAYMARK_SERVICES_MSK_RED_FLAGS_H_
#define WAYMARK_SERVICES_MSK_RED_FLAGS_H_

#include <set>
#include <string>
#include <vector>

#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// What the signs present mean for an injury of that region, most urgent first.
std::vector<v1::Suspicion> DeriveSuspicions(v1::Region region,
                                            const std::set<v1::Feature>& present);

v1::Urgency UrgencyOf(v1::Suspicion suspicion);

// While such a suspicion is not settled, nothing of the ordinary path is planned or asked for.
bool KeepsRoutineShut(v1::Urgency urgency);

bool IsSpine(v1::Region region);

// "cauda_equina", as the protocol writes it.
std::string SuspicionName(v1::Suspicion suspicion);

// Ruled out, or treated and handed back.
bool IsSettled(const v1::RedFlag& flag);
// The first escalation of that stage or a later one; null when there is none.
const v1::Escalation* FirstReaching(const v1::RedFlag& flag, v1::EscalationStage stage);

// Writes a check into the record: what the rule says of it, and a red flag for each suspicion that
// no unsettled one stands for. Their ids are derived from `seed`, a UUID of the act.
void ApplyCheck(v1::Region region, const v1::RedFlagCheck& check, const std::string& seed,
                v1::MskCase& msk_case);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RED_FLAGS_H_
