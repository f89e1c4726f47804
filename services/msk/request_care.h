#ifndef WAYMARK_SERVICES_MSK_REQUEST_CARE_H_
#define WAYMARK_SERVICES_MSK_REQUEST_CARE_H_

#include "services/msk/record.h"
#include "waymark/msk/v1/msk_service.pb.h"

namespace waymark::msk {

// EMERGENCY_FIRST and RED_FLAGS_UNCHECKED for everything but an image that a red flag asks for;
// what DecideImaging refuses; CARE_ALREADY_ENDED, INVALID_FIELDS.
MskChange RequestCare(const v1::MskCase& before, const v1::RequestCareRequest& request,
                      const casework::Call& call);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_REQUEST_CARE_H_
