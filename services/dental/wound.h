// What a wound of the mouth asks for: tetanus and antibiotics.
//
// Green Book chapter 30, rules of November 2018, as summarised for Scotland; NICE NG184, November
// 2020; IADT 2020 part 2 (clinical reference 1.10 and 4.2).
#ifndef WAYMARK_SERVICES_DENTAL_WOUND_H_
#define WAYMARK_SERVICES_DENTAL_WOUND_H_

#include "absl/time/civil_time.h"
#include "waymark/dental/v1/dental_case.pb.h"

namespace waymark::dental {

// A bite or a fight bite in which the skin of the injured person was or may have been broken.
bool WasBittenOpen(const v1::BloodExposure& exposure);

// An avulsed tooth, a cut, or a bite of the injured person that broke the skin.
bool IsWound(const v1::DentalInjury& injury);

// Unspecified when there is no wound. Adequate priming is at least three doses at proper intervals;
// priming that nobody knows counts as incomplete, a last dose that nobody can date as long ago.
v1::TetanusAction DeriveTetanus(const v1::DentalInjury& injury, absl::CivilDay incident_date,
                                double booster_after_years);

// A tooth that is to go back: give. Bitten, skin broken and blood drawn: offer; broken without
// blood: consider, because a face or a hand is a high-risk site. Else none. Unspecified when
// nothing of that happened.
v1::AntibioticAdvice DeriveAntibiotics(const v1::DentalCase& dental_case);

}  // namespace waymark::dental

#endif  // WAYMARK_SERVICES_DENTAL_WOUND_H_
