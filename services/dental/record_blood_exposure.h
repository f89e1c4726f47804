#ifndef WAYMARK_SERVICES_DENTAL_RECORD_BLOOD_EXPOSURE_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_BLOOD_EXPOSURE_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Another's blood or saliva, learnt of after the injury was logged: opens the linked case. A second
// one is refused (BLOOD_EXPOSURE_RECORDED): it belongs to the blood-borne virus case.
DentalChange RecordBloodExposure(const v1::DentalCase& before,
                                 const v1::RecordBloodExposureRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_BLOOD_EXPOSURE_H_
