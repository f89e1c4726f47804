// RIDDOR 2013 for an injury at work (clinical reference 6.6). Assault counts as an accident; police
// officers are covered through the Police (Health and Safety) Act 1997.
#ifndef WAYMARK_SERVICES_MSK_RIDDOR_H_
#define WAYMARK_SERVICES_MSK_RIDDOR_H_

#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// On duty, and a fracture other than to fingers, thumbs and toes: found by triage, or confirmed by
// whoever saw the red flag and not called a dislocation since.
bool IsSpecifiedInjury(const v1::MskCase& msk_case);

// Days of the longest run away or on restricted duty: the day of the accident does not count, rest
// days do. A spell that lasts counts as longer than any limit: the report is planned before day 8
// and falls away if the person is back.
int LongestIncapacity(const v1::MskCase& msk_case);

v1::RiddorCategory RiddorOf(const v1::MskCase& msk_case, const casework::v1::Protocol& protocol);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RIDDOR_H_
