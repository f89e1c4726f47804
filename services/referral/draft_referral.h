#ifndef WAYMARK_SERVICES_REFERRAL_DRAFT_REFERRAL_H_
#define WAYMARK_SERVICES_REFERRAL_DRAFT_REFERRAL_H_

#include <vector>

#include "services/referral/material.h"
#include "services/referral/record.h"

namespace waymark::referral {

// Drafts in one request.
inline constexpr int kMostDrafts = 5;

// Drafts one referral for each draft; `material` has one entry for each. Nothing leaves.
// INVALID_ARGUMENT INVALID_FIELDS.
ReferralChange DraftReferral(const v1::DraftReferralRequest& request,
                             const std::vector<Material>& material, const casework::Call& call);

// What would leave and what would not. Nothing is stored.
absl::StatusOr<v1::PreviewReferralResponse> PreviewReferral(
    const v1::PreviewReferralRequest& request, const Material& material,
    const casework::Call& call);

// A case that the dates of a referral for this need can be planned from, as if it were sent now.
absl::StatusOr<v1::ReferralCase> PreviewNeed(const v1::PreviewPlanRequest& request,
                                             const casework::Call& call);
void FillPlan(const v1::ReferralCase& preview, v1::PreviewPlanResponse& response);

void FillReceipts(const std::vector<v1::ReferralCase>& opened,
                  const v1::DraftReferralRequest& request, v1::DraftReferralResponse& response);

// Enters DRAFT.
void BeginDraft(const casework::Call& call, v1::ReferralCase& record);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_DRAFT_REFERRAL_H_
