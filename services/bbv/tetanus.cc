#include "services/bbv/tetanus.h"

#include "common/civil/civil.h"
#include "services/bbv/significance.h"

namespace waymark::bbv {

v1::TetanusAction DeriveTetanus(const v1::Exposure& exposure, absl::CivilDay incident_date,
                                const TetanusLimits& limits) {
  if (!IsWound(exposure.route())) return v1::TETANUS_ACTION_UNSPECIFIED;
  const bool high_risk = exposure.tetanus_high_risk() == v1::ANSWER_YES;
  const bool prone = high_risk || exposure.tetanus_prone() == v1::ANSWER_YES;
  if (exposure.tetanus_priming() != v1::TETANUS_PRIMING_COMPLETE) {
    return prone ? v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN : v1::TETANUS_ACTION_DOSE;
  }
  if (exposure.has_last_tetanus_date()) {
    const auto& last = exposure.last_tetanus_date();
    const absl::CivilDay until =
        civil::AddMonths(absl::CivilDay(last.year(), last.month(), last.day()),
                         static_cast<int>(limits.booster_after_years * 12));
    if (incident_date <= until) return v1::TETANUS_ACTION_NONE_NEEDED;
  }
  if (high_risk) return v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN;
  return prone ? v1::TETANUS_ACTION_DOSE : v1::TETANUS_ACTION_NONE_NEEDED;
}

int TetanusImmunoglobulinIu(v1::TetanusAction action, const v1::Exposure& exposure,
                            absl::Time incident, absl::Time given, const TetanusLimits& limits) {
  if (action != v1::TETANUS_ACTION_DOSE_AND_IMMUNOGLOBULIN) return 0;
  const bool late = given - incident > limits.late_after_hours * absl::Hours(1);
  return static_cast<int>(late || exposure.tetanus_high_risk() == v1::ANSWER_YES
                              ? limits.immunoglobulin_late_iu
                              : limits.immunoglobulin_iu);
}

}  // namespace waymark::bbv
