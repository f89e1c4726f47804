// What leaves with a referral: codes and times that the provider's care builds on, and the need's
// clock.
#ifndef WAYMARK_SERVICES_MSK_REFERRAL_CONTENT_H_
#define WAYMARK_SERVICES_MSK_REFERRAL_CONTENT_H_

#include "absl/status/statusor.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// No free text and nothing about work: what was typed for somebody else may name the employer.
// NOT_FOUND STEP_NOT_FOUND.
absl::StatusOr<referral::v1::PathwayContent> ReferralContentOf(
    const v1::MskCase& msk_case, const v1::ReadReferralContentRequest& request);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_REFERRAL_CONTENT_H_
