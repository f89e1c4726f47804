#ifndef WAYMARK_SERVICES_MSK_CORRECT_INJURY_H_
#define WAYMARK_SERVICES_MSK_CORRECT_INJURY_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// INVALID_FIELDS with AFTER_RECORDED_ACT when something recorded would have happened before the
// incident. Another region asks again what the signs of earlier checks mean; no red flag is taken
// away.
MskChange CorrectInjury(const v1::MskCase& before, const v1::CorrectInjuryRequest& request,
                        const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_CORRECT_INJURY_H_
