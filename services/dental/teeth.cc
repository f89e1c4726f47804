#include "services/dental/teeth.h"

#include <algorithm>
#include <string>

namespace waymark::dental {

v1::Dentition DentitionOf(absl::string_view tooth) {
  if (tooth.size() != 2) return v1::DENTITION_UNSPECIFIED;
  const char quadrant = tooth[0];
  const char number = tooth[1];
  if (quadrant >= '1' && quadrant <= '4' && number >= '1' && number <= '8') {
    return v1::DENTITION_PERMANENT;
  }
  if (quadrant >= '5' && quadrant <= '8' && number >= '1' && number <= '5') {
    return v1::DENTITION_PRIMARY;
  }
  return v1::DENTITION_UNSPECIFIED;
}

bool Has(const v1::ToothInjury& tooth, v1::ToothInjuryType injury) {
  return std::find(tooth.injuries().begin(), tooth.injuries().end(), injury) !=
         tooth.injuries().end();
}

bool IsReplantable(const v1::ToothInjury& tooth) {
  return DentitionOf(tooth.tooth()) == v1::DENTITION_PERMANENT &&
         Has(tooth, v1::TOOTH_INJURY_TYPE_AVULSION);
}

bool HasOpenApex(const v1::ToothInjury& tooth) { return tooth.apex() == v1::APEX_OPEN; }

bool IsUnaccountedFor(const v1::ToothInjury& tooth) {
  if (tooth.fragments() == v1::FRAGMENTS_MISSING || tooth.fragments() == v1::FRAGMENTS_UNKNOWN) {
    return true;
  }
  if (tooth.fragments() != v1::FRAGMENTS_UNSPECIFIED) return false;
  for (const v1::ToothInjuryType loss :
       {v1::TOOTH_INJURY_TYPE_ENAMEL_FRACTURE, v1::TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE,
        v1::TOOTH_INJURY_TYPE_COMPLICATED_CROWN_FRACTURE}) {
    if (Has(tooth, loss)) return true;
  }
  return Has(tooth, v1::TOOTH_INJURY_TYPE_AVULSION) &&
         tooth.medium() == v1::STORAGE_MEDIUM_UNSPECIFIED;
}

const v1::ToothInjury* FindTooth(const v1::DentalCase& dental_case, absl::string_view tooth) {
  for (const v1::ToothInjury& one : dental_case.injury().teeth()) {
    if (one.tooth() == tooth) return &one;
  }
  return nullptr;
}

const v1::ToothCare& CareOf(const v1::DentalCase& dental_case, absl::string_view tooth) {
  for (const v1::ToothCare& care : dental_case.care()) {
    if (care.tooth() == tooth) return care;
  }
  return v1::ToothCare::default_instance();
}

v1::ToothCare& MutableCareOf(const std::string& tooth, v1::DentalCase& dental_case) {
  for (v1::ToothCare& care : *dental_case.mutable_care()) {
    if (care.tooth() == tooth) return care;
  }
  v1::ToothCare& care = *dental_case.add_care();
  care.set_tooth(tooth);
  return care;
}

bool IsKept(const v1::DentalCase& dental_case, const v1::ToothInjury& tooth) {
  const bool primary = DentitionOf(tooth.tooth()) == v1::DENTITION_PRIMARY;
  if (primary && Has(tooth, v1::TOOTH_INJURY_TYPE_AVULSION)) return false;
  return !dental_case.has_care_end() &&
         CareOf(dental_case, tooth.tooth()).ending() == v1::TOOTH_ENDING_UNSPECIFIED;
}

bool IsSplinted(const v1::ToothCare& care) {
  return care.has_splinted_time() && !care.has_splint_removed_time() &&
         care.ending() == v1::TOOTH_ENDING_UNSPECIFIED;
}

}  // namespace waymark::dental
