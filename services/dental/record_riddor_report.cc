#include "services/dental/record_riddor_report.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::dental {

DentalChange RecordRiddorReport(const v1::DentalCase& before,
                                const v1::RecordRiddorReportRequest& request,
                                const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::RiddorReport report = request.report();
  fields.PastSince("report.reported_time", IncidentOf(before), *report.mutable_reported_time());
  fields.Text("report.hse_reference", report.hse_reference(), casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::DentalCase after = before;
  *after.mutable_riddor_report() = std::move(report);
  return Changed(std::move(after), call);
}

}  // namespace waymark::dental
