#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_SELF_REFER_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_SELF_REFER_H_

#include "services/mental_health/opening.h"

namespace waymark::mental_health {

// Opens a hidden case for an officer who asks for help. INVALID_FIELDS with every field that is
// wrong: NOT_YOURSELF when an officer names somebody else.
MentalHealthChange SelfRefer(const v1::SelfReferRequest& request, const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_SELF_REFER_H_
