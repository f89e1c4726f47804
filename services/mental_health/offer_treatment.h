#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_OFFER_TREATMENT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_OFFER_TREATMENT_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records the offer of a treatment, by NICE NG116. DEBRIEFING_NOT_OFFERED,
// PREVENTIVE_DRUG_NOT_OFFERED, EMDR_NOT_YET, COMPUTERISED_CBT_NOT_FITTING,
// ACTIVE_MONITORING_NOT_ENOUGH.
MentalHealthChange OfferTreatment(const v1::MentalHealthCase& before,
                                  const v1::OfferTreatmentRequest& request,
                                  const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_OFFER_TREATMENT_H_
