#include "services/bbv/open_linked_case.h"

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/bbv/log_exposure.h"
#include "services/casework/fields.h"

namespace waymark::bbv {

BbvChange OpenLinkedCase(const v1::OpenLinkedCaseRequest& request, const casework::Call& call) {
  casework::Fields fields(call.now);
  if (!ids::IsUuid(request.case_id())) {
    fields.Wrong("case_id", "NOT_A_UUID", "Give the case's id, a UUID in lower case.");
  }
  if (!ids::IsUuid(request.from().case_id())) {
    fields.Wrong("from.case_id", "NOT_A_UUID", "Give the id of the case it belongs to.");
  }
  fields.RequiredText("from.pathway", request.from().pathway(), casework::kLongestName);
  fields.RequiredText("from.kind", request.from().kind(), casework::kLongestName);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::LogExposureRequest report;
  report.set_jurisdiction(request.jurisdiction());
  *report.add_people() = request.person();
  BbvChange change = OpenCases(report, call, request.case_id());
  if (!change.ok()) return change;
  v1::BbvCase& opened = change->cases.front();
  *opened.mutable_header()->add_links() = request.from();
  opened.set_logged_by_role(request.actor().role());
  return change;
}

void FillLinked(const std::vector<v1::BbvCase>& opened,
                const v1::OpenLinkedCaseRequest& /*request*/,
                v1::OpenLinkedCaseResponse& response) {
  response.set_case_id(opened.front().header().case_id());
}

}  // namespace waymark::bbv
