#ifndef WAYMARK_SERVICES_BBV_RECEIVE_REFERRAL_OUTCOME_H_
#define WAYMARK_SERVICES_BBV_RECEIVE_REFERRAL_OUTCOME_H_

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Records what a provider did by the acts that a nurse would use. What none of them takes is a step
// for a person (services/casework/unrecorded.h). A closed case is opened again. The event holds the
// outcome whole.
BbvChange ReceiveReferralOutcome(const v1::BbvCase& before,
                                 const v1::ReceiveReferralOutcomeRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_RECEIVE_REFERRAL_OUTCOME_H_
