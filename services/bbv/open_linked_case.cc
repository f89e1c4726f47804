#include "services/bbv/open_linked_case.h"

#include <string>
#include <utility>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/bbv/exposure_check.h"
#include "services/bbv/log_exposure.h"
#include "services/casework/fields.h"

namespace waymark::bbv {
namespace {

void Link(v1::BbvCase& from, const v1::BbvCase& to) {
  casework::v1::CaseLink& link = *from.mutable_header()->add_links();
  link.set_case_id(to.header().case_id());
  link.set_pathway("bbv");
  link.set_kind("BITE_COUNTERPART");
}

// Whoever the person bit. Of the source nothing is shown but that there is one.
v1::BbvCase BittenCase(const v1::BbvCase& biter, const v1::Exposure& exposure,
                       const casework::Call& call) {
  v1::BbvCase opened;
  casework::v1::CaseHeader& header = *opened.mutable_header();
  header.set_case_id(call.NewId("case/0/bitten"));
  header.set_jurisdiction(biter.header().jurisdiction());
  header.set_subject_kind(casework::v1::SUBJECT_KIND_THIRD_PARTY);
  header.set_care_owner(casework::v1::CARE_OWNER_CUSTODY_HEALTHCARE);
  *opened.mutable_exposure() = exposure;
  opened.mutable_source()->set_identity(v1::SOURCE_IDENTITY_KNOWN);
  return opened;
}

}  // namespace

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
  v1::Exposure bitten = request.bitten();
  if (request.has_bitten()) CheckExposure("bitten", fields, bitten);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::LogExposureRequest report;
  report.set_jurisdiction(request.jurisdiction());
  *report.add_people() = request.person();
  BbvChange change = OpenCases(report, call, request.case_id());
  if (!change.ok()) return change;
  change->cases.front().set_logged_by_role(request.actor().role());
  if (request.has_bitten()) {
    v1::BbvCase other = BittenCase(change->cases.front(), bitten, call);
    other.set_logged_by_role(request.actor().role());
    Link(change->cases.front(), other);
    Link(other, change->cases.front());
    Derive(*call.protocol, other);
    change->cases.push_back(std::move(other));
  }
  *change->cases.front().mutable_header()->add_links() = request.from();
  return change;
}

void FillLinked(const std::vector<v1::BbvCase>& opened,
                const v1::OpenLinkedCaseRequest& /*request*/,
                v1::OpenLinkedCaseResponse& response) {
  response.set_case_id(opened.front().header().case_id());
}

}  // namespace waymark::bbv
