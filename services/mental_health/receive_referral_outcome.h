#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECEIVE_REFERRAL_OUTCOME_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECEIVE_REFERRAL_OUTCOME_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records what a provider did by the acts that a nurse would use. What none of them takes is a step
// for a person (services/casework/unrecorded.h). A closed case is opened again. The event holds the
// outcome whole.
MentalHealthChange ReceiveReferralOutcome(const v1::MentalHealthCase& before,
                                          const v1::ReceiveReferralOutcomeRequest& request,
                                          const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECEIVE_REFERRAL_OUTCOME_H_
