#ifndef WAYMARK_SERVICES_MSK_END_CARE_H_
#define WAYMARK_SERVICES_MSK_END_CARE_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Death waives every open step but reports to HSE, which the force still owes. A withdrawal of
// consent declines what is occupational health's care; red flags stay open until each is declined
// by itself, and so do absences, which are no matter of consent. CARE_ALREADY_ENDED, except that
// somebody who withdrew may die; INVALID_FIELDS.
MskChange EndCare(const v1::MskCase& before, const v1::EndCareRequest& request,
                  const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_END_CARE_H_
