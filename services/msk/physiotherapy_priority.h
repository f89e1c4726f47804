#ifndef WAYMARK_SERVICES_MSK_PHYSIOTHERAPY_PRIORITY_H_
#define WAYMARK_SERVICES_MSK_PHYSIOTHERAPY_PRIORITY_H_

#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// Urgent for somebody unable to work, or at high risk by the last STarT Back; else routine. Local
// policy (clinical reference 3.3); the days are the protocol's.
v1::Priority DerivePriority(const v1::MskCase& msk_case);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_PHYSIOTHERAPY_PRIORITY_H_
