#ifndef WAYMARK_SERVICES_MSK_RECORD_TREATMENT_CENTRE_H_
#define WAYMARK_SERVICES_MSK_RECORD_TREATMENT_CENTRE_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// INVALID_FIELDS, CARE_ALREADY_ENDED.
MskChange RecordTreatmentCentre(const v1::MskCase& before,
                                const v1::RecordTreatmentCentreRequest& request,
                                const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_TREATMENT_CENTRE_H_
