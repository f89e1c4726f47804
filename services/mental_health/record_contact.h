#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_CONTACT_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_CONTACT_H_

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// Records a contact. While there is a safety plan, each contact that was held says whether the plan
// was looked at with the officer.
MentalHealthChange RecordContact(const v1::MentalHealthCase& before,
                                 const v1::RecordContactRequest& request,
                                 const casework::Call& call);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_RECORD_CONTACT_H_
