#ifndef WAYMARK_SERVICES_DENTAL_RECORD_TOOTH_CARE_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_TOOTH_CARE_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// One act on one or several teeth, all or none. FAILED_PRECONDITION: PRIMARY_NEVER_REPLANTED
// (whoever asks, and whatever the reason), NOT_AVULSED, NOT_SPLINTED, ROOT_CANAL_NOT_STARTED,
// ALREADY_RECORDED, TOOTH_ENDED; the gap of a tooth that is there: TOOTH_NOT_ENDED.
DentalChange RecordToothCare(const v1::DentalCase& before,
                             const v1::RecordToothCareRequest& request, const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_TOOTH_CARE_H_
