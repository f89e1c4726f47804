#ifndef WAYMARK_SERVICES_DENTAL_RECORD_ANTIBIOTICS_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_ANTIBIOTICS_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Records whether antibiotics were given, beside what the rule says.
DentalChange RecordAntibiotics(const v1::DentalCase& before,
                               const v1::RecordAntibioticsRequest& request,
                               const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_ANTIBIOTICS_H_
