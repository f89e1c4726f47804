#include "services/bbv/hepatitis_b_prophylaxis.h"

#include "common/civil/civil.h"

namespace waymark::bbv {
namespace {

enum class Column { kSourcePositive, kSourceUnknown, kSourceNegative, kContinuingRisk, kNoRisk };

Column ColumnOf(v1::Significance significance, v1::SourceVirus source, bool continuing_risk) {
  if (significance != v1::SIGNIFICANCE_SIGNIFICANT) {
    return continuing_risk ? Column::kContinuingRisk : Column::kNoRisk;
  }
  if (source == v1::SOURCE_VIRUS_POSITIVE) return Column::kSourcePositive;
  if (source == v1::SOURCE_VIRUS_NEGATIVE) return Column::kSourceNegative;
  return Column::kSourceUnknown;
}

// A last dose whose date nobody knows counts as long ago.
bool LastDoseIsOld(const v1::HepBStatus& status, absl::CivilDay incident_date, double months) {
  if (!status.has_last_dose_date()) return true;
  const auto& date = status.last_dose_date();
  return civil::AddMonths(absl::CivilDay(date.year(), date.month(), date.day()),
                          static_cast<int>(months)) <= incident_date;
}

}  // namespace

v1::HepBVaccination EffectiveVaccination(const v1::HepBStatus& status,
                                         const HepatitisBLimits& limits) {
  switch (status.vaccination()) {
    case v1::HEP_B_VACCINATION_FULL:
      return status.has_anti_hbs_miu_per_ml() &&
                     status.anti_hbs_miu_per_ml() < limits.non_responder_below
                 ? v1::HEP_B_VACCINATION_NON_RESPONDER
                 : v1::HEP_B_VACCINATION_FULL;
    case v1::HEP_B_VACCINATION_PARTIAL:
    case v1::HEP_B_VACCINATION_NON_RESPONDER:
      return status.vaccination();
    default:
      return v1::HEP_B_VACCINATION_UNVACCINATED;
  }
}

bool IsProtectedFromHepatitisB(const v1::HepBStatus& status, const HepatitisBLimits& limits) {
  return status.vaccination() == v1::HEP_B_VACCINATION_FULL && status.has_anti_hbs_miu_per_ml() &&
         status.anti_hbs_miu_per_ml() >= limits.protected_from;
}

HepatitisBAdvice AdviseHepatitisB(const v1::HepBStatus& status, v1::Significance significance,
                                  v1::SourceVirus source, bool continuing_risk,
                                  absl::CivilDay incident_date, const HepatitisBLimits& limits) {
  const Column column = ColumnOf(significance, source, continuing_risk);
  if (column == Column::kNoRisk) return {};
  switch (EffectiveVaccination(status, limits)) {
    case v1::HEP_B_VACCINATION_PARTIAL:
      return {column == Column::kSourcePositive || column == Column::kSourceUnknown
                  ? v1::VACCINE_ADVICE_ONE_DOSE_AND_FINISH
                  : v1::VACCINE_ADVICE_COMPLETE_COURSE,
              v1::IMMUNOGLOBULIN_ADVICE_NONE};
    case v1::HEP_B_VACCINATION_FULL:
      if (!LastDoseIsOld(status, incident_date, limits.booster_after_months)) return {};
      if (column == Column::kSourcePositive) {
        return {v1::VACCINE_ADVICE_BOOSTER, v1::IMMUNOGLOBULIN_ADVICE_NONE};
      }
      if (column == Column::kSourceUnknown) {
        return {v1::VACCINE_ADVICE_CONSIDER_BOOSTER, v1::IMMUNOGLOBULIN_ADVICE_NONE};
      }
      return {};
    case v1::HEP_B_VACCINATION_NON_RESPONDER:
      if (column == Column::kSourcePositive) {
        return {v1::VACCINE_ADVICE_BOOSTER, v1::IMMUNOGLOBULIN_ADVICE_TWO_DOSES};
      }
      if (column == Column::kSourceUnknown) {
        return {v1::VACCINE_ADVICE_CONSIDER_BOOSTER, v1::IMMUNOGLOBULIN_ADVICE_TWO_DOSES};
      }
      return {v1::VACCINE_ADVICE_CONSIDER_BOOSTER, v1::IMMUNOGLOBULIN_ADVICE_NONE};
    default:
      switch (column) {
        case Column::kSourcePositive:
          return {v1::VACCINE_ADVICE_ACCELERATED_COURSE, v1::IMMUNOGLOBULIN_ADVICE_ONE_DOSE};
        case Column::kSourceUnknown:
          return {v1::VACCINE_ADVICE_ACCELERATED_COURSE, v1::IMMUNOGLOBULIN_ADVICE_NONE};
        case Column::kSourceNegative:
          return {v1::VACCINE_ADVICE_CONSIDER_COURSE, v1::IMMUNOGLOBULIN_ADVICE_NONE};
        default:
          return {v1::VACCINE_ADVICE_START_COURSE, v1::IMMUNOGLOBULIN_ADVICE_NONE};
      }
  }
}

}  // namespace waymark::bbv
