#include "services/bbv/significance.h"

namespace waymark::bbv {

bool IsPercutaneous(v1::Route route) {
  switch (route) {
    case v1::ROUTE_NEEDLESTICK:
    case v1::ROUTE_OTHER_SHARP:
    case v1::ROUTE_BITE_SKIN_BROKEN:
    case v1::ROUTE_SCRATCH_SKIN_BROKEN:
      return true;
    default:
      return false;
  }
}

bool IsWound(v1::Route route) {
  return IsPercutaneous(route) || route == v1::ROUTE_NON_INTACT_SKIN;
}

bool IsHighRiskRoute(v1::Route route) {
  return IsWound(route) || route == v1::ROUTE_EYE || route == v1::ROUTE_MOUTH ||
         route == v1::ROUTE_NOSE;
}

bool IsBite(v1::Route route) {
  return route == v1::ROUTE_BITE_SKIN_BROKEN || route == v1::ROUTE_BITE_SKIN_INTACT;
}

bool IsHighRiskFluid(const v1::Exposure& exposure) {
  if (exposure.fluid() == v1::FLUID_NONE) return false;
  if (exposure.visible_blood() == v1::ANSWER_YES) return true;
  if (exposure.route() == v1::ROUTE_BITE_SKIN_BROKEN && exposure.drew_blood() == v1::ANSWER_YES) {
    return true;
  }
  switch (exposure.fluid()) {
    case v1::FLUID_BLOOD:
    case v1::FLUID_CEREBROSPINAL:
    case v1::FLUID_PLEURAL:
    case v1::FLUID_PERITONEAL:
    case v1::FLUID_PERICARDIAL:
    case v1::FLUID_SYNOVIAL:
    case v1::FLUID_AMNIOTIC:
    case v1::FLUID_BREAST_MILK:
    case v1::FLUID_SEMEN:
    case v1::FLUID_VAGINAL_SECRETION:
    // EAGA 2008, not read.
    case v1::FLUID_UNFIXED_TISSUE:
    case v1::FLUID_BURN_OR_LESION_EXUDATE:
    case v1::FLUID_SALIVA_IN_DENTISTRY:
    // Local policy.
    case v1::FLUID_UNKNOWN:
      return true;
    default:
      return false;
  }
}

v1::Significance DeriveSignificance(const v1::Exposure& exposure) {
  return IsHighRiskRoute(exposure.route()) && IsHighRiskFluid(exposure)
             ? v1::SIGNIFICANCE_SIGNIFICANT
             : v1::SIGNIFICANCE_NOT_SIGNIFICANT;
}

}  // namespace waymark::bbv
