#include "services/dental/urgency.h"

#include <algorithm>

#include "services/dental/teeth.h"

namespace waymark::dental {
namespace {

bool IsYes(v1::Answer answer) { return answer == v1::ANSWER_YES; }

v1::Urgency OfTooth(const v1::ToothInjury& tooth) {
  v1::Urgency most = v1::URGENCY_ROUTINE;
  const auto at_least = [&most](v1::Urgency urgency) { most = std::min(most, urgency); };
  for (const int injury : tooth.injuries()) {
    switch (injury) {
      case v1::TOOTH_INJURY_TYPE_AVULSION:
        // A primary tooth does not go back, so no clock runs for it.
        at_least(IsReplantable(tooth) ? v1::URGENCY_DENTAL_EMERGENCY : v1::URGENCY_URGENT);
        break;
      case v1::TOOTH_INJURY_TYPE_EXTRUSIVE_LUXATION:
      case v1::TOOTH_INJURY_TYPE_LATERAL_LUXATION:
      case v1::TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION:
      case v1::TOOTH_INJURY_TYPE_ALVEOLAR_FRACTURE:
        at_least(v1::URGENCY_DENTAL_EMERGENCY);
        break;
      case v1::TOOTH_INJURY_TYPE_COMPLICATED_CROWN_FRACTURE:
      case v1::TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_UNCOMPLICATED:
      case v1::TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_COMPLICATED:
      case v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_APICAL_THIRD:
      case v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_MIDDLE_THIRD:
      case v1::TOOTH_INJURY_TYPE_ROOT_FRACTURE_CERVICAL_THIRD:
        at_least(v1::URGENCY_URGENT);
        break;
      default:
        break;
    }
  }
  return most;
}

}  // namespace

bool IsMedicalEmergency(const v1::DentalInjury& injury, const v1::FragmentCheck& fragments) {
  return IsYes(injury.airway_at_risk()) || IsYes(injury.sepsis_suspected()) ||
         IsYes(injury.major_facial_injury()) || IsYes(injury.jaw_fracture()) ||
         IsYes(fragments.aspirated());
}

v1::Urgency DeriveDentalUrgency(const v1::DentalInjury& injury) {
  if (IsYes(injury.uncontrolled_bleeding()) || IsYes(injury.rising_swelling()) ||
      IsYes(injury.laceration())) {
    return v1::URGENCY_DENTAL_EMERGENCY;
  }
  v1::Urgency most =
      injury.teeth().empty() || IsYes(injury.severe_pain()) || IsYes(injury.local_infection())
          ? v1::URGENCY_URGENT
          : v1::URGENCY_ROUTINE;
  for (const v1::ToothInjury& tooth : injury.teeth()) most = std::min(most, OfTooth(tooth));
  return most;
}

}  // namespace waymark::dental
