#ifndef WAYMARK_SERVICES_DENTAL_RECORD_TEETH_H_
#define WAYMARK_SERVICES_DENTAL_RECORD_TEETH_H_

#include "services/dental/record.h"
#include "waymark/dental/v1/dental_service.pb.h"

namespace waymark::dental {

// Replaces what is known of each tooth named, and adds those that are new. What was done for a
// tooth stays. TOO_MANY_TEETH beyond ten in all.
DentalChange RecordTeeth(const v1::DentalCase& before, const v1::RecordTeethRequest& request,
                         const casework::Call& call);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_RECORD_TEETH_H_
