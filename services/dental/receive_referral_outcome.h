#ifndef WAYMARK_SERVICES_DENTAL_RECEIVE_REFERRAL_OUTCOME_H_
#define WAYMARK_SERVICES_DENTAL_RECEIVE_REFERRAL_OUTCOME_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records what a provider did by the acts that a nurse would use. What none of them takes is a step
// for a person (services/casework/unrecorded.h). A closed case is opened again. The event holds the
// outcome whole.
DentalChange ReceiveReferralOutcome(const v1::DentalCase& before,
                                    const v1::ReceiveReferralOutcomeRequest& request,
                                    const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECEIVE_REFERRAL_OUTCOME_H_
