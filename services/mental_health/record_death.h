#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_DEATH_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_DEATH_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records that the officer died: every open step ends, and nothing is asked for any more. Support
// for colleagues is a case of theirs (OpenPostvention). DEATH_ALREADY_RECORDED.
MentalHealthChange RecordDeath(const v1::MentalHealthCase& before,
                               const v1::RecordDeathRequest& request, const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_DEATH_H_
