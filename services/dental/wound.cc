#include "services/dental/wound.h"

#include <algorithm>

#include "common/civil/civil.h"
#include "services/dental/teeth.h"

namespace waymark::dental {
namespace {

bool IsBiteOfPatient(const v1::BloodExposure& exposure) {
  return exposure.kind() == v1::BLOOD_EXPOSURE_KIND_WAS_BITTEN ||
         exposure.kind() == v1::BLOOD_EXPOSURE_KIND_FIGHT_BITE;
}

}  // namespace

bool WasBittenOpen(const v1::BloodExposure& exposure) {
  return IsBiteOfPatient(exposure) && exposure.skin_broken() != v1::ANSWER_NO;
}

bool IsWound(const v1::DentalInjury& injury) {
  return injury.laceration() == v1::ANSWER_YES || WasBittenOpen(injury.blood_exposure()) ||
         std::any_of(injury.teeth().begin(), injury.teeth().end(),
                     [](const v1::ToothInjury& tooth) {
                       return Has(tooth, v1::TOOTH_INJURY_TYPE_AVULSION);
                     });
}

v1::TetanusAction DeriveTetanus(const v1::DentalInjury& injury, absl::CivilDay incident_date,
                                double booster_after_years) {
  if (!IsWound(injury)) return v1::TETANUS_ACTION_UNSPECIFIED;
  const bool high_risk = injury.tetanus_high_risk() == v1::ANSWER_YES;
  const bool prone = high_risk || injury.tetanus_prone() == v1::ANSWER_YES;
  if (injury.tetanus_priming() != v1::TETANUS_PRIMING_COMPLETE) {
    return prone ? v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN : v1::TETANUS_ACTION_DOSE;
  }
  if (injury.has_last_tetanus_date()) {
    const auto& last = injury.last_tetanus_date();
    const absl::CivilDay until =
        civil::AddMonths(absl::CivilDay(last.year(), last.month(), last.day()),
                         static_cast<int>(booster_after_years * 12));
    if (incident_date <= until) return v1::TETANUS_ACTION_NONE_NEEDED;
  }
  if (high_risk) return v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN;
  return prone ? v1::TETANUS_ACTION_DOSE : v1::TETANUS_ACTION_NONE_NEEDED;
}

v1::AntibioticAdvice DeriveAntibiotics(const v1::DentalCase& dental_case) {
  const v1::DentalInjury& injury = dental_case.injury();
  for (const v1::ToothInjury& tooth : injury.teeth()) {
    if (IsReplantable(tooth) && IsKept(dental_case, tooth)) return v1::ANTIBIOTIC_ADVICE_GIVE;
  }
  const v1::BloodExposure& exposure = injury.blood_exposure();
  if (!IsBiteOfPatient(exposure)) return v1::ANTIBIOTIC_ADVICE_UNSPECIFIED;
  if (!WasBittenOpen(exposure)) return v1::ANTIBIOTIC_ADVICE_NONE;
  return exposure.drew_blood() == v1::ANSWER_YES ? v1::ANTIBIOTIC_ADVICE_OFFER
                                                 : v1::ANTIBIOTIC_ADVICE_CONSIDER;
}

}  // namespace waymark::dental
