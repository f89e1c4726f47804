#ifndef WAYMARK_SERVICES_DENTAL_RECEIVE_REFERRAL_OUTCOME_H_
#define WAYMARK_SERVICES_DENTAL_RECEIVE_REFERRAL_OUTCOME_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records what a provider did by the acts that a nurse would use, each where it fits; what does not
// is left to the person who reads the outcome. Never refused: the event holds it whole.
DentalChange ReceiveReferralOutcome(const v1::DentalCase& before,
                                    const v1::ReceiveReferralOutcomeRequest& request,
                                    const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECEIVE_REFERRAL_OUTCOME_H_
