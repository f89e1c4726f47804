#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_MEASURES_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_MEASURES_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records the answers on one to twelve forms and scores them. PHQ-9 item 9 answered, or left blank,
// raises a risk flag, whatever the total.
MentalHealthChange RecordMeasures(const v1::MentalHealthCase& before,
                                  const v1::RecordMeasuresRequest& request,
                                  const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_MEASURES_H_
