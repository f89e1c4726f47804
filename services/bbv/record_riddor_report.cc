#include "services/bbv/record_riddor_report.h"

#include <utility>

#include "common/status/status.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange RecordRiddorReport(const v1::BbvCase& before,
                             const v1::RecordRiddorReportRequest& request,
                             const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::RiddorReport report = request.report();
  fields.PastSince("report.reported_time", IncidentOf(before), *report.mutable_reported_time());
  if (fields.Choice("report.category", report.category(), v1::RiddorCategory_IsValid) &&
      (report.category() == v1::RIDDOR_CATEGORY_NOT_REPORTABLE ||
       report.category() == v1::RIDDOR_CATEGORY_NOT_YET_KNOWN)) {
    fields.Wrong("report.category", "NOT_REPORTABLE", "Name the category that was reported.");
  }
  fields.Text("report.hse_reference", report.hse_reference(), casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::BbvCase after = before;
  *after.add_riddor_reports() = std::move(report);
  return Changed(std::move(after), call);
}

}  // namespace waymark::bbv
