// How soon a mouth must be seen.
//
// SDCEP, Management of Acute Dental Problems; SDCEP, Emergency Dental Care, 2007; NHS England, May
// 2025 (clinical reference 4.1).
#ifndef WAYMARK_SERVICES_DENTAL_URGENCY_H_
#define WAYMARK_SERVICES_DENTAL_URGENCY_H_

#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// Airway, sepsis, major facial injury, or a piece that was breathed in: the teeth come after.
bool IsMedicalEmergency(const v1::DentalInjury& injury, const v1::FragmentCheck& fragments);

// How soon a dental adviser is wanted, the body's emergencies apart: DENTAL_EMERGENCY, URGENT or
// ROUTINE. A mouth that nobody has looked at is urgent.
v1::Urgency DeriveDentalUrgency(const v1::DentalInjury& injury);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_URGENCY_H_
