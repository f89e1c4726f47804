// What leaves with a referral: codes and times that the provider's care builds on, and the need's
// clock.
#ifndef WAYMARK_SERVICES_BBV_REFERRAL_CONTENT_H_
#define WAYMARK_SERVICES_BBV_REFERRAL_CONTENT_H_

#include "absl/status/statusor.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// No free text and nothing about work: what was typed for somebody else may name the employer.
// NOT_FOUND STEP_NOT_FOUND.
absl::StatusOr<referral::v1::PathwayContent> ReferralContentOf(
    const v1::BbvCase& bbv_case, const v1::ReadReferralContentRequest& request);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_REFERRAL_CONTENT_H_
