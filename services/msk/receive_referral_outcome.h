#ifndef WAYMARK_SERVICES_MSK_RECEIVE_REFERRAL_OUTCOME_H_
#define WAYMARK_SERVICES_MSK_RECEIVE_REFERRAL_OUTCOME_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// Records what a provider did by the acts that a nurse would use. What none of them takes is a step
// for a person (services/casework/unrecorded.h). A closed case is opened again. The event holds the
// outcome whole.
MskChange ReceiveReferralOutcome(const v1::MskCase& before,
                                 const v1::ReceiveReferralOutcomeRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_RECEIVE_REFERRAL_OUTCOME_H_
