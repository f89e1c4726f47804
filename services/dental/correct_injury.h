#ifndef WAYMARK_SERVICES_DENTAL_CORRECT_INJURY_H_
#define WAYMARK_SERVICES_DENTAL_CORRECT_INJURY_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Replaces what was reported; the blood exposure stays, for it has a case of its own. A wrong time
// moves every step with it. Refused when something already recorded would then have happened before
// the incident (AFTER_RECORDED_ACT), or when a tooth for which something was done would go
// (TOOTH_HAS_RECORD).
DentalChange CorrectInjury(const v1::DentalCase& before, const v1::CorrectInjuryRequest& request,
                           const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_CORRECT_INJURY_H_
