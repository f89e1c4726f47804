#ifndef WAYMARK_SERVICES_MSK_RECEIVE_REFERRAL_OUTCOME_H_
#define WAYMARK_SERVICES_MSK_RECEIVE_REFERRAL_OUTCOME_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Records what a provider did by the acts that a nurse would use, each where it fits; what does not
// is left to the person who reads the outcome. Never refused: the event holds it whole.
MskChange ReceiveReferralOutcome(const v1::MskCase& before,
                                 const v1::ReceiveReferralOutcomeRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECEIVE_REFERRAL_OUTCOME_H_
