#ifndef WAYMARK_SERVICES_BBV_RECORD_VACCINE_DOSE_H_
#define WAYMARK_SERVICES_BBV_RECORD_VACCINE_DOSE_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records a dose of hepatitis B vaccine. FAILED_PRECONDITION WINDOW_CLOSED for a first dose after a
// significant exposure more than 7 days (168 hours) old, unless a physician overrides with a
// reason.
BbvChange RecordVaccineDose(const v1::BbvCase& before, const v1::RecordVaccineDoseRequest& request,
                            const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_VACCINE_DOSE_H_
