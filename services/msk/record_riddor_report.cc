#include "services/msk/record_riddor_report.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::msk {

MskChange RecordRiddorReport(const v1::MskCase& before,
                             const v1::RecordRiddorReportRequest& request,
                             const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::RiddorReport report = request.report();
  fields.PastSince("report.reported_time", IncidentOf(before), *report.mutable_reported_time());
  if (report.category() != v1::RIDDOR_CATEGORY_SPECIFIED_INJURY &&
      report.category() != v1::RIDDOR_CATEGORY_OVER_SEVEN_DAYS) {
    fields.Wrong("report.category", "NOT_REPORTED",
                 "A report is of a specified injury or of more than seven days.");
  }
  fields.Text("report.hse_reference", report.hse_reference(), casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MskCase after = before;
  *after.add_riddor_reports() = std::move(report);
  return Changed(std::move(after), call);
}

}  // namespace waymark::msk
