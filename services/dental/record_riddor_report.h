#ifndef WAYMARK_SERVICES_DENTAL_RECORD_RIDDOR_REPORT_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_RIDDOR_REPORT_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records the report to HSE.
DentalChange RecordRiddorReport(const v1::DentalCase& before,
                                const v1::RecordRiddorReportRequest& request,
                                const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_RIDDOR_REPORT_H_
