#ifndef WAYMARK_SERVICES_DENTAL_RECORD_CONTACT_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_CONTACT_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records the first contact, or a later one: the urgency and what it rests on are replaced, the
// time of the first contact stays. An urgency other than the rule's needs a reason.
DentalChange RecordContact(const v1::DentalCase& before, const v1::RecordContactRequest& request,
                           const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_CONTACT_H_
