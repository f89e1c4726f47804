#include "services/referral/draft_referral.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/status.h"
#include "services/referral/build_content.h"

namespace waymark::referral {
void BeginDraft(const casework::Call& call, v1::ReferralCase& record) {
  record.set_state(v1::REFERRAL_STATE_DRAFT);
  record.set_care_holder(v1::CARE_HOLDER_REFERRER);
  v1::Milestone& milestone = *record.add_milestones();
  milestone.set_state(v1::REFERRAL_STATE_DRAFT);
  *milestone.mutable_time() = casework::ToTimestamp(call.now);
  *milestone.mutable_recorded_time() = casework::ToTimestamp(call.now);
}

ReferralChange DraftReferral(const v1::DraftReferralRequest& request,
                             const std::vector<Material>& material, const casework::Call& call) {
  casework::Fields fields(call.now);
  if (request.drafts().empty() || request.drafts_size() > kMostDrafts ||
      static_cast<size_t>(request.drafts_size()) != material.size()) {
    fields.Wrong("drafts", "OUT_OF_RANGE", absl::StrCat("Draft from 1 to ", kMostDrafts, "."));
    return fields.ToStatus();
  }
  casework::Change<v1::ReferralCase> change;
  for (int i = 0; i < request.drafts_size(); ++i) {
    const v1::Draft& draft = request.drafts(i);
    v1::ReferralCase& drafted = change.cases.emplace_back();
    *drafted.mutable_content() =
        BuildContent(absl::StrCat("drafts[", i, "]."), draft, material[i], call, fields);
    casework::v1::CaseHeader& header = *drafted.mutable_header();
    header.set_case_id(call.NewId(absl::StrCat("case/", i)));
    header.set_subject_id(material[i].pathway.subject_id());
    header.set_subject_kind(casework::v1::SUBJECT_KIND_WORKFORCE);
    header.set_care_owner(casework::v1::CARE_OWNER_OCCUPATIONAL_HEALTH);
    header.set_jurisdiction(material[i].pathway.jurisdiction());
    // That somebody is referred, and for what, is between them and occupational health.
    header.set_hidden_from_managers(true);
    casework::v1::CaseLink& link = *header.add_links();
    link.set_case_id(draft.need().case_id());
    link.set_pathway(draft.need().pathway());
    link.set_kind("REFERRED_NEED");
    drafted.set_side(v1::SIDE_SENT);
    *drafted.mutable_provider() = draft.provider();
    if (draft.provider().carrier() == v1::CARRIER_UNSPECIFIED) {
      drafted.mutable_provider()->set_carrier(v1::CARRIER_WAYMARK);
    }
    drafted.mutable_sending()->set_correlation_id(call.NewId(absl::StrCat("correlation/", i)));
    BeginDraft(call, drafted);
  }
  RETURN_IF_ERROR(fields.ToStatus());
  return change;
}

absl::StatusOr<v1::PreviewReferralResponse> PreviewReferral(
    const v1::PreviewReferralRequest& request, const Material& material,
    const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::PreviewReferralResponse response;
  *response.mutable_content() = BuildContent("draft.", request.draft(), material, call, fields);
  RETURN_IF_ERROR(fields.ToStatus());
  for (v1::PreviewField& field : FieldsOf(request.draft(), material, response.content())) {
    *response.add_fields() = std::move(field);
  }
  const v1::Need& need = response.content().need();
  if (need.has_closes_time() && casework::FromTimestamp(need.closes_time()) < call.now) {
    response.add_warnings("WINDOW_CLOSED");
  }
  if (response.content().patient().routes().empty() && !response.content().patient().alias()) {
    response.add_warnings("NO_CONTACT_ROUTE");
  }
  return response;
}

absl::StatusOr<v1::ReferralCase> PreviewNeed(const v1::PreviewPlanRequest& request,
                                             const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("need.service", request.need().service(), v1::CareService_IsValid);
  fields.Choice("need.priority", request.need().priority(), v1::Priority_IsValid);
  RETURN_IF_ERROR(fields.ToStatus());
  v1::ReferralCase preview;
  preview.set_side(v1::SIDE_SENT);
  preview.mutable_header()->set_subject_kind(casework::v1::SUBJECT_KIND_WORKFORCE);
  preview.mutable_header()->set_jurisdiction(request.need().jurisdiction());
  *preview.mutable_content()->mutable_need() = request.need();
  BeginDraft(call, preview);
  RETURN_IF_ERROR(Enter("SendReferral", call.now, call, preview));
  return preview;
}

void FillPlan(const v1::ReferralCase& /*preview*/, v1::PreviewPlanResponse& /*response*/) {}

void FillReceipts(const std::vector<v1::ReferralCase>& opened,
                  const v1::DraftReferralRequest& /*request*/,
                  v1::DraftReferralResponse& response) {
  for (const v1::ReferralCase& one : opened) {
    v1::DraftReceipt& receipt = *response.add_receipts();
    receipt.set_case_id(one.header().case_id());
    if (one.content().need().has_closes_time()) {
      *receipt.mutable_closes_time() = one.content().need().closes_time();
    }
    int open = 0;
    for (const casework::v1::Step& step : one.header().plan().steps()) {
      if (casework::IsOpen(step)) ++open;
    }
    receipt.set_open_steps(open);
  }
}

}  // namespace waymark::referral
