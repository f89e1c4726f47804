#ifndef WAYMARK_SERVICES_MSK_PROPOSE_FITNESS_H_
#define WAYMARK_SERVICES_MSK_PROPOSE_FITNESS_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// "Temporarily unfit" names its review date. INVALID_FIELDS, CARE_ALREADY_ENDED.
MskChange ProposeFitness(const v1::MskCase& before, const v1::ProposeFitnessRequest& request,
                         const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_PROPOSE_FITNESS_H_
