#ifndef WAYMARK_SERVICES_DENTAL_END_CARE_H_
#define WAYMARK_SERVICES_DENTAL_END_CARE_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// The person died: every open step ends as waived, but for the report that the law asks of the
// employer. They withdrew their consent: clinical steps end as declined; the restriction from
// training stays too. CARE_ENDED when it was recorded before.
DentalChange EndCare(const v1::DentalCase& before, const v1::EndCareRequest& request,
                     const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_END_CARE_H_
