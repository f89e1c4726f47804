#ifndef WAYMARK_SERVICES_DENTAL_RECORD_FRAGMENT_CHECK_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_FRAGMENT_CHECK_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records where missing pieces were looked for. One that was breathed in makes it an emergency.
DentalChange RecordFragmentCheck(const v1::DentalCase& before,
                                 const v1::RecordFragmentCheckRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_FRAGMENT_CHECK_H_
