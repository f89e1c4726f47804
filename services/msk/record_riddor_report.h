#ifndef WAYMARK_SERVICES_MSK_RECORD_RIDDOR_REPORT_H_
#define WAYMARK_SERVICES_MSK_RECORD_RIDDOR_REPORT_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Only what is reported: a specified injury, or more than seven days. INVALID_FIELDS.
MskChange RecordRiddorReport(const v1::MskCase& before,
                             const v1::RecordRiddorReportRequest& request,
                             const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECORD_RIDDOR_REPORT_H_
