#ifndef WAYMARK_SERVICES_BBV_RECORD_RIDDOR_REPORT_H_
#define WAYMARK_SERVICES_BBV_RECORD_RIDDOR_REPORT_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records a report to HSE.
BbvChange RecordRiddorReport(const v1::BbvCase& before,
                             const v1::RecordRiddorReportRequest& request,
                             const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECORD_RIDDOR_REPORT_H_
