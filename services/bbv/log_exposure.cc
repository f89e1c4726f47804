#include "services/bbv/log_exposure.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/bbv/exposure_check.h"
#include "services/bbv/first_aid.h"
#include "services/bbv/significance.h"
#include "services/casework/status.h"

namespace waymark::bbv {
namespace {

constexpr int kMostPeople = 50;
constexpr char kSameIncident[] = "SAME_INCIDENT";
constexpr char kBiteCounterpart[] = "BITE_COUNTERPART";

void Link(const char* kind, v1::BbvCase& from, const v1::BbvCase& to) {
  casework::v1::CaseLink& link = *from.mutable_header()->add_links();
  link.set_case_id(to.header().case_id());
  link.set_pathway("bbv");
  link.set_kind(kind);
}

// What the biter took in: the bitten person's blood, if there was any.
v1::Exposure BiterExposure(const v1::Exposure& bitten) {
  v1::Exposure exposure;
  *exposure.mutable_incident_time() = bitten.incident_time();
  *exposure.mutable_reported_time() = bitten.reported_time();
  exposure.set_route(v1::ROUTE_MOUTH);
  exposure.set_site(v1::BODY_SITE_MOUTH);
  if (bitten.drew_blood() == v1::ANSWER_YES) {
    exposure.set_fluid(v1::FLUID_BLOOD);
    exposure.set_visible_blood(v1::ANSWER_YES);
  } else if (bitten.drew_blood() == v1::ANSWER_NO || bitten.route() == v1::ROUTE_BITE_SKIN_INTACT) {
    exposure.set_fluid(v1::FLUID_NONE);
    exposure.set_visible_blood(v1::ANSWER_NO);
  } else {
    exposure.set_fluid(v1::FLUID_UNKNOWN);
    exposure.set_visible_blood(v1::ANSWER_UNKNOWN);
  }
  return exposure;
}

v1::BbvCase OpenFor(const std::string& case_id, casework::v1::Jurisdiction jurisdiction,
                    const casework::Call& call) {
  v1::BbvCase opened;
  opened.mutable_header()->set_case_id(case_id);
  opened.mutable_header()->set_jurisdiction(jurisdiction);
  opened.set_logged_by_role(call.role);
  return opened;
}

v1::BbvCase BiterCase(const v1::BbvCase& bitten, const std::string& case_id,
                      const casework::Call& call) {
  v1::BbvCase opened = OpenFor(case_id, bitten.header().jurisdiction(), call);
  opened.mutable_header()->set_subject_kind(casework::v1::SUBJECT_KIND_THIRD_PARTY);
  opened.mutable_header()->set_care_owner(casework::v1::CARE_OWNER_CUSTODY_HEALTHCARE);
  *opened.mutable_exposure() = BiterExposure(bitten.exposure());
  // The source is the person bitten. Nothing of their record is shown here.
  opened.mutable_source()->set_identity(v1::SOURCE_IDENTITY_KNOWN);
  return opened;
}

}  // namespace

BbvChange LogExposure(const v1::LogExposureRequest& request, const casework::Call& call) {
  return OpenCases(request, call, call.NewId("case/0"));
}

BbvChange OpenCases(const v1::LogExposureRequest& request, const casework::Call& call,
                    const std::string& first_case_id) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  CheckSource("source", fields, request.source());
  if (request.people().empty() || request.people_size() > kMostPeople) {
    fields.Wrong("people", "OUT_OF_RANGE",
                 absl::StrCat("Name from 1 to ", kMostPeople, " people."));
    return fields.ToStatus();
  }

  casework::Change<v1::BbvCase> change;
  for (int i = 0; i < request.people_size(); ++i) {
    const v1::ExposedPerson& person = request.people(i);
    const std::string path = absl::StrCat("people[", i, "]");
    v1::BbvCase opened = OpenFor(i == 0 ? first_case_id : call.NewId(absl::StrCat("case/", i)),
                                 request.jurisdiction(), call);
    opened.mutable_header()->set_subject_id(person.subject_id());
    opened.mutable_header()->set_subject_kind(casework::v1::SUBJECT_KIND_WORKFORCE);
    opened.mutable_header()->set_care_owner(casework::v1::CARE_OWNER_OCCUPATIONAL_HEALTH);
    if (!ids::IsUuid(person.subject_id())) {
      fields.Wrong(path + ".subject_id", "NOT_A_UUID",
                   "Give the person's subject id, a UUID in lower case.");
    }
    for (int j = 0; j < i; ++j) {
      if (request.people(j).subject_id() != person.subject_id()) continue;
      fields.Wrong(path + ".subject_id", "DUPLICATE", "Name each person once.");
      break;
    }
    *opened.mutable_exposure() = person.exposure();
    CheckExposure(path + ".exposure", fields, *opened.mutable_exposure());
    CheckSource(path + ".source", fields, person.source());
    *opened.mutable_source() = person.has_source() ? person.source() : request.source();
    change.cases.push_back(std::move(opened));
  }
  RETURN_IF_ERROR(fields.ToStatus());

  const size_t people = change.cases.size();
  for (size_t i = 1; i < people; ++i) {
    Link(kSameIncident, change.cases[0], change.cases[i]);
    Link(kSameIncident, change.cases[i], change.cases[0]);
  }
  for (size_t i = 0; i < people; ++i) {
    // PHE 2019: both people involved in any biting incident are assessed.
    if (!IsBite(change.cases[i].exposure().route())) continue;
    v1::BbvCase biter =
        BiterCase(change.cases[i], call.NewId(absl::StrCat("case/", i, "/biter")), call);
    Link(kBiteCounterpart, change.cases[i], biter);
    Link(kBiteCounterpart, biter, change.cases[i]);
    change.cases.push_back(std::move(biter));
  }
  for (v1::BbvCase& opened : change.cases) Derive(*call.protocol, opened);
  return change;
}

absl::StatusOr<v1::BbvCase> PreviewExposure(const v1::PreviewPlanRequest& request,
                                            const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("jurisdiction", request.jurisdiction(), casework::v1::Jurisdiction_IsValid);
  v1::BbvCase preview = OpenFor("", request.jurisdiction(), call);
  preview.mutable_header()->set_subject_kind(casework::v1::SUBJECT_KIND_WORKFORCE);
  *preview.mutable_exposure() = request.exposure();
  CheckExposure("exposure", fields, *preview.mutable_exposure());
  CheckSource("source", fields, request.source());
  RETURN_IF_ERROR(fields.ToStatus());
  *preview.mutable_source() = request.source();
  Derive(*call.protocol, preview);
  return preview;
}

void FillPreview(const v1::BbvCase& preview, v1::PreviewPlanResponse& response) {
  response.set_significance(SignificanceOf(preview));
  *response.mutable_advice() = preview.advice();
}

void FillReceipts(const std::vector<v1::BbvCase>& opened, const v1::LogExposureRequest& /*request*/,
                  v1::LogExposureResponse& response) {
  for (const v1::BbvCase& one : opened) {
    v1::CaseReceipt& receipt = *response.add_receipts();
    receipt.set_case_id(one.header().case_id());
    receipt.set_subject_id(one.header().subject_id());
    if (const casework::v1::Step* step =
            casework::FindStep(one.header().plan(), "risk_assessment")) {
      *receipt.mutable_assessment_due_time() = step->due_time();
    }
    for (std::string& line : FirstAidFor(one.exposure().route())) {
      receipt.add_first_aid(std::move(line));
    }
  }
}

}  // namespace waymark::bbv
