#ifndef WAYMARK_SERVICES_DENTAL_PROPOSE_FITNESS_H_
#define WAYMARK_SERVICES_DENTAL_PROPOSE_FITNESS_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records a proposal on fitness for duty; the earlier ones stay. Anything but FIT without
// restriction needs a review date, from today on.
DentalChange ProposeFitness(const v1::DentalCase& before, const v1::ProposeFitnessRequest& request,
                            const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_PROPOSE_FITNESS_H_
