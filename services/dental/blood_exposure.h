// Another's blood or saliva: the blood-borne virus case that it opens (clinical reference 4.4).
#ifndef WAYMARK_SERVICES_DENTAL_BLOOD_EXPOSURE_H_
#define WAYMARK_SERVICES_DENTAL_BLOOD_EXPOSURE_H_

#include "absl/strings/string_view.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "waymark/bbv/v1/bbv_service.pb.h"
#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// The exposure as the blood-borne virus pathway knows it: a bite of the injured person is a bite,
// everything else in the mouth or eye a mucosal contact. Both times are the injury's, so that its
// hour counts from the incident, however late the message is delivered.
bbv::v1::Exposure ExposureOf(const v1::DentalInjury& injury);

// Chooses the id of the linked case, links `opened` to it, and asks the blood-borne virus service
// for it in the name of who called. `name` tells the people of one call apart: "0". Whoever was
// bitten by the injured person gets a case too. Nothing when there was no exposure.
void AskForBbvCase(const casework::Call& call, absl::string_view name, v1::DentalCase& opened,
                   casework::Change<v1::DentalCase>& change);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_BLOOD_EXPOSURE_H_
