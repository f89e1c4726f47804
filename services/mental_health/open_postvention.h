#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_POSTVENTION_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_POSTVENTION_H_

#include "services/mental_health/opening.h"

namespace waymark::mental_health {

// Opens hidden support for everybody whom a colleague's suicide touches; for family, a case without
// identity. The cases share the cohort's id and know of each other by nothing else. INVALID_FIELDS
// with every field that is wrong.
MentalHealthChange OpenPostvention(const v1::OpenPostventionRequest& request,
                                   const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_OPEN_POSTVENTION_H_
