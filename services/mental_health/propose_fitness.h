#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_PROPOSE_FITNESS_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_PROPOSE_FITNESS_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Proposes a fitness outcome. Everything but fit for duty has a date of review. What management
// alone may set is no value of the API.
MentalHealthChange ProposeFitness(const v1::MentalHealthCase& before,
                                  const v1::ProposeFitnessRequest& request,
                                  const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_PROPOSE_FITNESS_H_
